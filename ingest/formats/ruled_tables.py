"""Tables that a page rules: from its lines to the cells between them, also such as are merged over rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.formats.pdf_objects import Area, Drawn
from ingest.formats.tables import Cell, table_rows

_SAME = 3.0  # points; lines that are nearer are one
_MEET = 4.0  # points by which lines that meet may miss each other
_FEWEST = 2  # rows and columns of a table
_LEAST = 6.0  # points; no row or column is narrower
_MOST_LINES = 4000  # of one kind on a page; a drawing has more


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table: where it stands, and the text of every column of each row."""

    area: Area
    rows: tuple[tuple[str, ...], ...]
    own: tuple[str, ...]  # the text of each cell, once


def ruled_tables(drawn: Drawn, text_in: Callable[[Area], str]) -> Iterator[RuledTable]:
    """Yield the tables of a page from top to bottom; `text_in` returns the text in an area, in one line."""
    if len(drawn.level) > _MOST_LINES or len(drawn.upright) > _MOST_LINES:
        return
    for level, upright in _grids(drawn):
        ys = _places([line[1] for line in level])[::-1]
        xs = _places([line[0] for line in upright])
        if len(xs) <= _FEWEST or len(ys) <= _FEWEST:
            continue
        rows = list(_cells(xs, ys, level, upright, text_in))
        if sum(bool(cell.text) for row in rows for cell in row) > _FEWEST:
            own = tuple(cell.text for row in rows for cell in row)
            yield RuledTable((xs[0], ys[-1], xs[-1], ys[0]), tuple(tuple(texts) for _, texts in table_rows(rows)), own)


def _grids(drawn: Drawn) -> Iterator[tuple[list[Area], list[Area]]]:
    """Yield lines that belong together, from top to bottom: those that an upright line joins."""
    groups: list[tuple[list[Area], list[Area]]] = []
    for upright in drawn.upright:
        level = [line for line in drawn.level if _crosses(line, upright)]
        joined = [group for group in groups if any(line in group[0] for line in level)]
        groups = [group for group in groups if group not in joined]
        lines = list(dict.fromkeys([*level, *(line for group in joined for line in group[0])]))
        groups.append((lines, [upright, *(line for group in joined for line in group[1])]))
    yield from sorted((group for group in groups if group[0]), key=lambda group: -max(line[1] for line in group[0]))


def _crosses(level: Area, upright: Area) -> bool:
    return level[0] - _MEET <= upright[0] <= level[2] + _MEET and upright[1] - _MEET <= level[1] <= upright[3] + _MEET


def _places(values: Sequence[float]) -> list[float]:
    """Return the places at which lines stand, from the least on, those of one border once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME:
            found.append(value)
    return [place for place, before in zip(found, [-_LEAST, *found], strict=False) if place - before >= _LEAST] or found[:1]


def _cells(
    xs: Sequence[float], ys: Sequence[float], level: Sequence[Area], upright: Sequence[Area], text_in: Callable[[Area], str]
) -> Iterator[list[Cell]]:
    """Yield the cells of each row: a cell goes on to the right and down as long as no line is between."""
    columns, rows = list(pairwise(xs)), list(pairwise(ys))
    taken: set[tuple[int, int]] = set()
    for row in range(len(rows)):
        cells = []
        for column in range(len(columns)):
            if (row, column) in taken:
                continue
            across = column + 1
            while across < len(columns) and (row, across) not in taken and not _upright_at(upright, xs[across], rows[row]):
                across += 1
            down = row + 1
            width = columns[column:across]
            while down < len(rows) and not any(_level_at(level, ys[down], one) for one in width):
                down += 1
            taken |= {(r, c) for r in range(row, down) for c in range(column, across)}
            area = (xs[column], ys[down], xs[across], ys[row])
            cells.append(Cell(text_in(area), down - row, across - column))
        yield cells


def _upright_at(lines: Sequence[Area], x: float, row: tuple[float, float]) -> bool:
    middle = (row[0] + row[1]) / 2
    return any(abs(line[0] - x) <= _SAME and line[1] - _MEET <= middle <= line[3] + _MEET for line in lines)


def _level_at(lines: Sequence[Area], y: float, column: tuple[float, float]) -> bool:
    middle = (column[0] + column[1]) / 2
    return any(abs(line[1] - y) <= _SAME and line[0] - _MEET <= middle <= line[2] + _MEET for line in lines)
