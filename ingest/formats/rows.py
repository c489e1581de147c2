"""Rows of tables, the same in every format: cells parted by a mark that a reader can split at again."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.extracted import Paragraph
from ingest.formats.clean import clean_text
from ingest.formats.reading_order import CELL


def table_row(cells: Iterable[str]) -> list[Paragraph]:
    """Return a row as one paragraph, empty cells kept but for the last ones; nothing where all are empty."""
    text = CELL.join(clean_text(" ".join(cell.split())) for cell in cells).rstrip(" |").strip()
    return [Paragraph(text, form="row")] if text else []
