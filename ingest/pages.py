"""Printed pages, whether drawn or recognised: lines with their left edges → paragraphs in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.clean import PrintedLine, clean_text, join_printed, width
from ingest.original import Original

CELL = " | "  # stands between the cells of a table row
CELL_GAP = 1.5  # heights of the text between two cells of a table; words stand closer
WORD_GAP = 0.4
_PAGE_NUMBER = re.compile(r"^[-—–·\s]*(第\s*)?\d{1,4}(\s*[/／]\s*\d{1,4})?(\s*页)?(\s*共\s*\d+\s*页)?[-—–·\s]*$")
_INDENT_POINTS = 12.0  # two characters of small print are 18 points; ragged left edges stay below 6
_COLUMN_POINTS = 100.0  # no indent is as wide, no column narrower
_COLUMN_SHARE = 0.15  # of a page's lines that begin at a margin
_FEWEST_COLUMN_LINES = 4
_MOST_CROSSING = 0.2  # share of a page's pieces that may go across both columns: headings, pictures' captions
_OVERLAP = 4.0  # points by which recognised pieces of two columns may overlap
_DOUBLED = re.compile(r"^(?:(.)\1){3,}$")  # 标标题题: bold made by printing twice


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of a page: its text, its left edge in points, and whether it is a row of a table."""

    text: str
    left: float
    row: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of text at its place on a page, in points from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in reading order; `confidence` (0 to 1) where they were recognised in a picture."""

    lines: tuple[PageLine, ...]
    confidence: float | None = None


def assemble(pages: Sequence[Page]) -> Original:
    """Join the lines of pages into paragraphs, without running heads and page numbers."""
    repeated = _running_lines(pages)
    printed: list[PrintedLine] = []
    doubled = 0
    for number, page in enumerate(pages, 1):
        body = [line for line in page.lines if _masked(line.text) not in repeated]
        while body and _PAGE_NUMBER.match(body[-1].text):
            body.pop()
        while body and _PAGE_NUMBER.match(body[0].text):
            body.pop(0)
        margins = _margins(body)
        for line in body:
            twice = bool(_DOUBLED.match(line.text))
            doubled += twice
            text = line.text[::2] if twice else line.text
            printed.append(PrintedLine(text, number, _is_indented(line.left, margins), line.row))
    widths = sorted(width(line.text) + (2 if line.indented else 0) for line in printed if not line.row)
    full = widths[int(len(widths) * 0.9)] if widths else 0.0
    recognised = tuple((n, round(page.confidence, 3)) for n, page in enumerate(pages, 1) if page.confidence is not None)
    warnings = (f"有 {doubled} 行文字是重影（每个字印了两遍），已还原",) if doubled else ()
    return Original(tuple(join_printed(printed, full)), recognised=recognised, warnings=warnings)


def in_reading_order(boxes: Sequence[Box]) -> list[PageLine]:
    """Return the lines that pieces of text make up, column after column; lines as wide as the page part the columns."""
    x = _gutter(boxes)
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
    middle = [box for box in band if (box.left + box.right) / 2 > x]
    return in_reading_order([box for box in band if box not in middle]) + in_reading_order(middle)


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
    return PageLine(text if cells else clean_text(text), row[0].left, cells)


def _gutter(boxes: Sequence[Box]) -> float | None:
    """Return the x at which a page of two columns of prose parts, if it has two."""
    if len(boxes) < _FEWEST_COLUMN_LINES * 2:
        return None
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    best: tuple[int, float] | None = None
    for x in sorted({box.right for box in boxes}):
        if left + (right - left) * 0.25 < x < left + (right - left) * 0.75:
            crossing = sum(_crosses(box, x) for box in boxes)
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
    return median >= _COLUMN_POINTS and sum(len(box.text) for box in boxes) >= 10 * len(boxes)


def _margins(lines: Sequence[PageLine]) -> list[int]:
    """Return the left margin of each column, from left to right."""
    edges = Counter(round(line.left) for line in lines)
    margins: list[int] = []
    for edge in sorted(edges):
        if edges[edge] >= len(lines) * _COLUMN_SHARE and (not margins or edge - margins[-1] >= _COLUMN_POINTS):
            margins.append(edge)
    return margins


def _is_indented(x: float, margins: list[int]) -> bool:
    left = max((margin for margin in margins if margin <= x + _INDENT_POINTS), default=x)
    return x - left > _INDENT_POINTS


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _running_lines(pages: Sequence[Page]) -> set[str]:
    """Return the heads and feet that repeat on most pages, with their digits masked."""
    if len(pages) < 3:
        return set()
    edges = (page.lines[:1] + page.lines[-2:] for page in pages)
    seen = Counter(mark for some in edges for mark in {_masked(line.text) for line in some if not line.text.endswith("。")})
    return {mark for mark, times in seen.items() if times >= max(3, len(pages) * 0.6)}
