"""Put the pieces of text on a page into lines, in reading order, column after column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.extracted import CELL
from ingest.formats.clean import clean_text
from ingest.formats.looks import Face, Faces

CELL_GAP = 1.5  # text heights; a wider gap is between two cells of a table, words stand closer
WORD_GAP = 0.4  # text heights; a wider gap is a space
COLUMN_POINTS = 100.0  # points; no indent is as wide, no column narrower
_FEWEST_COLUMN_LINES = 4
_MOST_CROSSING = 0.2  # share of a page's pieces that may span both columns: headings, captions of pictures
_OVERLAP = 4.0  # points by which recognised pieces of two columns may overlap


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of a page: its text, its edges in points, whether it is a row of a table, and how its pieces are printed."""

    text: str
    left: float
    row: bool = False
    right: float = 0.0
    faces: Faces = ()
    note: bool = False  # a footnote, which stands behind the paragraph that goes on on the next page
    y: float = 0.0  # of its middle, upward, in points; from the lower edge of the page or, negative, from the upper one


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of text at its place on a page, in points from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    face: Face | None = None  # None where the format tells none


def in_reading_order(boxes: Sequence[Box]) -> list[PageLine]:
    """Return the lines that pieces of text form, column after column; first above, then below a line across both."""
    x = gutter(boxes)
    if x is None:
        return _lines(boxes)
    lines: list[PageLine] = []
    band: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.top):
        if _crosses(box, x):
            lines += _columns(band, x) + _lines([box])
            band = []
        else:
            band.append(box)
    return lines + _columns(band, x)


def _columns(band: Sequence[Box], x: float) -> list[PageLine]:
    right = [box for box in band if (box.left + box.right) / 2 > x]
    return in_reading_order([box for box in band if box not in right]) + in_reading_order(right)


def _lines(boxes: Sequence[Box]) -> list[PageLine]:
    """Put pieces that stand side by side into lines, from top to bottom."""
    lines: list[PageLine] = []
    row: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.top + box.bottom):
        if row and (box.top + box.bottom) / 2 > row[0].bottom:
            lines.append(_line(row))
            row = []
        row.append(box)
    if row:
        lines.append(_line(row))
    return [line for line in lines if line.text]


def _line(row: list[Box]) -> PageLine:
    row.sort(key=lambda box: box.left)
    text = clean_text(row[0].text)
    cells = False
    for before, box in zip(row, row[1:], strict=False):
        gap = (box.left - before.right) / max(box.bottom - box.top, 1)
        cells = cells or gap > CELL_GAP
        text += (CELL if gap > CELL_GAP else " " if gap > WORD_GAP else "") + clean_text(box.text)
    faces = tuple((box.text, box.face) for box in row if box.face)
    y = -(row[0].top + row[0].bottom) / 2
    return PageLine(text if cells else clean_text(text), row[0].left, cells, row[-1].right, faces, y=y)


def gutter(boxes: Sequence[Box]) -> float | None:
    """Return the x, in points, between a page's two columns of prose, None if it does not have two."""
    if len(boxes) < _FEWEST_COLUMN_LINES * 2:
        return None
    lefts, rights = np.array([box.left for box in boxes]), np.array([box.right for box in boxes])
    left, right = lefts.min(), rights.max()
    best: tuple[int, float] | None = None
    for x in np.unique(rights).tolist():
        if left + (right - left) * 0.25 < x < left + (right - left) * 0.75:
            crossing = int(((lefts < x - _OVERLAP) & (rights > x + _OVERLAP)).sum())
            if best is None or crossing < best[0]:
                best = crossing, x
    if best is None or best[0] > len(boxes) * _MOST_CROSSING:
        return None
    x = best[1]
    sides = [box for box in boxes if box.right <= x + _OVERLAP], [box for box in boxes if box.left >= x - _OVERLAP]
    return x if all(len(side) >= _FEWEST_COLUMN_LINES and _is_prose(side) for side in sides) else None


def _crosses(box: Box, x: float) -> bool:
    return box.left < x - _OVERLAP and box.right > x + _OVERLAP


def _is_prose(boxes: Sequence[Box]) -> bool:
    median = sorted(box.right - box.left for box in boxes)[len(boxes) // 2]
    return median >= COLUMN_POINTS and sum(len(box.text) for box in boxes) >= 10 * len(boxes)
