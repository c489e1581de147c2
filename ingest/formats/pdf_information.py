"""What a PDF says of itself: its title and day, and its bookmarks, which are headings of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.extracted import Extracted, Paragraph
from ingest.formats.information import day_of, usable_title

_LONGEST_HEADING = 60  # characters
_MOST_HEADINGS = 0.5  # share of the paragraphs; bookmarks at more of them mark no headings
_MOST_BOOKMARKS = 5000


def with_information(extracted: Extracted, pdf: Any, path: Path) -> Extracted:
    """Return what was read with the title and the day that the file states, and the paragraphs at bookmarks as headings."""
    title, day = usable_title(pdf.get_metadata_value("Title")), day_of(pdf.get_metadata_value("CreationDate"))
    if not (title and day):
        title, day = (one or other for one, other in zip((title, day), _xmp(path), strict=True))
    return replace(extracted, file_title=title, file_date=day, paragraphs=tuple(_marked(extracted.paragraphs, pdf)))


def _xmp(path: Path) -> tuple[str, str]:
    """Return the title and the day in the metadata that newer files have beside or instead of their information."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    if b"xmpmeta" not in path.read_bytes():
        return "", ""
    try:
        stated = PdfReader(path).xmp_metadata
        titles = (stated.dc_title or {}).values() if stated else ()
        made = stated.xmp_create_date if stated else None
    except (PyPdfError, DependencyError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return "", ""  # only asked where the file's information says nothing either
    return next((title for text in titles if (title := usable_title(str(text)))), ""), made.date().isoformat() if made else ""


def _marked(paragraphs: Sequence[Paragraph], pdf: Any) -> list[Paragraph]:
    """Return the paragraphs, as headings those that a bookmark names."""
    from pypdfium2 import PdfiumError

    marks: set[str] = set()
    try:
        for number, mark in enumerate(pdf.get_toc(max_depth=8)):
            if number >= _MOST_BOOKMARKS:
                break
            marks.add(_bare(mark.get_title()))
    except PdfiumError:
        return list(paragraphs)
    named = [0 < len(one.text) <= _LONGEST_HEADING and not one.form and _bare(one.text) in marks for one in paragraphs]
    if sum(named) > len(paragraphs) * _MOST_HEADINGS:
        return list(paragraphs)
    return [replace(one, form="heading") if named[row] else one for row, one in enumerate(paragraphs)]


def _bare(text: str) -> str:
    return "".join(text.split())
