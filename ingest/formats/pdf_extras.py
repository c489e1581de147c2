"""What a PDF holds beside its pages' text, read with pypdf: values of form fields, notes in free text, attached files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.formats.attached import unread_attachments
from ingest.formats.clean import clean_text
from ingest.formats.pdf_objects import Area

_FIELDS = ("/Tx", "/Ch")  # text and choices


@dataclass(frozen=True, slots=True)
class Extra:
    """A text that stands on a page without being part of it, where, and whether it was filled into a form."""

    text: str
    area: Area
    filled: bool


@dataclass(frozen=True, slots=True)
class Extras:
    """The extras of each page, counted from 0, and what is not read."""

    pages: dict[int, list[Extra]]
    warnings: tuple[str, ...] = ()


def extras_of(path: Path) -> Extras:
    """Return what a PDF holds beside its text; what is damaged is told."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(path)
        pages = {number: found for number, page in enumerate(reader.pages) if (found := list(_on_page(page)))}
        names = sorted(reader.attachments)
    except (PyPdfError, DependencyError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Extras({}, (f"表单、批注和附件读不出来（{type(error).__name__}）",))
    return Extras(pages, unread_attachments(names))


def _on_page(page: Any) -> Iterator[Extra]:
    for reference in page.get("/Annots") or ():
        note = reference.get_object()
        filled = note.get("/Subtype") == "/Widget" and _inherited(note, "/FT") in _FIELDS
        value = _inherited(note, "/V") if filled else note.get("/Contents") if note.get("/Subtype") == "/FreeText" else None
        values = value if isinstance(value, list) else [value]
        text = clean_text(" ".join(" ".join(str(one).split()) for one in values if one is not None))
        if text:
            left, bottom, right, top = (float(edge) for edge in note.get("/Rect") or (0, 0, 0, 0))
            yield Extra(text, (min(left, right), min(bottom, top), max(left, right), max(bottom, top)), filled)


def _inherited(note: Any, name: str) -> Any:
    """Return a property of a field, or of the field of which it is part."""
    for _ in range(8):
        if note is None:
            return None
        if name in note:
            return note[name]
        note = note["/Parent"].get_object() if "/Parent" in note else None
    return None
