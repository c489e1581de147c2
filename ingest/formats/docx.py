"""Word files (.docx): paragraphs, tables, text boxes and content controls in their order, as Word shows them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import CELL, Extracted, Look, Paragraph
from ingest.formats.clean import clean_text
from ingest.formats.looks import Face, Print, with_looks
from ingest.formats.word_numbering import Numbering, W, picture, value

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats the Choice beside it
_MARKS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_LEFT_OUT = (f"{W}moveFrom", f"{W}rt")  # text that has been moved away, and the reading printed above a character
_HEADING = re.compile(r"^(?:heading|标题) ?\d$|^(?:title|subtitle|标题|副标题)$", re.IGNORECASE)
_TITLE = re.compile(r"^(?:title|标题)$", re.IGNORECASE)
_BODY_LEVEL = 9  # outline level of body text
_OFF = ("0", "false", "off")
_CHARACTER = 320  # twentieths of a point: a character of 16 points, the usual size of an office's text
_LINE = 240  # twentieths of a point
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
    paragraphs = with_looks(reader.paragraphs(body))
    if not paragraphs:
        raise Unreadable("Word 文件里没有文字（可能只有图片）")
    return Extracted(paragraphs, reader.title)


class _Reader:
    """Reads paragraphs, with what they need from the rest of the file: its styles, and the current numbers of its lists."""

    def __init__(self, part: Any) -> None:
        numbering = [other.target_part.element for other in part.rels.values() if other.reltype.endswith("/numbering")]
        self.numbering = Numbering(numbering[0] if numbering else None)
        self.styles = {style.get(f"{W}styleId"): style for style in part.styles.element.iter(f"{W}style")}
        defaults = part.styles.element.find(f"{W}docDefaults/{W}rPrDefault")
        self.defaults = [] if defaults is None else [defaults]
        self.title = ""
        self.begun = False

    def paragraphs(self, container: Any) -> Iterator[tuple[Paragraph, Print]]:
        """Yield the paragraphs and table rows below an element, and how they are printed; text boxes follow their paragraph."""
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

    def _row(self, row: Any) -> Iterator[tuple[Paragraph, Print]]:
        """Yield a table row; a row with one filled cell or with a table inside is a frame, and yields its paragraphs."""
        cells = [cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row and not _goes_on(cell)]
        texts = [list(self.paragraphs(cell)) for cell in cells]
        if sum(bool(text) for text in texts) < 2 or any(cell.find(f"{W}tbl") is not None for cell in cells):
            for text in texts:
                yield from text
        else:
            whole = CELL.join(" ".join(paragraph.text for paragraph, _ in text) for text in texts)  # a space parts paragraphs
            yield Paragraph(whole.rstrip(" |").strip(), form="row"), Print()

    def _paragraph(self, element: Any) -> Iterator[tuple[Paragraph, Print]]:
        styles = list(self._styles(element))
        mark = self._mark(element, styles)
        text = _own_text(element)
        if not text.strip():
            return
        first, self.begun = not self.begun, True
        whole = clean_text(mark + "".join(text.splitlines()))
        printed = self._print(element, styles, mark)
        if (printed.place.level or _is_bold(element)) and len(whole) <= _LONGEST_HEADING and "。" not in whole:
            if first and any(_TITLE.match(value(style, "name")) for style in styles[:1]):
                self.title = whole
            yield Paragraph(whole, form="heading"), printed
        else:
            yield from ((Paragraph(clean), printed) for line in (mark + text).splitlines() if (clean := clean_text(line)))

    def _print(self, element: Any, styles: list[Any], mark: str) -> Print:
        runs = [run for run in element.iter(f"{W}r") if next(run.iterancestors(f"{W}p")) is element]
        faces = [(text, self._face(run, styles)) for run in runs if (text := _own_text(run, element).strip())]
        if faces and mark:
            faces[0] = mark + faces[0][0], faces[0][1]
        alignment = _property(element, styles, "jc")
        indent = _number(_property(element, styles, "ind", "firstLineChars")) / 100
        indent = indent or _number(_property(element, styles, "ind", "firstLine")) / _CHARACTER
        place = Look(
            centred=alignment == "center", right=alignment in ("right", "end"), indent=round(indent, 1),
            space=_number(_property(element, styles, "spacing", "before")) / _LINE,
            level=_level(element, styles), listed=bool(mark),
            ruled=any(holder.find(f"{W}pPr/{W}pBdr") is not None for holder in (element, *styles)),
        )  # fmt: skip
        return Print(tuple(faces), place)

    def _face(self, run: Any, styles: list[Any]) -> Face:
        holders = [found for holder in (run, *styles, *self.defaults) if (found := holder.find(f"{W}rPr")) is not None]

        def first(name: str, attribute: str = "val") -> str | None:
            found = (holder.find(f"{W}{name}") for holder in holders)
            return next(
                (value or "" for one in found if one is not None and ((value := one.get(f"{W}{attribute}")) or name == "b")),
                None,
            )

        bold = first("b")
        return Face(
            _number(first("sz")) / 2,
            first("rFonts", "eastAsia") or "",
            bold is not None and bold not in _OFF,
            first("color") or "",
        )

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


def _level(paragraph: Any, styles: list[Any]) -> int:
    """Return the level of a heading, 1 the highest; 0 for running text."""
    for holder in (paragraph, *styles):
        properties = holder.find(f"{W}pPr")
        level = "" if properties is None else value(properties, "outlineLvl")
        if level:
            return int(level) + 1 if int(level) < _BODY_LEVEL else 0
        if _HEADING.match(name := value(holder, "name")):
            return int(name[-1]) if name[-1].isdigit() else 1
    return 0


def _property(paragraph: Any, styles: list[Any], name: str, attribute: str = "val") -> str:
    """Return an attribute of a paragraph's property; its own takes precedence over that of its styles."""
    found = (holder.find(f"{W}pPr/{W}{name}") for holder in (paragraph, *styles))
    return next((stated for one in found if one is not None and (stated := one.get(f"{W}{attribute}"))), "")


def _number(text: str | None) -> float:
    return float(text) if text and text.lstrip("-").replace(".", "", 1).isdigit() else 0.0


def _is_bold(paragraph: Any) -> bool:
    """Tell whether all of a paragraph is set in bold by hand, as offices do with headings."""
    runs = [run for run in paragraph.iter(f"{W}r") if "".join(text.text or "" for text in run.iter(f"{W}t")).strip()]
    marks = [run.find(f"{W}rPr/{W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(f"{W}val") not in _OFF for mark in marks)


def _own_text(container: Any, paragraph: Any = None) -> str:
    """Return the text in a paragraph, or in one of its runs, without that of its text boxes."""
    paragraph = container if paragraph is None else paragraph
    pieces: list[str] = []
    for element in container.iter(f"{W}t", f"{W}sym", *_MARKS):
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
