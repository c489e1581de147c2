"""Corrections in the catalog: what people said of a document, who and when, and the document as it was read before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from index.store.catalog import Catalog
from index.store.connections import placeholders
from index.store.handle import WritableConnection
from index.store.records import CORRECTED, checksum, dump_as_read, load_as_read
from ingest.corrections import Anchor, Correction
from ingest.document import Document


@dataclass(frozen=True, slots=True)
class Stored:
    """A correction with its number, who made it and who undid it, and when (local time): "" while it counts."""

    number: int
    correction: Correction
    made_by: str
    made_when: str
    undone_by: str
    undone_when: str


def corrections_of(catalog: Catalog, document_id: str) -> list[Stored]:
    """Return all corrections of a document, also those undone, in the order they were made."""
    with catalog.connect() as db:
        rows = db.execute(
            f"SELECT number, {CORRECTED} FROM corrections WHERE document_id = ? ORDER BY number", [document_id]
        ).fetchall()
    return [
        Stored(number, Correction(kind, Anchor(words, before), value), *by)
        for number, _, kind, words, before, value, *by in rows
    ]


def as_read(catalog: Catalog, document_id: str) -> Document | None:
    """Return a corrected document as it was read, None if it has no corrections or is not there."""
    with catalog.connect() as db:
        row = db.execute(
            "SELECT file, text, a.record, a.checksum FROM as_read a JOIN documents d ON d.id = document_id WHERE d.id = ?",
            [document_id],
        ).fetchone()
    return load_as_read(*row) if row else None


def keep_as_read(db: WritableConnection, document: Document) -> None:
    """Store a document as it was read, beside its corrected form; within the caller's transaction."""
    record = dump_as_read(document)
    db.execute("INSERT INTO as_read VALUES (?, ?, ?)", [document.id, record, checksum(record)])


def add(db: WritableConnection, document_id: str, correction: Correction, who: str) -> None:
    """Store a correction; within the caller's transaction."""
    at = correction.anchor
    stated = [document_id, correction.kind, at.words, at.before, correction.value, who, _now(), "", ""]
    row = [*stated, checksum(*map(str, stated))]
    db.execute(f"INSERT INTO corrections ({CORRECTED}, checksum) VALUES ({placeholders(row)})", row)


def mark_undone(db: WritableConnection, number: int, who: str) -> None:
    """Store that a correction has been undone; within the caller's transaction."""
    row = db.execute(f"SELECT {CORRECTED} FROM corrections WHERE number = ?", [number]).fetchone()
    undone = [*row[:-2], who, _now()]
    db.execute(
        "UPDATE corrections SET undone_by = ?, undone_when = ?, checksum = ? WHERE number = ?",
        [*undone[-2:], checksum(*map(str, undone)), number],
    )


def active(stored: Sequence[Stored]) -> list[Correction]:
    """Return the corrections that count."""
    return [one.correction for one in stored if not one.undone_when]


def _now() -> str:
    return datetime.now().isoformat(" ", "minutes")
