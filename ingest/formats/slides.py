"""PowerPoint files (.pptx): each slide with its title, texts and tables from top to bottom, and the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted, Paragraph
from ingest.formats.clean import clean_text
from ingest.formats.tables import Cell, table_row, table_rows


def read_slides(path: Path) -> Extracted:
    """Read a presentation, a slide a page; raise Unreadable if it is damaged, encrypted or without text."""
    from pptx import Presentation

    try:
        slides = Presentation(str(path)).slides
        paragraphs = tuple(_numbered(slides))
        pictures = sum(shape.shape_type is not None and hasattr(shape, "image") for slide in slides for shape in slide.shapes)
    except Exception as error:  # python-pptx, zipfile and lxml each raise their own error for a damaged file
        raise Unreadable(f"PPT 文件已损坏或已加密，读不出来（{type(error).__name__}）") from error
    if not paragraphs:
        raise Unreadable("PPT 文件里没有文字（可能只有图片）")
    return Extracted(paragraphs, warnings=(f"有 {pictures} 张图片没有读",) if pictures else ())


def _numbered(slides: Any) -> Iterator[Paragraph]:
    for number, slide in enumerate(slides, 1):
        title = slide.shapes.title
        if title is not None and (text := clean_text(" ".join(title.text_frame.text.split()))):
            yield Paragraph(text, number, form="heading")
        shapes = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
        for text, row in _texts(sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))):
            yield Paragraph(text, number, form="row" if row else "")
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            for line in slide.notes_slide.notes_text_frame.text.splitlines():
                if text := clean_text(line):
                    yield Paragraph(f"备注：{text}", number)


def _texts(shapes: Any) -> Iterator[tuple[str, bool]]:
    """Yield the lines of shapes, also of groups, and whether each is a row of a table."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _texts(shape.shapes)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                yield from ((text, False) for line in paragraph.text.splitlines() if (text := clean_text(line)))
        elif getattr(shape, "has_table", False):
            rows = ([_cell(cell) for cell in row.cells if not cell.is_spanned] for row in shape.table.rows)
            yield from ((one.text, True) for _, cells in table_rows(rows) for one in table_row(cells))


def _cell(cell: Any) -> Cell:
    rows, columns = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
    return Cell(" ".join(cell.text.split()), rows, columns)
