"""Pages of a PDF as pictures: recognised as a whole, or only the pictures within them, without what is typed over these."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

from ingest.formats.ocr import LONGEST_SIDE, recognise
from ingest.formats.page_text import Page
from ingest.formats.pdf_objects import Area, share_of, whole_pictures
from ingest.formats.pictures import LEAST_HIGH, LEAST_WIDE, Pictures, moved
from ingest.formats.reading_order import PageLine, in_reading_order

COVERING = 0.6  # share of a page from which a picture is a scan of it
_FINEST = 4.0  # pixels to a point, 288 dpi: what small print in a picture needs
_LARGEST_PAGE = 4000  # pixels of the longer side of a page that is drawn for its pictures


def recognised_page(page: Any, typed: Sequence[Area]) -> Page:
    """Return the lines recognised in the picture of a page, from which the areas of typed text are wiped."""
    image, place = _drawn(page, LONGEST_SIDE / max(*page.get_size(), 1))
    _wipe(image, place, typed)
    return recognise(image)


def with_pictures(
    page: Any, lines: Sequence[PageLine], areas: Sequence[Area], typed: Sequence[Area], pictures: Pictures
) -> Page:
    """Return a page with the text in the pictures within it, each before the first line below it."""
    size = page.get_size()
    large = [area for area in whole_pictures(areas) if area[2] - area[0] >= LEAST_WIDE and area[3] - area[1] >= LEAST_HIGH]
    large = [area for area in large if share_of(area, *size) < COVERING]
    if not large:
        return Page(tuple(lines))
    scale = min(_FINEST, _LARGEST_PAGE / max(*size, 1))
    image, place = _drawn(page, scale)
    _wipe(image, place, typed)
    merged, least = list(lines), 1.0
    for area in sorted(large, key=lambda area: -area[3]):
        left, top, right, bottom = place(area)
        boxes, sure, _ = pictures.on_page(image[top:bottom, left:right].copy() if right > left and bottom > top else None)
        found = in_reading_order([moved(box, 1 / scale, area[0], -area[3]) for box in boxes])
        at = _place_among(merged, area)
        merged[at:at] = found
        least = min(least, sure) if found else least
    return Page(tuple(merged), least if len(merged) > len(lines) else None)


def _place_among(lines: Sequence[PageLine], area: Area) -> int:
    """Return where a picture stands in the order of lines: behind the last above it, else before the first below it."""
    column = [row for row, line in enumerate(lines) if line.left < area[2] and line.right > area[0]]
    above = [row for row in column if lines[row].y > area[3]]
    below = [row for row in column if lines[row].y < area[1]]
    return above[-1] + 1 if above else below[0] if below else len(lines)


def _drawn(page: Any, scale: float) -> tuple[Any, Callable[[Area], tuple[int, int, int, int]]]:
    """Return a page as a picture, and a function from an area in points to left, top, right, bottom in its pixels."""
    from pypdfium2 import raw

    image = page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3].copy()
    height, width = image.shape[:2]

    def pixel(x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        return min(max(across.value, 0), width), min(max(down.value, 0), height)

    def place(area: Area) -> tuple[int, int, int, int]:
        one, other = pixel(area[0], area[1]), pixel(area[2], area[3])
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    return image, place


def _wipe(image: Any, place: Callable[[Area], tuple[int, int, int, int]], typed: Sequence[Area]) -> None:
    for area in typed:
        left, top, right, bottom = place((area[0] - 1, area[1] - 1, area[2] + 1, area[3] + 1))
        image[top:bottom, left:right] = 255
