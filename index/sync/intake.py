"""What a sync does with each file: unchanged, read again, a copy of another, or skipped with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from index.store.corrections import as_read
from index.store.documents import MOST_UNSURE, ORIGINAL_CLOSED, document_of, unsure_form
from index.store.groups import PUBLIC
from index.store.records import Stamp
from index.sync.corrections import beside, corrected_form
from index.sync.writer import Writer
from ingest import READING
from ingest.access.words import label, parts
from ingest.document import CLOSED, UNSURE, Document, Marked, Skipped
from ingest.workers import News, PageRead

MOST_FAILURES = 3  # readings of the same content in which the worker hung or died; a file that does so would hold up every sync


@dataclass(slots=True)
class SyncReport:
    """What a sync did; counts of files, and of the items and passages now indexed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    items: int = 0
    passages: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    unsure: list[dict[str, Any]] = field(default_factory=list)  # documents read whose items to look at, least sure first

    def as_json(self) -> dict[str, Any]:
        """Return the public form."""
        skipped = [{"file": each.file, "reason": each.reason} for each in self.skipped]
        return {**asdict(self), "skipped": skipped}


class Intake:
    """One running sync: which files have to be read, and what the reader found in them."""

    def __init__(
        self,
        files: dict[str, Path],
        known: dict[str, Stamp],
        writer: Writer,
        report: SyncReport,
        group_of: Callable[[str], str],
    ) -> None:
        self._files, self._known, self._group_of = files, known, group_of
        self._writer, self._report = writer, report
        self._stamps: dict[str, Stamp] = {}
        self._first: dict[tuple[str, str], str] = {}  # content and access group → the file that represents it
        self._copies: dict[str, str] = {}  # file → the file of which it is a copy
        self._written: set[str] = set()  # files with a document that differs from the stored one
        self._failed: dict[str, str] = {}  # file → reason
        self._stated: dict[str, str] = {}  # file → access groups that any part of it states, as a label
        self.again: set[str] = set()  # files to read again: they or a member of them could not be read this time

    def to_read(self) -> Iterator[tuple[Path, str]]:
        """Yield the files to read; skip those that are unchanged, copies of others, or cannot be opened."""
        for file in self._files:
            known = self._known.get(file)
            if known and not known.same_as and (stamp := self._stamped(file)) and stamp.sha256 == known.sha256:
                self._first.setdefault((stamp.sha256, self._group_of(file)), file)
        for file, path in self._files.items():
            stamp = self._stamped(file)
            if stamp is None:
                continue
            if (first := self._first.setdefault((stamp.sha256, self._group_of(file)), file)) != file:
                self._copies[file] = first
            elif self._is_unchanged(file, stamp):
                self._pass_over(file, stamp)
            else:
                yield path, file

    def take(self, file: str, news: News) -> None:
        """Process one report on a file: a page read, a part skipped, a document, or the end of the file."""
        if isinstance(news, PageRead):
            self._writer.count(pages=1)
        elif isinstance(news, Skipped):
            self._report.skipped.append(news)
            if news.again:
                self.again.add(file)
        elif isinstance(news, Marked):
            self._mark(file, news.groups)
        elif isinstance(news, Document):
            self._mark(file, news.group)
            self._take_document(file, news)
        elif news.reason:
            self._fail(file, news.reason, news.again, news.failed)
        else:
            stamp = replace(self._stamps[file], stated=self._stated.get(file) or PUBLIC)
            part = file in self.again  # a member is to be read again, so the file does not count as read
            self._end(file, replace(stamp, reading=0) if part else stamp)

    def _mark(self, file: str, groups: str) -> None:
        """Note that a part of a file states these access groups."""
        if CLOSED in parts(groups) - parts(self._stated.get(file, "")):
            self._report.warnings.append({"file": file, "message": ORIGINAL_CLOSED})
        self._stated[file] = label(parts(self._stated.get(file, "")) | parts(groups))

    def _take_document(self, file: str, read: Document) -> None:
        catalog = self._writer.catalog
        document = corrected_form(catalog, read)
        self._report.warnings += [{"file": read.file, "message": message} for message in document.warnings]
        if document.certainty < UNSURE:
            unsure = [*self._report.unsure, unsure_form(document)]
            self._report.unsure = sorted(unsure, key=lambda one: float(one["certainty"]))[:MOST_UNSURE]
        if document_of(catalog, read.id) == document and (as_read(catalog, read.id) or document) == read:
            self._writer.keep(read.id, file)
        else:
            self._written.add(file)
            self._writer.put(document, file, beside(document, read))

    def settle_copies(self) -> None:
        """Store which files are copies of others; a copy of a file that cannot be read cannot be read either."""
        for file, first in self._copies.items():
            stated = self._stated[first] if first in self._stated else self._known[first].stated if first in self._known else ""
            stamp = replace(self._stamps[file], same_as=first, stated=stated or PUBLIC)
            if first in self._failed:
                self._fail(file, self._failed[first], again=first in self.again)
            elif self._known.get(file) == stamp:
                self._pass_over(file, stamp)
            else:
                self._end(file, stamp)

    def _is_unchanged(self, file: str, stamp: Stamp) -> bool:
        known = self._known.get(file)
        return known is not None and not known.same_as and (known.sha256, known.reading) == (stamp.sha256, READING)

    def _pass_over(self, file: str, stamp: Stamp) -> None:
        known = self._known[file]
        if known.reason:
            self._failed[file] = known.reason
            self._report.skipped.append(Skipped(file, known.reason))
        else:
            self._report.unchanged += 1
        now = replace(stamp, same_as=known.same_as, reason=known.reason, stated=known.stated)
        if now != known:
            self._writer.catalog.stamp(file, now)
        self._writer.count(files=1)

    def _fail(self, file: str, reason: str, again: bool, failed: bool = False) -> None:
        """Report a file as skipped and, unless it is to be tried again, store why; its earlier documents stay.

        `failed`: its worker hung or died. From the third time on such a file waits until it changes.
        """
        self._failed[file] = reason
        kept = "（仍可查到上次读入的内容）" if self._writer.catalog.documents_of(file) else ""
        stated = label(parts(self._stated.get(file, "")) | {CLOSED}) if kept else self._stated.get(file) or PUBLIC
        self._report.skipped.append(Skipped(file, reason + kept))
        if again:
            self.again.add(file)
        stamp = self._stamped(file) if failed or not again else None
        if stamp:
            times = self._failures(file, stamp) + 1 if failed else MOST_FAILURES
            reading = READING if times >= MOST_FAILURES else -times
            failure = replace(stamp, reading=reading, same_as="", reason=reason + kept, stated=stated)
            self._writer.catalog.stamp(file, failure)
        self._writer.count(files=1)

    def _failures(self, file: str, stamp: Stamp) -> int:
        """Return how many times reading this content has failed: the stamp of such a file has their number, negative."""
        known = self._known.get(file)
        return max(0, -known.reading) if known and known.sha256 == stamp.sha256 else 0

    def _end(self, file: str, stamp: Stamp) -> None:
        fewer = self._writer.close(file, stamp)
        known = self._known.get(file)
        if known is None or (known.reason and not fewer and file in self._written):
            self._report.added += 1
        elif file in self._written or fewer or stamp.same_as != known.same_as:
            self._report.changed += 1
        else:
            self._report.unchanged += 1
        self._writer.count(files=1)

    def _stamped(self, file: str) -> Stamp | None:
        """Return the stamp of a file as it is now; None if it cannot be opened, which is reported."""
        if file not in self._stamps and file not in self._failed:
            try:
                self._stamps[file] = stamp_of(self._files[file], self._known.get(file))
            except OSError as error:
                self._fail(file, f"打不开：{error.strerror or error}", again=True)
        return self._stamps.get(file)


def stamp_of(path: Path, known: Stamp | None) -> Stamp:
    """Return the stamp of a file; its content is read only if size or time differ from the known ones."""
    status = path.stat()
    if known and known.sha256 and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return Stamp(known.size, known.mtime_ns, known.sha256, READING)
    with path.open("rb") as stream:
        return Stamp(status.st_size, status.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest(), READING)
