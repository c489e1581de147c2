"""Read PDF files with PDFium: the text layer of each page, or text recognition where the layer is missing or unusable."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import CELL, Extracted
from ingest.formats.clean import clean_text
from ingest.formats.looks import HAN, Face, Faces
from ingest.formats.ocr import LONGEST_SIDE, recognise
from ingest.formats.page_text import Page, assemble
from ingest.formats.reading_order import CELL_GAP, PageLine

_MIN_CHARACTERS = 20  # a page with fewer is a picture with, at most, a stamp or a page number on it
_MOST_RUBBISH = 0.3  # share of characters that no document is written in, from fonts without a map to Unicode
_RUBBISH = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x80-\x9f]")
_LINE_STEP = 0.6  # character heights; text this much lower is the next line. PDFium appends indented lines to the one above
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
        raise Unreadable(f"内容不是 PDF{_looks_like(head)}，请检查文件或改正扩展名")
    try:
        pdf = PdfDocument(path)
    except PdfiumError as error:
        if error.err_code == _PASSWORD and b"/Encrypt" in path.read_bytes():  # PDFium may repeat an earlier file's error
            raise Unreadable("PDF 已加密，需要密码：请另存一份不加密的") from error
        raise Unreadable("PDF 已损坏，或一页也没有，打不开：请重新导出或重新复制") from error
    try:
        pages = list(_pages(pdf, beat))
    except PdfiumError as error:
        raise Unreadable(f"PDF 已损坏，读不出来（{error}）") from error
    finally:
        pdf.close()
    if not any(page.lines for page in pages):
        raise Unreadable("PDF 里没有文字，图片里也没有认出文字")
    return assemble(pages)


def _pages(pdf: Any, beat: Callable[[], None]) -> Iterator[Page]:
    for number in range(len(pdf)):
        page = pdf[number]
        lines = _text_lines(page)
        if _is_usable(lines) or not any(True for _ in page.get_objects(max_depth=1)):
            yield Page(tuple(lines))
        else:
            scale = LONGEST_SIDE / max(*page.get_size(), 1)
            recognised = recognise(page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3])
            yield recognised if recognised.lines else Page(tuple(lines))
        page.close()
        beat()


def _is_usable(lines: list[PageLine]) -> bool:
    text = "".join(line.text for line in lines)
    return len(text) >= _MIN_CHARACTERS and len(_RUBBISH.findall(text)) <= len(text) * _MOST_RUBBISH


def _text_lines(page: Any) -> list[PageLine]:
    """Return the lines of the text layer in the order in which they were written."""
    textpage = page.get_textpage()
    lines: list[PageLine] = []
    position = 0
    for raw in textpage.get_text_range(errors="replace").split("\r\n"):
        if raw.strip():
            lines += _lines(textpage, raw, position)
        position += len(raw) + 2
    textpage.close()
    return lines


def _lines(textpage: Any, raw: str, start: int) -> Iterator[PageLine]:
    """Yield the line that PDFium gives at offset `start`, or the lines that it ran together; wide gaps become cell borders."""
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


def _page_line(textpage: Any, cells: list[str], raw: str, first: int) -> PageLine:
    left, right = _box(textpage, first)[0], _box(textpage, first + len(raw) - 1)[2]
    return PageLine(CELL.join(cells), left, len(cells) > 1, right, _faces(textpage, raw, first))


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


def _looks_like(head: bytes) -> str:
    for magic, name in ((b"\xff\xd8\xff", "JPEG 图片"), (b"\x89PNG", "PNG 图片"), (b"PK\x03\x04", "Office 或压缩文件")):
        if head.startswith(magic):
            return f"，而是{name}"
    return ""
