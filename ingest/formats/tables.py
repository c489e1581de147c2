"""Tables of every format: merged cells in each row that they cover, and each column with all of its headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from ingest.extracted import CELL, Paragraph
from ingest.formats.clean import clean_text

MOST_COLUMNS = 1000  # that a merged cell may cover; what states more is damaged
_HIGHEST_HEADING = 4  # rows
_LONGEST_CARRIED = 60  # characters; what is longer is no name that its rows share


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row, and over how many rows and columns it is merged; those that it covers are no cells of their rows."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class _Place:
    """One place of a row: the cell that covers it, and where that begins."""

    cell: Cell
    row: int
    column: int


_Row = list[_Place | None]


def table_rows(rows: Iterable[Sequence[Cell]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table, each with its number from 0 and the text of every column.

    A cell merged over rows stands in each of them, one merged over columns only in the first. Heading rows are one: 2023年
    over 计划 and 完成 becomes 2023年 计划, 2023年 完成. A row in which no cell with text begins is left out.
    """
    grid = enumerate(_grid(rows))
    for number, row in grid:
        if sum(place.column == column and bool(place.cell.text) for column, place in enumerate(row) if place) > 1:
            first = [(number, row), *islice(grid, _HIGHEST_HEADING)]
            height = _heading_height([one for _, one in first])
            if height > 1:
                yield number, _headings([one for _, one in first[:height]])
            grid = chain(first[height if height > 1 else 0 :], grid)  # type: ignore[assignment]
            break
        yield from _told(number, row)  # a title over all columns
    for number, row in grid:
        yield from _told(number, row)


def table_row(cells: Iterable[str]) -> list[Paragraph]:
    """Return a table row as one paragraph, without empty cells at its end; [] if all cells are empty."""
    text = CELL.join(clean_text(" ".join(cell.split())) for cell in cells).rstrip(" |").strip()
    return [Paragraph(text, form="row")] if text else []


def _told(number: int, row: _Row) -> Iterator[tuple[int, list[str]]]:
    if any(place and place.row == number and place.cell.text for place in row):
        yield number, [place.cell.text if place and _is_told(place, number, column) else "" for column, place in enumerate(row)]


def _is_told(place: _Place, row: int, column: int) -> bool:
    """Tell whether a cell's text stands in this row and column: in its first column, and prose in its first row only."""
    return place.column == column and (place.row == row or len(place.cell.text) <= _LONGEST_CARRIED)


def _grid(rows: Iterable[Sequence[Cell]]) -> Iterator[_Row]:
    """Yield what stands in every column of each row."""
    open_: dict[int, tuple[_Place, int]] = {}  # column → a cell of a row above, and how many rows it still covers
    for number, cells in enumerate(rows):
        places = {column: place for column, (place, _) in open_.items()}
        open_ = {column: (place, left - 1) for column, (place, left) in open_.items() if left > 1}
        column = 0
        for cell in cells:
            while column in places:
                column += 1
            for covered in range(column, column + max(1, min(cell.columns, MOST_COLUMNS))):
                if covered not in places:
                    places[covered] = _Place(cell, number, column)
                    if cell.rows > 1:
                        open_[covered] = places[covered], cell.rows - 1
            column += 1
        yield [places.get(column) for column in range(max(places, default=-1) + 1)]


def _heading_height(rows: Sequence[_Row]) -> int:
    """Return the number of heading rows at a table's top: a heading over several columns has further ones below it.

    Below one over a single column there is nothing, or it goes on itself: else the rows are those of a form.
    """
    height = 1
    while height < min(_HIGHEST_HEADING, len(rows) - 1):
        pairs = list(zip_longest(rows[height - 1], rows[height]))
        parted = [below for above, below in pairs if above and above.cell.columns > 1 and not _goes_on(above, below)]
        others = [pair for pair in pairs if not pair[0] or pair[0].cell.columns == 1]
        if not any(below and below.cell.text for below in parted):
            break
        if not all(not below or not below.cell.text or _goes_on(above, below) for above, below in others):
            break
        height += 1
    return height


def _goes_on(above: _Place | None, below: _Place | None) -> bool:
    return above is not None and below is not None and above.cell is below.cell


def _headings(rows: Sequence[_Row]) -> list[str]:
    """Return the headings of each column, the upper ones first, each once."""
    columns = zip_longest(*rows)
    return [" ".join(dict.fromkeys(place.cell.text for place in column if place and place.cell.text)) for column in columns]
