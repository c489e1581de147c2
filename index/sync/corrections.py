"""Corrections made and undone: the document is made anew from what was read and written at once, with the correction."""

from __future__ import annotations

from dataclasses import replace

from index.models.encoder import Encoder
from index.progress import silent
from index.store.catalog import Beside, Catalog, nothing
from index.store.corrections import active, add, as_read, corrections_of, keep_as_read, mark_undone
from index.store.documents import document_of, file_of
from index.store.handle import WritableConnection
from index.sync.writer import Writer
from ingest.corrections import Correction, corrected
from ingest.document import Document

_NAMED = 20  # characters of a line by which a warning names it


def corrected_form(catalog: Catalog, read: Document) -> Document:
    """Return a document, as it was just read, with the corrections that count; a warning names those without a place."""
    return _corrected(read, active(corrections_of(catalog, read.id)))


def beside(document: Document, read: Document) -> Beside:
    """Return what has to be written with a document: if corrections have changed it, what was read."""
    return nothing if document == read else lambda db: keep_as_read(db, read)


def correct(catalog: Catalog, encoder: Encoder, document_id: str, correction: Correction, who: str) -> bool:
    """Correct a document; return False if that would change nothing, or there is no such document. Raises Busy."""
    with catalog.writing():
        corrections = [*active(corrections_of(catalog, document_id)), correction]
        return _rewrite(catalog, encoder, document_id, corrections, lambda db: add(db, document_id, correction, who))


def undo(catalog: Catalog, encoder: Encoder, document_id: str, number: int, who: str) -> bool:
    """Undo a correction; return False if the document has none of this number that counts. Raises Busy."""
    with catalog.writing():
        stored = corrections_of(catalog, document_id)
        if not any(one.number == number and not one.undone_when for one in stored):
            return False
        left = active([one for one in stored if one.number != number])
        return _rewrite(catalog, encoder, document_id, left, lambda db: mark_undone(db, number, who), also_same=True)


def _rewrite(
    catalog: Catalog,
    encoder: Encoder,
    document_id: str,
    corrections: list[Correction],
    write: Beside,
    also_same: bool = False,
) -> bool:
    """Store a document with these corrections, and what `write` writes; return False if there is none or it stays the same."""
    stored = document_of(catalog, document_id)
    if stored is None:
        return False
    read = as_read(catalog, document_id) or stored
    document = _corrected(read, corrections)
    if document == stored and not also_same:
        return False

    def together(db: WritableConnection) -> None:
        beside(document, read)(db)
        write(db)

    writer = Writer(catalog, encoder, 0, silent)
    writer.put(document, file_of(catalog, document_id)[1], together)
    writer.flush()
    return True


def _corrected(read: Document, corrections: list[Correction]) -> Document:
    document, missing = corrected(read, corrections)
    if not missing:
        return document
    where = "；".join(f"{one.anchor.words[:_NAMED]}…" for one in missing)
    return replace(document, warnings=(*document.warnings, f"有 {len(missing)} 处更正找不到原来的位置：{where}"))
