"""What is drawn on a page of a PDF: pictures, lines and rectangles, and how much of its text a reader does not see."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Area = tuple[float, float, float, float]  # left, bottom, right, top in points

_INVISIBLE = 3  # text render mode of recognised text that lies over a scan
_THIN = 3.0  # points; what is thinner is a line
_TOUCHES = 1.0  # points
_MOST_PICTURES = 200  # of a page, of which those that touch are joined
_MOST = 20_000  # objects that are looked at; a map has hundreds of thousands


@dataclass(slots=True)
class Drawn:
    """The pictures, and the straight lines as areas without width or height; `hidden` and `shown` count text objects."""

    pictures: list[Area] = field(default_factory=list)
    level: list[Area] = field(default_factory=list)  # lines across
    upright: list[Area] = field(default_factory=list)
    hidden: int = 0
    shown: int = 0


def drawn_on(page: Any) -> Drawn:
    """Return what is drawn on a page."""
    from pypdfium2 import raw

    drawn = Drawn()
    for number in range(min(raw.FPDFPage_CountObjects(page), _MOST)):
        one = raw.FPDFPage_GetObject(page, number)
        kind = raw.FPDFPageObj_GetType(one)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            hidden = raw.FPDFTextObj_GetTextRenderMode(one) == _INVISIBLE
            drawn.hidden += hidden
            drawn.shown += not hidden
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _add_lines(drawn, _bounds(one), _is_stroked(one))
        elif kind == raw.FPDF_PAGEOBJ_IMAGE or (kind == raw.FPDF_PAGEOBJ_FORM and _holds_picture(one)):
            drawn.pictures.append(_bounds(one))
    return drawn


def whole_pictures(pictures: Sequence[Area]) -> list[Area]:
    """Return the areas of pictures, those that touch as one: some programs cut a scan into strips."""
    whole: list[Area] = []
    for left, bottom, right, top in pictures[:_MOST_PICTURES]:
        area, parted = (left, bottom, right, top), whole
        whole = []
        for one in parted:
            if one[0] <= area[2] + _TOUCHES and area[0] <= one[2] + _TOUCHES and _touches_level(one, area):
                area = (min(one[0], area[0]), min(one[1], area[1]), max(one[2], area[2]), max(one[3], area[3]))
            else:
                whole.append(one)
        whole.append(area)
    return whole


def _touches_level(one: Area, other: Area) -> bool:
    return one[1] <= other[3] + _TOUCHES and other[1] <= one[3] + _TOUCHES


def share_of(area: Area, width: float, height: float) -> float:
    """Return which share of a page an area covers."""
    left, bottom, right, top = area
    seen = max(0.0, min(right, width) - max(left, 0.0)) * max(0.0, min(top, height) - max(bottom, 0.0))
    return seen / max(1.0, width * height)


def _holds_picture(form: Any) -> bool:
    from pypdfium2 import raw

    inside = (raw.FPDFFormObj_GetObject(form, number) for number in range(min(raw.FPDFFormObj_CountObjects(form), _MOST)))
    return any(raw.FPDFPageObj_GetType(one) == raw.FPDF_PAGEOBJ_IMAGE for one in inside)


def _bounds(one: Any) -> Area:
    from pypdfium2 import raw

    edges = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(one, *map(ctypes.byref, edges))
    left, bottom, right, top = (edge.value for edge in edges)
    return left, bottom, right, top


def _is_stroked(path: Any) -> bool:
    from pypdfium2 import raw

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(stroke.value)


def _add_lines(drawn: Drawn, area: Area, stroked: bool) -> None:
    """Add a path: a line, or the four sides of a rectangle; one that is only filled is the ground behind a text."""
    left, bottom, right, top = area
    if top - bottom <= _THIN:
        drawn.level.append((left, (bottom + top) / 2, right, (bottom + top) / 2))
    elif right - left <= _THIN:
        drawn.upright.append(((left + right) / 2, bottom, (left + right) / 2, top))
    elif stroked:
        drawn.level += [(left, y, right, y) for y in (bottom + 1, top - 1)]
        drawn.upright += [(x, bottom, x, top) for x in (left + 1, right - 1)]
