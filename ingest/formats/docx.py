"""Word files (.docx): paragraphs, tables, text boxes, notes and pictures in their order, as Word prints them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted, Look, Paragraph
from ingest.formats.clean import clean_text
from ingest.formats.looks import Face, Print, with_looks
from ingest.formats.pictures import Pictures
from ingest.formats.plaintext import decode, to_paragraphs
from ingest.formats.tables import Cell, table_row, table_rows
from ingest.formats.webpage import whole_page_of
from ingest.formats.word_numbering import Numbering, W, picture, value
from ingest.formats.word_package import Package
from ingest.formats.word_pictures import text_of_pictures

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats the Choice beside it
_MARKS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_LEFT_OUT = (f"{W}moveFrom", f"{W}rt")  # text that has been moved away, and the reading printed above a character
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_UNPRINTED = ("vanish", "strike", "dstrike")  # properties of hidden and of struck out text
_SUPERSCRIPT = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_MASTHEAD = re.compile(r"第\s*\d+\s*期|〔\d{4}〕")  # in a header that is no mere running head
_COLOPHON = re.compile(r"抄送|主送|印发|编辑[:：]|责编|[报送][:：]")  # in such a footer
_HEADING = re.compile(r"^(?:heading|标题) ?\d$|^(?:title|subtitle|标题|副标题)$", re.IGNORECASE)
_TITLE = re.compile(r"^(?:title|标题)$", re.IGNORECASE)
_BODY_LEVEL = 9  # outline level of body text
_OFF = ("0", "false", "off")
_CHARACTER = 320  # twentieths of a point: a character of 16 points, the usual size of an office's text
_LINE = 240  # twentieths of a point
_LONGEST_HEADING = 60  # characters; some documents give whole paragraphs an outline level


def read_docx(path: Path, beat: Callable[[], None] = lambda: None) -> Extracted:
    """Read a Word file; raise Unreadable if it is damaged, encrypted or empty. `beat` is called after each picture."""
    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    if not zipfile.is_zipfile(path):
        raise Unreadable("内容不是 .docx（可能是加密的或旧版 .doc）：请用 Word/WPS 打开后另存为 .docx")
    try:
        package = Package(path)
        reader = _Reader(package, beat)
        body = package.document.find(f"{W}body")
    except Exception as error:  # zipfile, zlib and lxml each raise their own error for a damaged file
        raise Unreadable(f"Word 文件已损坏，读不出来（{type(error).__name__}）") from error
    paragraphs = with_looks([] if body is None else reader.document(body))
    if not paragraphs:
        raise Unreadable("Word 文件里没有文字（可能只有图片）")
    return Extracted(paragraphs, reader.title, warnings=reader.pictures.warnings())


class _Reader:
    """Reads paragraphs, with what they need from the rest of the file: its styles, notes, and the current numbers of lists."""

    def __init__(self, package: Package, beat: Callable[[], None]) -> None:
        self.package, self._beat = package, beat
        self.pictures = Pictures(beat)
        self.numbering = Numbering(package.related("numbering"))
        styles = package.related("styles")
        self.styles = {} if styles is None else {style.get(f"{W}styleId"): style for style in styles.iter(f"{W}style")}
        defaults = None if styles is None else styles.find(f"{W}docDefaults/{W}rPrDefault")
        self.defaults = [] if defaults is None else [defaults]
        self.notes = {
            (kind, note.get(f"{W}id")): note
            for kind in _NOTES.values()
            if (root := package.related(kind)) is not None
            for note in root
        }
        self.noted = 0
        self.title = ""
        self.begun = False

    def document(self, body: Any) -> Iterator[tuple[Paragraph, Print]]:
        """Yield the paragraphs of a document, with a masthead that stands in its header and a colophon in its footer."""
        _join_deleted(body)
        yield from self._margin(body, "header", _MASTHEAD)
        yield from self.paragraphs(body)
        yield from self._margin(body, "footer", _COLOPHON)

    def paragraphs(self, container: Any) -> Iterator[tuple[Paragraph, Print]]:
        """Yield the paragraphs and table rows below an element, and how they are printed; text boxes follow their paragraph."""
        for child in container:
            if child.tag == f"{W}p":
                notes = self._notes_of(child)
                yield from self._paragraph(child, iter(notes))
                for box in child.iter(f"{W}txbxContent"):
                    if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                        yield from self.paragraphs(box)
                yield from ((one, Print()) for one in text_of_pictures(child, self.package.target, self.pictures))
                for mark, note in notes:
                    yield from self._note(mark, note)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag == f"{W}altChunk":
                yield from self._chunk(self.package.target(child.get(f"{_R}id")) or b"")
            elif child.tag not in (f"{W}sectPr", _FALLBACK) and not _is_placeholder(child):
                yield from self.paragraphs(child)

    def _margin(self, body: Any, kind: str, wanted: re.Pattern[str]) -> Iterator[tuple[Paragraph, Print]]:
        """Yield the text of the first section's header or footer if it is more than a running line."""
        sections = body.iter(f"{W}sectPr")
        references = [one for section in sections for one in section.iter(f"{W}{kind}Reference")]
        for reference in sorted(references, key=lambda one: one.get(f"{W}type") != "first"):
            part = self.package.part(reference.get(f"{_R}id"))
            lines = [] if part is None else list(self.paragraphs(part))
            if wanted.search("".join(paragraph.text for paragraph, _ in lines)):
                yield from lines
                return

    def _table(self, table: Any) -> Iterator[tuple[Paragraph, Print]]:
        """Yield a table's rows; one with a single filled cell or with a table inside is a frame, and yields its paragraphs."""
        rows = [row for row in table.iter(f"{W}tr") if next(row.iterancestors(f"{W}tbl")) is table]
        rows = [row for row in rows if row.find(f"{W}trPr/{W}del") is None]
        placed = [list(_placed_cells(row)) for row in rows]
        read: list[list[list[tuple[Paragraph, Print]]]] = []  # row → cell → its paragraphs
        grid: list[list[Cell]] = []
        for number, cells in enumerate(placed):
            read.append([list(self.paragraphs(cell)) for cell, *_ in cells])
            shown = [Cell("", columns=cells[0][1])] if cells and cells[0][1] else []
            for (_, column, span, merged), found in zip(cells, read[-1], strict=True):
                if merged != "continue":
                    below = _goes_on_below(placed[number + 1 :], column) if merged else 0
                    shown.append(Cell(" ".join(one.text for one, _ in found), 1 + below, span))
            grid.append(shown)
        for number, texts in table_rows(grid):
            inner = any(cell.find(f"{W}tbl") is not None for cell, *_ in placed[number])
            if inner or sum(map(bool, texts)) < 2:
                yield from (one for found in read[number] for one in found)
            else:
                yield from ((one, Print()) for one in table_row(texts))

    def _chunk(self, data: bytes) -> Iterator[tuple[Paragraph, Print]]:
        """Yield the text of another file that stands in this one: Word, a web page or plain text."""
        if data.startswith(b"PK"):
            inner = _Reader(Package(data), self._beat)
            body = inner.package.document.find(f"{W}body")
            yield from [] if body is None else inner.document(body)
        elif data:
            page = b"<" in data[:2000]
            yield from ((one, Print()) for one in (whole_page_of(data) if page else to_paragraphs(decode(data))))

    def _notes_of(self, paragraph: Any) -> list[tuple[str, Any]]:
        """Return the marks and the texts of the notes to which a paragraph refers."""
        found = []
        for reference in paragraph.iter(*_NOTES):
            note = self.notes.get((_NOTES[reference.tag], reference.get(f"{W}id")))
            if note is not None and next(reference.iterancestors(f"{W}p")) is paragraph:
                self.noted += 1
                found.append((str(self.noted).translate(_SUPERSCRIPT), note))
        return found

    def _note(self, mark: str, note: Any) -> Iterator[tuple[Paragraph, Print]]:
        for paragraph, _ in self.paragraphs(note):
            yield Paragraph(f"{mark}{paragraph.text}"), Print()
            mark = ""

    def _paragraph(self, element: Any, notes: Iterator[tuple[str, Any]]) -> Iterator[tuple[Paragraph, Print]]:
        styles = list(self._styles(element))
        mark = self._mark(element, styles)
        text = self._own_text(element, element, notes)
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
        faces = [(text, self._face(run, styles)) for run in runs if (text := self._own_text(run, element).strip())]
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

    def _own_text(self, container: Any, paragraph: Any, notes: Iterator[tuple[str, Any]] | None = None) -> str:
        """Return the printed text in a paragraph, or in one of its runs, without that of its text boxes."""
        pieces: list[str] = []
        for element in container.iter(f"{W}t", f"{W}sym", _MATH, *_MARKS, *_NOTES):
            if next(element.iterancestors(f"{W}p", *_LEFT_OUT)) is not paragraph or self._is_unprinted(element.getparent()):
                continue
            if element.tag in _NOTES:
                pieces.append(next(notes or iter(()), ("", None))[0])
            else:
                text = _MARKS.get(element.tag) or _symbol(element) or element.text or ""
                pieces.append(text.translate(_SUPERSCRIPT) if _is_raised(element.getparent(), text) else text)
        return "".join(pieces)

    def _is_unprinted(self, run: Any) -> bool:
        """Tell whether a run is hidden or struck out, by itself or by its style."""
        own = run.find(f"{W}rPr")
        style = None if own is None else self.styles.get(value(own, "rStyle"))
        holders = [own, None if style is None else style.find(f"{W}rPr")]
        return any(_is_on(holders, name) for name in _UNPRINTED)

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


