"""Compare cases side by side: their measures and figures in rows of those that say the same, each cell with its citation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases.alignment import SAME, SAME_FIGURE, Statement, figures_of, measures_of, rows_of, vectors_of
from cases.summary import Line, result_of
from index.search.index import SearchIndex
from index.search.more_like_this import common_of
from index.store.documents import item_of
from ingest.citation import cite
from ingest.document import Citation, Document, Item

LEAST, MOST = 2, 5  # cases in one comparison

Row = tuple["Cell | None", ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A statement of a case in its own words, with its citation."""

    text: str  # a clause with figures, or the head of a measure
    citation: Citation
    sentence: str = ""  # of a measure: the first that tells it
    result: bool = False  # whether a figure says what came of something


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that several cases share, a cell or None for each case; and for each case the cells that it alone has."""

    rows: tuple[Row, ...]
    alone: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A case in a comparison, with the sentences that sum it up and a citation of the whole item."""

    item_id: str
    title: str
    regions: tuple[str, ...]
    contributors: tuple[str, ...]
    date: str
    citation: Citation
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two to five cases: their measures aligned by meaning, their figures by what they measure; results come first."""

    cases: tuple[Compared, ...]
    measures: Table
    figures: Table


def compare(index: SearchIndex, items: Sequence[str]) -> Comparison:
    """Return the comparison of items; raise KeyError with the id of one that is not in the index."""
    found = []
    for item_id in items:
        if not (stored := item_of(index.catalog, item_id)):
            raise KeyError(item_id)
        found.append(stored)
    cases = tuple(_compared(item_id, *stored) for item_id, stored in zip(items, found, strict=True))
    return Comparison(cases, _table(index, found, measures_of, SAME), _table(index, found, figures_of, SAME_FIGURE))


def _compared(item_id: str, document: Document, item: Item) -> Compared:
    regions = tuple(dict.fromkeys(region.name for region in item.regions))
    whole = cite(document, item, item.start, item.end)
    return Compared(item_id, item.title, regions, item.contributors, document.date, whole, result_of(document, item))


def _table(
    index: SearchIndex,
    found: Sequence[tuple[Document, Item]],
    statements_of: Callable[[Document, Item], Sequence[Statement]],
    least: float,
) -> Table:
    statements = [statements_of(document, item) for document, item in found]
    common = index.in_one_state(common_of)
    rows = rows_of(vectors_of(index.encoder, common, statements), statements, least)
    cells = [tuple(_cell(one, *stored) if one else None for one, stored in zip(row, found, strict=True)) for row in rows]
    cells.sort(key=lambda row: not any(cell.result for cell in row if cell))
    shared = tuple(row for row in cells if sum(map(bool, row)) > 1)
    single = [row for row in cells if sum(map(bool, row)) == 1]
    alone = tuple(tuple(cell for row in single if (cell := row[column])) for column in range(len(found)))
    return Table(shared, alone)


def _cell(statement: Statement, document: Document, item: Item) -> Cell:
    return Cell(statement.head, cite(document, item, *statement.span), statement.sentence, statement.reached)
