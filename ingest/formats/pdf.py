"""Read PDF files with PDFium: the text layer of each page, or text recognition where the layer is missing or unusable."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import CELL, Extracted
from ingest.formats.clean import clean_text
from ingest.formats.looks import HAN, Face, Faces
from ingest.formats.page_text import Page, assemble
from ingest.formats.pdf_extras import Extra, extras_of
from ingest.formats.pdf_information import with_information
from ingest.formats.pdf_objects import Area, Drawn, drawn_on, share_of, whole_pictures
from ingest.formats.pdf_pictures import COVERING, recognised_page, with_pictures
from ingest.formats.pdf_turned import set_upright, turned_extra, turns_of
from ingest.formats.pictures import Pictures
from ingest.formats.reading_order import CELL_GAP, Box, PageLine, gutter, in_reading_order
from ingest.formats.ruled_tables import RuledTable, ruled_tables
from ingest.formats.tables import table_row
from ingest.formats.trust import agree, is_suspicious

_MIN_CHARACTERS = 20  # a page with fewer is a picture with, at most, a stamp or a page number on it
_MOST_RUBBISH = 0.3  # share of characters that no document is written in, from fonts without a map to Unicode
_RUBBISH = re.compile(r"[\ufffd-\uffff\ue000-\uf8ff\x01-\x08\x0e-\x1f\x80-\x9f]")
_LINE_STEP = 0.6  # character heights; text this much lower is the next line. PDFium appends indented lines to the one above
_FEW = 400  # characters; a scan with fewer has a typed stamp, head or watermark
_MORE = 1.5  # times the typed characters, from which the recognised text is the page's
_SPACE, _DELETE, _LATIN, _PRIVATE = 0x20, 0x7F, 0xA0, 0xE000  # between them nearly all characters have a meaning
_HYPHEN, _HYPHENATED = 2, "\ufffe"  # PDFium's characters for a hyphen at a line's end, one by one and in a text
_SYMBOLS = re.compile(r"wingding|webding|symbol|dingbat", re.IGNORECASE)  # fonts whose pictures have no meaning in Unicode
_GAPS = 2  # characters without a map within lines, from which text is missing
_SLANTED = math.radians(5)
_MOST_PIECES = 3000
_BESIDE, _RUN_TOGETHER = 12.0, 2  # points, and lines that go on so far on both sides of the gutter
_LONGEST_CELL = 600  # characters; a table with a longer cell is page layout
_CLEAR, _MOST_CROSSED = 2.0, 0.05  # points from a text's edges, and share of the texts in a table that rules may run through
_MISSED = 0.02  # share of the letters in a table that its cells may miss or hold twice
_EDGE, _ALIGNED = 3.0, 0.6  # points, and share of a column's lines that begin at its left edge
_RAGGED, _FEW_RAGGED = 0.8, 0.25  # text heights before the gutter at which a line ends, and share of the lines that do
_PIECE = 10  # characters that a piece of text is taken to have before it is read
_LONGEST_NAME = 128  # bytes of a font's name
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def read_pdf(path: Path, beat: Callable[[], None] = lambda: None) -> Extracted:
    """Read a PDF; raise Unreadable if it is damaged, encrypted or empty. `beat` is called after each page."""
    from pypdfium2 import PdfDocument, PdfiumError

    with path.open("rb") as stream:
        head = stream.read(1024)
    if not head:
        raise Unreadable("文件是空的")
    if b"%PDF-" not in head:
        raise Unreadable("内容不是 PDF，请检查文件或改正扩展名")
    try:
        pdf = PdfDocument(path)
    except PdfiumError as error:
        if error.err_code == _PASSWORD and b"/Encrypt" in path.read_bytes():  # PDFium may repeat an earlier file's error
            raise Unreadable("PDF 已加密，需要密码：请另存一份不加密的") from error
        raise Unreadable("PDF 已损坏，或一页也没有，打不开：请重新导出或重新复制") from error
    try:
        extras = _Lazy(path, pdf.count_attachments() > 0)
        pictures = Pictures(beat)
        pages = list(_pages(pdf, extras, pictures, beat))
        extracted = with_information(assemble(pages), pdf, path)
    except PdfiumError as error:
        raise Unreadable(f"PDF 已损坏，读不出来（{error}）") from error
    finally:
        pdf.close()
    if not any(page.lines for page in pages):
        raise Unreadable("PDF 里没有文字，图片里也没有认出文字")
    return replace(extracted, warnings=(*extracted.warnings, *pictures.warnings(), *extras.warnings()))


class _Lazy:
    """What a file holds beside its text, looked for once a page, or the file itself, has some."""

    def __init__(self, path: Path, attached: bool) -> None:
        self._path, self._found = path, extras_of(path) if attached else None

    def of(self, page: Any, number: int) -> Sequence[Extra]:
        """Return those of a page."""
        if self._found is None and _has_notes(page):
            self._found = extras_of(self._path)
        return self._found.pages.get(number, ()) if self._found else ()

    def warnings(self) -> tuple[str, ...]:
        """Return what is not read."""
        return self._found.warnings if self._found else ()


def _has_notes(page: Any) -> bool:
    """Tell whether a page has fields of a form or notes in free text; links and the like are none."""
    from pypdfium2 import raw

    wanted = (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT)
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        kind = raw.FPDFAnnot_GetSubtype(note)
        raw.FPDFPage_CloseAnnot(note)
        if kind in wanted:
            return True
    return False


def _pages(pdf: Any, extras: _Lazy, pictures: Pictures, beat: Callable[[], None]) -> Iterator[Page]:
    for number in range(len(pdf)):
        page = pdf[number]
        yield _page(page, extras.of(page, number), pictures)
        page.close()
        beat()


def _page(page: Any, extras: Sequence[Extra], pictures: Pictures) -> Page:
    """Return the lines of a page from its text, or those recognised in it if its text is missing or not to be trusted."""
    textpage = page.get_textpage()
    if turns := turns_of(textpage):
        textpage.close()
        matrix = set_upright(page, turns)
        extras = [turned_extra(extra, matrix) for extra in extras]
        textpage = page.get_textpage()
    drawn, size = drawn_on(page), page.get_size()
    lines = _text_lines(textpage, drawn)
    letters = sum(len(line.text) for line in lines)
    scanned = max((share_of(area, *size) for area in whole_pictures(drawn.pictures)), default=0.0) >= COVERING
    trusted = _is_usable(lines) and not _has_gaps(textpage) and not (scanned and drawn.hidden > drawn.shown)
    nothing = not letters and next(page.get_objects(max_depth=1), None) is None
    typed = [textpage.get_rect(number) for number in range(textpage.count_rects())] if trusted and drawn.pictures else []
    text = "".join(line.text for line in lines)
    lines = _with_extras(lines, extras, textpage)
    textpage.close()
    if nothing:
        return Page(tuple(lines))
    if trusted and is_suspicious(text):
        seen = recognised_page(page, ())
        if not agree(text, "".join(line.text for line in seen.lines)):
            return seen if seen.lines else Page(tuple(lines))
    if trusted and not (scanned and letters < _FEW):
        return with_pictures(page, lines, drawn.pictures, typed, pictures)
    recognised = recognised_page(page, typed)
    if not trusted:
        return recognised if recognised.lines else Page(tuple(lines))
    more = sum(len(line.text) for line in recognised.lines) > letters * _MORE
    return replace(recognised, lines=(*recognised.lines, *lines)) if more else Page(tuple(lines))


def _with_extras(lines: list[PageLine], extras: Sequence[Extra], textpage: Any) -> list[PageLine]:
    """Return the lines with the values of a form behind their labels, and with notes at the end."""
    for extra in extras:
        left, bottom, _, top = extra.area
        label = _text_in(textpage, (0, bottom - 1, left + 1, top + 1)) if extra.filled else ""
        row = next((row for row, line in enumerate(lines) if label and line.text.endswith(label)), None)
        if row is None:
            lines.append(PageLine(label + extra.text if extra.filled else f"批注：{extra.text}", left))
        else:
            lines[row] = replace(lines[row], text=lines[row].text + extra.text)
    return lines


def _is_usable(lines: list[PageLine]) -> bool:
    text = "".join(line.text for line in lines)
    return len(text) >= _MIN_CHARACTERS and len(_RUBBISH.findall(text)) <= len(text) * _MOST_RUBBISH


def _has_gaps(textpage: Any) -> bool:
    """Tell whether characters have no map to Unicode, or one to none; one at the beginning of a line is a bullet."""
    from pypdfium2 import raw

    gaps, before, handle = 0, 0, textpage.raw  # looked up once: this runs for each character
    unicode_of, lacks_map = raw.FPDFText_GetUnicode, raw.FPDFText_HasUnicodeMapError
    for index in range(textpage.count_chars()):
        code = unicode_of(handle, index)
        odd = code != _HYPHEN and (code < _SPACE or code >= _PRIVATE or _DELETE <= code < _LATIN)
        unknown = (odd and bool(_RUBBISH.match(chr(code)))) or lacks_map(handle, index) == 1
        if unknown and before > _SPACE and not _SYMBOLS.search(_face(textpage, index).font):
            gaps += 1
            if gaps >= _GAPS:
                return True
        before = _SPACE + 1 if unknown else code
    return False


def _text_lines(textpage: Any, drawn: Drawn) -> list[PageLine]:
    """Return the lines of the text layer as they were written, but tables by their rules, and columns if they ran together."""
    tables = list(ruled_tables(drawn, lambda area: _text_in(textpage, area))) if drawn.upright else []
    lines: list[PageLine] = []
    inside: list[list[PageLine]] = [[] for _ in tables]
    places: list[int] = []  # of each table among the lines
    position = 0
    for raw in textpage.get_text_range(errors="replace").replace(_HYPHENATED, "-").split("\r\n"):
        if raw.strip() and not _is_slanted(textpage, position + len(raw) - len(raw.lstrip())):
            for line, (x, y) in _lines(textpage, raw, position):
                within = next((number for number, table in enumerate(tables) if _is_in(table.area, x, y)), None)
                if within is None:
                    lines.append(line)
                else:
                    inside[within].append(line)
                    places += [] if len(inside[within]) > 1 else [within, len(lines)]
        position += len(raw) + 2
    for number, at in list(zip(places[::2], places[1::2], strict=True))[::-1]:
        fits = _holds_all(tables[number], inside[number]) and not _is_crossed(textpage, tables[number].area, drawn.level)
        lines[at:at] = _rows(tables[number]) if fits else inside[number]
    return _in_columns(textpage, lines) or lines if not tables else lines


def _holds_all(table: RuledTable, lines: Sequence[PageLine]) -> bool:
    """Tell whether the cells of a table hold each letter of the lines in it once: else its lines are those of a drawing."""
    cells = [cell for row in table.rows for cell in row]
    merged = sum(len(text) for text in _letters(line.text for line in lines))
    held = sum(len(text) for text in _letters(table.own))
    return max(map(len, cells)) <= _LONGEST_CELL and abs(held - merged) <= merged * _MISSED


def _is_crossed(textpage: Any, area: Area, rules: Sequence[Area]) -> bool:
    """Tell whether rules run through the text of a table: then they stand elsewhere than the page shows."""
    texts = [textpage.get_rect(number) for number in range(min(textpage.count_rects(), _MOST_PIECES))]
    inside = [text for text in texts if _is_in(area, (text[0] + text[2]) / 2, (text[1] + text[3]) / 2)]
    crossed = sum(
        any(line[0] < (left + right) / 2 < line[2] and bottom + _CLEAR < line[1] < top - _CLEAR for line in rules)
        for left, bottom, right, top in inside
    )
    return crossed > len(inside) * _MOST_CROSSED


def _letters(texts: Iterable[str]) -> Iterator[str]:
    return ("".join(text.replace(CELL, "").split()) for text in texts)


def _rows(table: RuledTable) -> Iterator[PageLine]:
    for row in table.rows:
        for paragraph in table_row(row):
            yield PageLine(paragraph.text, table.area[0], CELL in paragraph.text, table.area[2], y=table.area[1])


def _is_in(area: Area, x: float, y: float) -> bool:
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _text_in(textpage: Any, area: Area) -> str:
    """Return the text in an area in one line."""
    left, bottom, right, top = area
    found = textpage.get_text_bounded(left + 0.5, bottom + 0.5, right - 0.5, top - 0.5, errors="replace")
    lines = found.replace(_HYPHENATED, "-").splitlines()
    text = ""
    for line in lines:
        words_meet = text[-1:].isascii() and text[-1:].isalnum() and line[:1].isascii() and line[:1].isalnum()
        text += (" " if words_meet else "") + line.strip()
    return clean_text(text)


def _is_slanted(textpage: Any, index: int) -> bool:
    """Tell whether a character is turned, but not by a quarter: as those of a watermark are."""
    from pypdfium2 import raw

    quarter = math.pi / 2
    angle = float(raw.FPDFText_GetCharAngle(textpage, index))
    return abs((angle + quarter / 2) % quarter - quarter / 2) > _SLANTED


def _in_columns(textpage: Any, lines: Sequence[PageLine]) -> list[PageLine]:
    """Return the lines of a page in two columns if those of both ran together in its text layer, else []."""
    count = textpage.count_rects()
    if count < len(lines) + _RUN_TOGETHER:  # each line that runs on has a piece on both sides
        return []
    areas = [textpage.get_rect(number) for number in range(count)] if count <= _MOST_PIECES else []
    shapes = [Box(left, -top, right, -bottom, "字" * _PIECE) for left, bottom, right, top in areas if right - left > 1]
    x = gutter(shapes)
    if (
        x is None
        or not _parts_lines(x, shapes)
        or sum(line.left < x - _BESIDE and line.right > x + _BESIDE and not line.row for line in lines) < _RUN_TOGETHER
    ):
        return []
    boxes = []
    for left, bottom, right, top in areas:
        text = clean_text(textpage.get_text_bounded(left, bottom, right, top, errors="replace"))
        index = textpage.get_index((left + right) / 2, (bottom + top) / 2, right - left, top - bottom)
        if text and index is not None and not _is_slanted(textpage, index):
            boxes.append(Box(left, -top, right, -bottom, text, _face(textpage, index)))
    return in_reading_order(boxes) if gutter(boxes) is not None else []


def _parts_lines(x: float, shapes: Sequence[Box]) -> bool:
    """Tell whether a gutter parts two columns, and not the lines of one.

    To its right lines begin at one edge, to its left they end at many, some well before it.
    """
    right = [shape for shape in shapes if shape.left > x - _EDGE]
    aligned = max(
        (sum(abs(one.left - edge) <= _EDGE for one in right) for edge in {round(one.left) for one in right}), default=0
    )
    gaps = [
        (one.left - max(beside)) / max(1.0, one.bottom - one.top)
        for one in right
        if (beside := [other.right for other in shapes if other.right <= one.left + _EDGE and _is_beside(one, other)])
    ]
    ragged = sum(gap > _RAGGED for gap in gaps)
    return aligned >= len(right) * _ALIGNED and ragged >= max(_RUN_TOGETHER, len(gaps) * _FEW_RAGGED)


def _is_beside(one: Box, other: Box) -> bool:
    return other.top < (one.top + one.bottom) / 2 < other.bottom


def _lines(textpage: Any, raw: str, start: int) -> Iterator[tuple[PageLine, tuple[float, float]]]:
    """Yield the line that PDFium gives at offset `start`, or the lines that it ran together, and where each begins.

    Wide gaps become cell borders.
    """
    cells: list[str] = []
    first = begun = len(raw) - len(raw.lstrip())
    for gap in re.finditer(r"(?<=\S)[ \u3000]+(?=\S)", raw):
        _, bottom, right, top = _box(textpage, start + gap.start() - 1)
        left, next_bottom, _, _ = _box(textpage, start + gap.end())
        height = max(top - bottom, 1)
        apart = left - right > CELL_GAP * height and not _is_spread(raw, gap)
        below = abs(next_bottom - bottom) > _LINE_STEP * height
        if apart or below:
            cells.append(clean_text(raw[begun : gap.start()]))
            begun = gap.end()
        if below:
            yield _page_line(textpage, cells, raw[first : gap.start()], start + first)
            cells, first = [], begun
    cells.append(clean_text(raw[begun:]))
    yield _page_line(textpage, cells, raw[first:].rstrip(), start + first)


def _page_line(textpage: Any, cells: list[str], raw: str, first: int) -> tuple[PageLine, tuple[float, float]]:
    left, bottom, inner, top = _box(textpage, first)
    right = _box(textpage, first + len(raw) - 1)[2]
    line = PageLine(CELL.join(cells), left, len(cells) > 1, right, _faces(textpage, raw, first), y=(bottom + top) / 2)
    return line, ((left + inner) / 2, (bottom + top) / 2)


def _faces(textpage: Any, raw: str, start: int) -> Faces:
    """Return how the pieces of a line are printed; where its first and last Chinese characters are alike, so are all."""
    places = [found.start() for found in HAN.finditer(raw)]
    if not places:
        return ()
    first, last = (_face(textpage, start + place) for place in (places[0], places[-1]))
    if first == last:
        return ((raw, first),)
    faces: list[tuple[str, Face]] = []
    for place, end in zip(places, [*places[1:], len(raw)], strict=True):
        face = _face(textpage, start + place)
        begun = place if faces else 0
        if faces and faces[-1][1] == face:
            faces[-1] = faces[-1][0] + raw[begun:end], face
        else:
            faces.append((raw[begun:end], face))
    return tuple(faces)


def _face(textpage: Any, index: int) -> Face:
    from pypdfium2 import raw as pdfium

    _, bottom, _, top = _box(textpage, index)
    name = ctypes.create_string_buffer(_LONGEST_NAME)
    pdfium.FPDFText_GetFontInfo(textpage, index, name, _LONGEST_NAME, ctypes.byref(ctypes.c_int()))
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFText_GetFillColor(textpage, index, *(ctypes.byref(part) for part in colour))
    font = name.value.decode(errors="replace").partition("+")
    return Face(round((top - bottom) * 2) / 2, font[2] or font[0], colour=",".join(str(part.value) for part in colour))


def _is_spread(raw: str, gap: re.Match[str]) -> bool:
    """Tell whether a gap stands between the letters of a word set wide: 总    则."""
    before, after = raw[: gap.start()].split(), raw[gap.end() :].split()
    return len(before[-1]) == len(after[0]) == 1 and not (before[-1] + after[0]).isascii()


def _box(textpage: Any, index: int) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of a character in points; zeros where PDFium has none."""
    from pypdfium2 import PdfiumError

    try:
        left, bottom, right, top = textpage.get_charbox(index, loose=True)
    except PdfiumError:
        return 0.0, 0.0, 0.0, 0.0
    return left, bottom, right, top
