"""Pages of a PDF whose text is turned by a quarter or upside down: set upright before they are read."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

from ingest.formats.pdf_extras import Extra
from ingest.formats.pdf_objects import Area

_SAMPLE = 20  # characters of a page that are looked at
_QUARTER = math.pi / 2

Matrix = tuple[float, float, float, float, float, float]
_UPRIGHT: dict[int, tuple[float, float, float, float]] = {
    1: (0, 1, -1, 0),
    2: (-1, 0, 0, -1),
    3: (0, -1, 1, 0),
}  # turns back by so many quarters


def turns_of(textpage: Any) -> int:
    """Return by how many quarters, clockwise, most of the text of a page is turned, without the page's own rotation."""
    from pypdfium2 import raw

    count, handle = textpage.count_chars(), textpage.raw
    sample = range(0, count, max(1, count // _SAMPLE))
    counts = Counter(round(raw.FPDFText_GetCharAngle(handle, index) / _QUARTER) % 4 for index in sample)
    return counts.most_common(1)[0][0] if counts else 0


def set_upright(page: Any, turns: int) -> Matrix:
    """Turn everything on a page back by `turns` quarters, and its boxes, to begin at 0, 0; return the matrix."""
    from pypdfium2 import raw

    left, bottom, _, _ = turned(page.get_bbox(), (*_UPRIGHT[turns], 0, 0))
    matrix = (*_UPRIGHT[turns], -left, -bottom)
    for number in range(raw.FPDFPage_CountObjects(page)):
        one = raw.FPDFPage_GetObject(page, number)
        raw.FPDFPageObj_TransformClipPath(one, *matrix)
        raw.FPDFPageObj_Transform(one, *matrix)
    boxes = turned(page.get_mediabox(), matrix), turned(page.get_cropbox(), matrix)
    page.set_mediabox(*boxes[0])
    page.set_cropbox(*boxes[1])
    page.set_rotation(0)
    return matrix


def turned_extra(extra: Extra, matrix: Matrix) -> Extra:
    """Return what stands beside the text of a page at the place to which it was turned."""
    return replace(extra, area=turned(extra.area, matrix))


def turned(area: Area, matrix: Matrix) -> Area:
    """Return the area that an area becomes."""
    a, b, c, d, right, up = matrix
    xs = [a * x + c * y + right for x in area[::2] for y in area[1::2]]
    ys = [b * x + d * y + up for x in area[::2] for y in area[1::2]]
    return min(xs), min(ys), max(xs), max(ys)