def _is_on(holders: list[Any], name: str) -> bool:
    """Tell whether the first of some properties that states this one switches it on."""
    stated = (holder.find(f"{W}{name}") for holder in holders if holder is not None)
    first = next((one for one in stated if one is not None), None)
    return first is not None and first.get(f"{W}val") not in _OFF


def _is_raised(run: Any, text: str) -> bool:
    """Tell whether a run is set as an exponent or a note's mark, all of whose characters exist so."""
    raised = run.find(f"{W}rPr/{W}vertAlign")
    return raised is not None and raised.get(f"{W}val") == "superscript" and all(ord(letter) in _SUPERSCRIPT for letter in text)


def _is_placeholder(element: Any) -> bool:
    """Tell whether a content control still shows what should be written into it."""
    return element.tag == f"{W}sdt" and element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def _join_deleted(body: Any) -> None:
    """Put a paragraph whose end was deleted before the next one, as Word prints them."""
    for paragraph in list(body.iter(f"{W}p")):
        following = paragraph.getnext()
        if paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None and following is not None and following.tag == f"{W}p":
            properties = following.find(f"{W}pPr")
            at = 0 if properties is None else 1
            for child in reversed([child for child in paragraph if child.tag != f"{W}pPr"]):
                following.insert(at, child)
            paragraph.getparent().remove(paragraph)


