"""Views on disk: a folder for each state that was saved, never changed, exchanged as a whole.

`views/<lineage>-<change>/` holds the files of both views and `manifest.json`, which names them with their sizes and checksums.
A folder is made under another name, flushed to disk and renamed, so there is none that is half written.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

VERSION = 1
FOLDER = "views"
_MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished"
_STRETCH = 2**20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved state of the views: of which catalog, at which change, with which model's vectors."""

    folder: Path
    lineage: str
    change: int
    model: str


def newest(data: Path) -> Snapshot | None:
    """Return the newest saved views of this version in a data folder, unread: `damage` tells whether they are whole."""
    found = [snapshot for folder in _folders(data) if (snapshot := _read(folder))]
    return max(found, key=lambda snapshot: snapshot.folder.stat().st_mtime_ns, default=None)


def damage(snapshot: Snapshot) -> str:
    """Return which file of a snapshot is not as it was written, "" if all are."""
    try:
        files = json.loads((snapshot.folder / _MANIFEST).read_text())["files"]
        return next((name for name, mark in files.items() if _mark(snapshot.folder / name) != mark), "")
    except (OSError, ValueError, KeyError):
        return _MANIFEST


def publish(data: Path, lineage: str, change: int, model: str, write: Callable[[Path], None]) -> Snapshot:
    """Save views: `write` fills a folder, which then takes the place of all older ones. The caller holds the writer's lock."""
    parent = data / FOLDER
    unfinished, folder = parent / _UNFINISHED, parent / f"{lineage}-{change}"
    shutil.rmtree(unfinished, ignore_errors=True)  # of a writer that was killed
    try:
        unfinished.mkdir(parents=True)
        write(unfinished)
        paths = sorted(path for path in unfinished.rglob("*") if path.is_file())
        files = {path.relative_to(unfinished).as_posix(): _mark(path) for path in paths}
        state = {"version": VERSION, "lineage": lineage, "change": change, "model": model, "files": files}
        (unfinished / _MANIFEST).write_text(json.dumps(state))
        for path in [*paths, unfinished / _MANIFEST, *{path.parent for path in paths}, unfinished]:
            flush(path)
        shutil.rmtree(folder, ignore_errors=True)  # damaged, else it would not be written again
        unfinished.rename(folder)
        flush(parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    for old in _folders(data):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return Snapshot(folder, lineage, change, model)


def flush(path: Path) -> None:
    """Have a file or the names in a folder written to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders(data: Path) -> list[Path]:
    parent = data / FOLDER
    return [path for path in parent.iterdir() if not path.name.startswith(".")] if parent.is_dir() else []


def _read(folder: Path) -> Snapshot | None:
    try:
        state = json.loads((folder / _MANIFEST).read_text())
        if state["version"] == VERSION:
            return Snapshot(folder, str(state["lineage"]), int(state["change"]), str(state["model"]))
    except (OSError, ValueError, KeyError):
        pass
    return None


def _mark(path: Path) -> list[int]:
    """Return the size and the CRC-32 of a file."""
    mark = size = 0
    with path.open("rb") as stream:
        while some := stream.read(_STRETCH):
            mark, size = zlib.crc32(some, mark), size + len(some)
    return [size, mark]
