"""Views on disk: a folder for each saved state, never changed, replaced as a whole.

`views/<lineage>-<change>-<time>/` contains the files of both views and `manifest.json`, which lists them with their sizes
and checksums. A folder is made under another name, flushed to disk and renamed, so none is ever half written.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.errors import Superseded
from index.store.layout import FOLDER

VERSION = 1
_MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished"
_STRETCH = 2**18  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved state of the views: of which catalog, at which change, with which model's vectors."""

    folder: Path
    lineage: str
    change: int
    model: str


def saved_views(data: Path, lineage: str, change: int) -> Snapshot | None:
    """Return the newest views saved up to a change of a lineage, None if there are none; damage is checked separately.

    Raises Superseded if there are only later ones.
    """
    snapshots = _of_lineage(data, lineage)
    usable = [saved for saved in snapshots if saved.change <= change]
    if snapshots and not usable:
        raise Superseded("存下的索引比正在读的状态新：请再试一次")
    return max(usable, key=lambda saved: (saved.change, saved.folder.name), default=None)


def last_saved(data: Path, lineage: str) -> int:
    """Return the last change of a lineage at which views were saved, 0 if there are none."""
    return max((saved.change for saved in _of_lineage(data, lineage)), default=0)


def damage(snapshot: Snapshot) -> str:
    """Return a file of a snapshot that is not as it was written, "" if there is none."""
    try:
        files = json.loads((snapshot.folder / _MANIFEST).read_text())["files"]
        return next((name for name, mark in files.items() if _mark(snapshot.folder / name) != mark), "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _MANIFEST


def publish(data: Path, lineage: str, change: int, model: str, write: Callable[[Path], None]) -> Snapshot:
    """Save views: `write` fills a folder, which then takes the place of all older ones. The caller holds the writer's lock."""
    parent = data / FOLDER
    unfinished, folder = parent / _UNFINISHED, parent / f"{lineage}-{change}-{time.time_ns()}"
    for left in parent.glob(".*"):  # left by a writer that was killed
        shutil.rmtree(left, ignore_errors=True)
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # the words of all documents
        unfinished.mkdir(mode=0o700)
        write(unfinished)
        paths = sorted(path for path in unfinished.rglob("*") if path.is_file())
        files = {path.relative_to(unfinished).as_posix(): _mark(path) for path in paths}
        state = {"version": VERSION, "lineage": lineage, "change": change, "model": model, "files": files}
        (unfinished / _MANIFEST).write_text(json.dumps(state))
        for path in [*paths, unfinished / _MANIFEST, *{path.parent for path in paths}, unfinished]:
            flush(path)
        unfinished.rename(folder)
        flush(parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    for old in _folders(data):
        if old != folder:
            old.rename(gone := old.with_name(f".{old.name}"))  # at once: a reader finds it whole or not at all
            shutil.rmtree(gone, ignore_errors=True)
    return Snapshot(folder, lineage, change, model)


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders(data: Path) -> list[Path]:
    parent = data / FOLDER
    return [path for path in parent.iterdir() if not path.name.startswith(".")] if parent.is_dir() else []


def _of_lineage(data: Path, lineage: str) -> list[Snapshot]:
    return [saved for folder in _folders(data) if (saved := _read(folder)) and saved.lineage == lineage]


def _read(folder: Path) -> Snapshot | None:
    try:
        state = json.loads((folder / _MANIFEST).read_text())
        if state["version"] == VERSION:
            return Snapshot(folder, str(state["lineage"]), int(state["change"]), str(state["model"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return None


def _mark(path: Path) -> list[int]:
    """Return the size and the CRC-32 of a file."""
    mark = size = 0
    stretch = memoryview(bytearray(_STRETCH))
    with path.open("rb", buffering=0) as stream:
        while read := stream.readinto(stretch):
            mark, size = zlib.crc32(stretch[:read], mark), size + read
    return [size, mark]