def _symbol(element: Any) -> str:
    code = element.get(f"{W}char")
    return picture(chr(int(code, 16)), (element.get(f"{W}font") or "").lower(), "\ufffd") if code else ""


def _placed_cells(row: Any) -> Iterator[tuple[Any, int, int, str]]:
    """Yield the cells of a row: its first column, over how many it goes, and "restart", "continue" or "" for merged rows."""
    column = _whole(row, "gridBefore")
    cells = [cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row]
    found: list[tuple[Any, int, int, str]] = []
    for cell in cells:
        span = max(1, _whole(cell, "gridSpan"))
        across, down = cell.find(f"{W}tcPr/{W}hMerge"), cell.find(f"{W}tcPr/{W}vMerge")
        if found and across is not None and across.get(f"{W}val") != "restart":  # as old files write merged cells
            first, begins, columns, merged = found[-1]
            found[-1] = first, begins, columns + span, merged
        else:
            found.append((cell, column, span, "" if down is None else down.get(f"{W}val") or "continue"))
        column += span
    yield from found


def _whole(element: Any, name: str) -> int:
    """Return a whole number among the properties of a cell or a row, 0 if it is not stated."""
    found = element.find(f"{element.tag}Pr/{W}{name}")
    stated = "" if found is None else found.get(f"{W}val") or ""
    return min(int(stated), 1000) if stated.isascii() and stated.isdigit() else 0


def _goes_on_below(rows: list[list[tuple[Any, int, int, str]]], column: int) -> int:
    """Return in how many of the rows below a cell merged over rows goes on."""
    below = 0
    for cells in rows:
        if not any(first == column and merged == "continue" for _, first, _, merged in cells):
            break
        below += 1
    return below
