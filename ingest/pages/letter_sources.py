"""Get the letters on a page: from its text layer, through PDFium, or by text recognition in a picture of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ctypes import addressof, byref, c_double, c_int
from math import hypot
from typing import Any

from ingest.formats.clean import width as printed_width
from ingest.formats.ocr import POINTS, recognised_boxes
from ingest.formats.reading_order import Box, in_reading_order
from ingest.pages.letters import Letter

_GRID = 1_000_000  # PDFium maps a page to whole pixels; with this many across and down, they give exact shares of the page
_MOST_OFF = 2.0  # points from a character to the baseline of its text; farther off it is misplaced
_DESCENT = -0.12  # of a character's size, the part below the baseline
_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_MARKS = 0xE000  # the first private character; no text has them

Bounds = tuple[float, float, float, float]


def text_layer(page: Any) -> list[Letter]:
    """Return the letters of a PDF page's text layer, in the order of the file."""
    from pypdfium2 import raw

    textpage = page.get_textpage()
    place = _placed(page)
    codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(textpage.count_chars())]
    letters = [
        Letter(character, *place(_bounds(textpage, index)))
        for index, character in _characters(codes)
        if not character.isspace()
    ]
    textpage.close()
    return letters


def letters_seen(image: Any) -> list[Letter]:
    """Recognise the text of a picture, `(height, width, 3)` uint8 in BGR; cut its pieces into letters by printed width."""
    height, width = image.shape[0] * POINTS, image.shape[1] * POINTS
    letters = []
    for box in _ordered(recognised_boxes(image)[0]):
        upright = box.bottom - box.top > 1.5 * (box.right - box.left)  # in vertical writing each letter gets the whole piece
        unit = (box.right - box.left) / (printed_width(box.text) or 1)
        left = box.left
        for character in box.text:
            right = left + unit * (printed_width(character) if not box.text.isascii() else 0.5)
            edges = (box.left, box.right) if upright else (left, right)
            letters.append(Letter(character, edges[0] / width, box.top / height, edges[1] / width, box.bottom / height))
            left = right
    return letters


def _placed(page: Any) -> Callable[[Sequence[float]], tuple[float, float, float, float]]:
    """Return a function from left, bottom, right, top in points to left, top, right, bottom in shares of the page as shown."""
    x0, y0 = _device(page, 0, 0)
    xx, xy = (end - begin for end, begin in zip(_device(page, 1000, 0), (x0, y0), strict=True))
    yx, yy = (end - begin for end, begin in zip(_device(page, 0, 1000), (x0, y0), strict=True))

    def place(bounds: Sequence[float]) -> tuple[float, float, float, float]:
        left, bottom, right, top = (edge / 1000 for edge in bounds)
        across = (x0 + left * xx + bottom * yx, x0 + right * xx + top * yx)
        down = (y0 + left * xy + bottom * yy, y0 + right * xy + top * yy)
        return min(across) / _GRID, min(down) / _GRID, max(across) / _GRID, max(down) / _GRID

    return place


def _device(page: Any, x: float, y: float) -> tuple[int, int]:
    from pypdfium2 import raw

    across, down = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, byref(across), byref(down))
    return across.value, down.value


def _characters(codes: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the index and the character of each UTF-16 code."""
    for index, code in enumerate(codes):
        if 0xD800 <= code < 0xDC00 and index + 1 < len(codes):
            yield (
                index,
                (code.to_bytes(2, "little") + codes[index + 1].to_bytes(4, "little")[:2]).decode("utf-16-le", "replace"),
            )
        elif code:
            yield index, chr(code) if code < 0x110000 else "\ufffd"


def _bounds(textpage: Any, index: int) -> Bounds:
    """Return left, bottom, right, top of a character in points: as high as its font if it is upright, else of its ink."""
    from pypdfium2 import PdfiumError

    try:
        if displaced := _displaced(textpage, index):
            return displaced
        left, bottom, right, top = textpage.get_charbox(index, loose=True)
        if right > left and top > bottom:
            return left, bottom, right, top
        left, bottom, right, top = textpage.get_charbox(index)
    except PdfiumError:
        return _NOWHERE
    return left, bottom, right, top


def _displaced(textpage: Any, index: int) -> Bounds | None:
    """Return the bounds of a character that PDFium misplaces, `_NOWHERE` if they cannot be known; None if it is well placed.

    Radicals that PDFium turns into characters keep the coordinates of the form that they are drawn in. A character must stand
    on the baseline of its text object, which the object's matrix gives. Where a misplaced character is alone in its text
    object, the matrix also gives its place.
    """
    from pypdfium2 import raw

    x, y, matrix = c_double(), c_double(), raw.FS_MATRIX()
    raw.FPDFText_GetCharOrigin(textpage, index, byref(x), byref(y))
    if not raw.FPDFText_GetMatrix(textpage, index, byref(matrix)):
        return None
    along, up = hypot(matrix.a, matrix.b) or 1, hypot(matrix.c, matrix.d) or 1
    right, above = x.value - matrix.e, y.value - matrix.f
    off_line = abs(right * matrix.b - above * matrix.a) / along
    off_column = abs(right * matrix.d - above * matrix.c) / up
    if min(off_line, off_column) < _MOST_OFF:
        return None
    texts = [raw.FPDFText_GetTextObject(textpage, near) for near in (index - 1, index, index + 1)]
    own = addressof(texts[1].contents) if texts[1] else 0
    if any(text and addressof(text.contents) == own for text in (texts[0], texts[2])):
        return _NOWHERE
    size = raw.FPDFText_GetFontSize(textpage, index)
    corners = [(u * size, v * size) for u in (0, 1) for v in (_DESCENT, 1 + _DESCENT)]
    across = [matrix.e + u * matrix.a + v * matrix.c for u, v in corners]
    upward = [matrix.f + u * matrix.b + v * matrix.d for u, v in corners]
    return min(across), min(upward), max(across), max(upward)


def _ordered(boxes: Sequence[Box]) -> list[Box]:
    """Return pieces in reading order: give each a private character, order these as text, and look the pieces up again."""
    marked = [Box(b.left, b.top, b.right, b.bottom, chr(_MARKS + n) * len(b.text)) for n, b in enumerate(boxes)]
    order = dict.fromkeys("".join(line.text for line in in_reading_order(marked)))
    return [boxes[ord(mark) - _MARKS] for mark in order if 0 <= ord(mark) - _MARKS < len(boxes)]
