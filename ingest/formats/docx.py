"""Word files (.docx): paragraphs, tables, text boxes and content controls in their order, as Word shows them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted, Paragraph
from ingest.formats.clean import clean_text
from ingest.formats.reading_order import table_row
from ingest.formats.word_numbering import Numbering, W, picture, value

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats the Choice beside it
_MARKS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_LEFT_OUT = (f"{W}moveFrom", f"{W}rt")  # text that has been moved away, and the reading printed above a character
_HEADING = re.compile(r"^(?:heading|标题) ?\d$|^(?:title|subtitle|标题|副标题)$", re.IGNORECASE)
_TITLE = re.compile(r"^(?:title|标题)$", re.IGNORECASE)
_BODY_LEVEL = 9  # outline level of body text
_LONGEST_HEADING = 60  # characters; some documents give whole paragraphs an outline level


def read_docx(path: Path) -> Extracted:
    """Read a Word file; raise Unreadable if it is damaged, encrypted or empty."""
    from docx import Document as open_docx

    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    if not zipfile.is_zipfile(path):
        raise Unreadable("内容不是 .docx（可能是加密的或旧版 .doc）：请用 Word/WPS 打开后另存为 .docx")
    try:
        word = open_docx(str(path))
        body, reader = word.element.body, _Reader(word.part)
    except Exception as error:  # python-docx, zipfile, zlib and lxml each raise their own error for a damaged file
        raise Unreadable(f"Word 文件已损坏，读不出来（{type(error).__name__}）") from error
    paragraphs = tuple(reader.paragraphs(body))
    if not paragraphs:
        raise Unreadable("Word 文件里没有文字（可能只有图片）")
    return Extracted(paragraphs, reader.title)


class _Reader:
    """Reads paragraphs, with what they need from the rest of the file: its styles, and the current numbers of its lists."""

    def __init__(self, part: Any) -> None:
        numbering = [other.target_part.element for other in part.rels.values() if other.reltype.endswith("/numbering")]
        self.numbering = Numbering(numbering[0] if numbering else None)
        self.styles = {style.get(f"{W}styleId"): style for style in part.styles.element.iter(f"{W}style")}
        self.title = ""
        self.begun = False

    def paragraphs(self, container: Any) -> Iterator[Paragraph]:
        """Yield the paragraphs and table rows below an element; a paragraph's text boxes follow it."""
        for child in container:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
                for box in child.iter(f"{W}txbxContent"):
                    if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                        yield from self.paragraphs(box)
            elif child.tag == f"{W}tr":
                yield from self._row(child)
            elif child.tag != f"{W}sectPr":
                yield from self.paragraphs(child)

    def _row(self, row: Any) -> Iterator[Paragraph]:
        """Yield a table row; a row with one filled cell or with a table inside is a frame, and yields its paragraphs."""
        cells = [cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row and not _goes_on(cell)]
        texts = [list(self.paragraphs(cell)) for cell in cells]
        if sum(bool(text) for text in texts) < 2 or any(cell.find(f"{W}tbl") is not None for cell in cells):
            for text in texts:
                yield from text
        else:
            yield from table_row(" ".join(paragraph.text for paragraph in text) for text in texts)

    def _paragraph(self, element: Any) -> Iterator[Paragraph]:
        styles = list(self._styles(element))
        mark = self._mark(element, styles)
        text = _own_text(element)
        if not text.strip():
            return
        first, self.begun = not self.begun, True
        whole = clean_text(mark + "".join(text.splitlines()))
        if (_is_heading(element, styles) or _is_bold(element)) and len(whole) <= _LONGEST_HEADING and "。" not in whole:
            if first and any(_TITLE.match(value(style, "name")) for style in styles[:1]):
                self.title = whole
            yield Paragraph(whole, form="heading")
        else:
            yield from (Paragraph(clean) for line in (mark + text).splitlines() if (clean := clean_text(line)))

    def _styles(self, paragraph: Any) -> Iterator[Any]:
        """Yield a paragraph's style, the style that it is based on, and so on."""
        properties = paragraph.find(f"{W}pPr")
        name = "" if properties is None else value(properties, "pStyle")
        seen: set[str] = set()
        while name in self.styles and name not in seen:
            seen.add(name)
            yield self.styles[name]
            name = value(self.styles[name], "basedOn")

    def _mark(self, paragraph: Any, styles: list[Any]) -> str:
        """Return a paragraph's number or bullet; its own numbering takes precedence over that of its styles."""
        number = level = ""
        for holder in (paragraph, *styles):
            found = holder.find(f"{W}pPr/{W}numPr")
            if found is not None:
                level = level or value(found, "ilvl")
                number = value(found, "numId")
                if number and not level and holder is not paragraph:
                    level = str(self.numbering.level_of_style(number, holder.get(f"{W}styleId")))
            if number:
                break
        return self.numbering.mark(number, int(level or 0)) if number else ""


def _is_heading(paragraph: Any, styles: list[Any]) -> bool:
    for holder in (paragraph, *styles):
        properties = holder.find(f"{W}pPr")
        level = "" if properties is None else value(properties, "outlineLvl")
        if level:
            return int(level) < _BODY_LEVEL
        if _HEADING.match(value(holder, "name")):
            return True
    return False


def _is_bold(paragraph: Any) -> bool:
    """Tell whether all of a paragraph is set in bold by hand, as offices do with headings."""
    runs = [run for run in paragraph.iter(f"{W}r") if "".join(text.text or "" for text in run.iter(f"{W}t")).strip()]
    marks = [run.find(f"{W}rPr/{W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(f"{W}val") not in ("0", "false", "off") for mark in marks)


def _own_text(paragraph: Any) -> str:
    pieces: list[str] = []
    for element in paragraph.iter(f"{W}t", f"{W}sym", *_MARKS):
        if next(element.iterancestors(f"{W}p", *_LEFT_OUT)) is paragraph:
            pieces.append(_MARKS.get(element.tag) or _symbol(element) or element.text or "")
    return "".join(pieces)


def _symbol(element: Any) -> str:
    code = element.get(f"{W}char")
    return picture(chr(int(code, 16)), (element.get(f"{W}font") or "").lower()) if code else ""


def _goes_on(cell: Any) -> bool:
    """Tell whether a cell only continues the one on its left, as old files write merged cells."""
    merged = cell.find(f"{W}tcPr/{W}hMerge")
    return merged is not None and merged.get(f"{W}val") != "restart"
