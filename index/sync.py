"""Make the index mirror a folder: read what is new or changed, encode what has no vector yet, drop what is gone."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.catalog import Catalog
from index.encoder import Encoder
from index.errors import Busy
from index.stored import Stamp
from index.writer import Watch, Writer, silent
from ingest.document import Skipped
from ingest.errors import Unreadable
from ingest.read import read_document, walk


@dataclass(slots=True)
class Report:
    """What a sync did; counts of files, and of the items and passages now indexed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    items: int = 0
    passages: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the public form."""
        return asdict(self)


def sync(folder: Path, catalog: Catalog, encoder: Encoder, watch: Watch = silent) -> Report:
    """Make the catalog mirror the files below `folder`; raise Busy if another process is doing so.

    A file that cannot be read is skipped with its reason; what was indexed of it before stays.
    """
    files = list(walk(folder))
    try:
        with FileLock(f"{catalog.path}.lock", timeout=0):
            return _sync(folder, files, Writer(catalog, encoder, len(files), watch))
    except Timeout as error:
        raise Busy("另一个进程正在同步这个数据文件夹，请等它结束后再试") from error


def _sync(folder: Path, files: list[tuple[Path, str]], writer: Writer) -> Report:
    report = Report()
    catalog = writer.catalog
    stamps = catalog.stamps()
    for path, file in files:
        writer.watch_file(file)
        known = stamps.get(file)
        try:
            stamp = _stamp(path, known)
            if known and stamp.sha256 == known.sha256:
                report.unchanged += 1
                if stamp != known:
                    catalog.touch(file, stamp)
                continue
            document = read_document(path, file)
        except (Unreadable, OSError) as error:
            reason = str(error) if isinstance(error, Unreadable) else f"打不开：{error.strerror or error}"
            report.skipped.append(Skipped(file, reason + ("（仍可查到上次读入的内容）" if known else "")))
            continue
        report.changed += known is not None
        report.added += known is None
        report.warnings += [{"file": file, "message": message} for message in document.warnings]
        writer.put(document, stamp)
    writer.flush()
    for file in stamps.keys() - {file for _, file in files}:
        catalog.remove(file)
        report.removed += 1
    writer.finish()
    catalog.remember("folder", str(folder.resolve()))
    counts = catalog.counts()
    report.items, report.passages = counts["items"], counts["passages"]
    return report


def _stamp(path: Path, known: Stamp | None) -> Stamp:
    status = path.stat()
    if known and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return known
    with path.open("rb") as stream:
        return Stamp(status.st_size, status.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest())
