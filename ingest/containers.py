"""Files that hold several documents: archives, mails with attachments, tables and lists of records."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.access.words import label
from ingest.budget import Budget
from ingest.document import CLOSED, Document, Marked, Skipped
from ingest.errors import NotNow, Spent, Unreadable
from ingest.extracted import Extracted
from ingest.formats.archive import unpack
from ingest.formats.kinds import kind_of
from ingest.formats.mail import attachments, read_mail
from ingest.formats.marks import marks_of, stated_in_file, stated_in_paragraphs
from ingest.formats.outlook import msg_attachments, read_msg
from ingest.formats.records import begins_records, read_records
from ingest.read import check_size, read_document, reasons, structure, within

ARCHIVE = ".zip"
MAILS: dict[str, tuple[Callable[[Path], Extracted], Callable[[Path, Path], Iterator[tuple[str, Path]]]]] = {
    ".eml": (read_mail, attachments),
    ".msg": (read_msg, msg_attachments),
}
RECORDS = {".csv", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xlsb", ".xls", ".et"}
Part = Document | Skipped | Marked


def read_file(path: Path, file: str, budget: Budget | None = None) -> Iterator[Part]:
    """Yield the documents of a file, and a Skipped for each member that cannot be read; raise Unreadable if the file cannot.

    A Marked tells which access groups parts state that become no documents. A member of an archive or mail is named
    `file/member`, a record `file#name`. Beyond the budget, the rest is skipped, and as nobody knows what it states, the file
    is closed.
    """
    found = False
    try:
        for one in _read(path, file, budget or Budget(), 0):
            found = True
            yield one
    except Spent as error:
        if not found:
            raise
        yield Marked(file, CLOSED)
        yield Skipped(file, f"{error}（其余的没有读）")


def _read(path: Path, file: str, budget: Budget, depth: int) -> Iterator[Part]:
    """Read a file with `depth` containers around it."""
    with reasons():
        kind = kind_of(path)
    if kind in RECORDS:
        yield from _records(path, kind, file, budget)
    elif kind in MAILS:
        yield from _mail(path, kind, file, budget, depth)
    elif kind == ARCHIVE:
        yield from _members(path, kind, file, budget, depth)
    else:
        yield read_document(path, file, budget)


def _records(path: Path, kind: str, file: str, budget: Budget) -> Iterator[Part]:
    with reasons():
        check_size(path, budget)
        marks = marks_of(path, kind, begins_records)
        if marks.all:
            yield Marked(file, label(marks.all))
        for record in read_records(path, kind, marks):
            name = f"{file}#{record.name}"
            try:
                result: Document | Skipped = structure(record.extracted, name)
            except Unreadable as error:
                result = Skipped(name, str(error))
            yield result
            budget.page()


def _mail(path: Path, kind: str, file: str, budget: Budget, depth: int) -> Iterator[Part]:
    with reasons():
        check_size(path, budget)
        body = MAILS[kind][0](path)
        groups = stated_in_file(path, kind) | stated_in_paragraphs(body.paragraphs)
        if groups:
            yield Marked(file, label(groups))
        if body.paragraphs:
            yield structure(replace(body, groups=groups), file)
    found = bool(body.paragraphs)
    for member in _members(path, kind, file, budget, depth):
        found = True
        if isinstance(member, Skipped):  # the mail holds it and is handed out whole
            yield Marked(file, CLOSED)
        yield within(member, groups) if isinstance(member, Document) else member
    if not found:
        raise Unreadable("邮件没有正文，也没有附件")


def _members(path: Path, kind: str, file: str, budget: Budget, depth: int) -> Iterator[Part]:
    if depth >= budget.levels:
        raise Unreadable(f"压缩包套了 {depth} 层以上：请解压后放进文件夹")
    with (
        reasons(),
        TemporaryDirectory(prefix="jianbao-") as folder,
        closing(_unpacked(path, kind, Path(folder), budget)) as members,
    ):
        for member in members:
            budget.member()
            if isinstance(member, Skipped):
                yield Skipped(f"{file}/{member.file}", member.reason)
                continue
            name, unpacked = member
            try:
                yield from _read(unpacked, f"{file}/{name}", budget, depth + 1)
            except Spent:
                raise
            except Unreadable as error:
                yield Skipped(f"{file}/{name}", str(error), isinstance(error, NotNow))


def _unpacked(path: Path, kind: str, folder: Path, budget: Budget) -> Generator[tuple[str, Path] | Skipped, None, None]:
    if kind not in MAILS:
        yield from unpack(path, folder, budget)
        return
    for name, attached in MAILS[kind][1](path, folder):
        budget.unpacked(attached.stat().st_size)
        yield name, attached


@contextmanager
def opened_original(path: Path, member: str, budget: Budget | None = None) -> Iterator[Path | None]:
    """Yield a path from which a member of an archive or mail can be read, None if there is no such member.

    `member` is the rest of a document's name after the file's name: "/…" is a member, "" or "#…" is the file itself.
    """
    if not member.startswith("/"):
        yield path
        return
    budget = budget or Budget()
    with (
        TemporaryDirectory(prefix="jianbao-") as folder,
        closing(_unpacked(path, kind_of(path), Path(folder), budget)) as members,
    ):
        for entry in members:
            if not isinstance(entry, Skipped) and (member[1:] + "/").startswith(entry[0] + "/"):
                with opened_original(entry[1], member[1 + len(entry[0]) :], budget) as inner:
                    yield inner
                return
            if not isinstance(entry, Skipped) and member[1:].startswith(entry[0] + "#"):
                yield entry[1]
                return
        yield None
