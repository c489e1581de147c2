"""Make the index mirror a folder: read what is new or changed, encode what has no vector yet, drop what is gone."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from index.catalog import Catalog
from index.encoder import Encoder
from index.lookup import document_of
from index.stored import Stamp
from index.writer import Watch, Writer, silent
from ingest import READING
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
    """Make the catalog mirror the files below `folder`; raise Busy if another process is writing.

    A file that cannot be read is skipped with its reason; what was indexed of it before stays.
    """
    report = Report()
    files = list(walk(folder, report.skipped))
    with catalog.writing():
        catalog.remember("folder", str(folder.resolve()))
        writer = Writer(catalog, encoder, len(files), watch)
        known = catalog.stamps()
        same_reading = catalog.state("reading") == str(READING)
        for path, file in files:
            writer.watch_file(file)
            _take(path, file, known.get(file), same_reading, writer, report)
        writer.flush()
        _drop(known.keys() - {file for _, file in files}, catalog, report)
        writer.finish()
        if not any(skipped.file in known for skipped in report.skipped):  # else that file is to be tried again
            catalog.remember("reading", str(READING))
    counts = catalog.counts()
    report.items, report.passages = counts["items"], counts["passages"]
    return report


def _take(path: Path, file: str, known: Stamp | None, same_reading: bool, writer: Writer, report: Report) -> None:
    """Read one file if it is new or changed, and hand it to the writer."""
    try:
        stamp = _stamp(path, known)
        unchanged = known is not None and stamp.sha256 == known.sha256
        document = None if unchanged and same_reading else read_document(path, file)
    except (Unreadable, OSError) as error:
        reason = str(error) if isinstance(error, Unreadable) else f"打不开：{error.strerror or error}"
        report.skipped.append(Skipped(file, reason + ("（仍可查到上次读入的内容）" if known else "")))
        return
    if document is None or (unchanged and document == document_of(writer.catalog, document.id)):
        report.unchanged += 1
        if stamp != known:
            writer.catalog.touch(file, stamp)
        return
    report.changed += known is not None
    report.added += known is None
    report.warnings += [{"file": file, "message": message} for message in document.warnings]
    writer.put(document, stamp)


def _drop(gone: set[str], catalog: Catalog, report: Report) -> None:
    """Take out the files that are no longer there; those of a folder or file that could not be read stay."""
    unread = tuple(skipped.file for skipped in report.skipped)
    for file in gone:
        if file not in unread and not file.startswith(tuple(name for name in unread if name.endswith("/"))):
            catalog.remove(file)
            report.removed += 1


def _stamp(path: Path, known: Stamp | None) -> Stamp:
    status = path.stat()
    if known and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return known
    with path.open("rb") as stream:
        return Stamp(status.st_size, status.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest())
