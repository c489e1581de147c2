"""Cases side by side: what they do and what came of it, in rows of what is the same, each cell at its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases.alignment import SAME, SAME_FIGURE, Statement, figures_of, measures_of, rows_of, vectors_of
from index.search.index import SearchIndex
from index.search.more_like_this import common_of
from index.store.documents import item_of
from ingest.citation import cite
from ingest.document import Citation, Document, Item

LEAST, MOST = 2, 5  # cases side by side

Row = tuple["Cell | None", ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a case tells in its own words, with its place."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of what several cases tell, a cell for each case or None; and for each case what it alone tells."""

    rows: tuple[Row, ...]
    alone: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A case in a comparison, and where all of it stands."""

    item_id: str
    title: str
    regions: tuple[str, ...]
    contributors: tuple[str, ...]
    date: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two to five cases: their measures aligned by meaning, their figures by what they measure."""

    cases: tuple[Compared, ...]
    measures: Table
    figures: Table


def compare(index: SearchIndex, items: Sequence[str]) -> Comparison:
    """Return the comparison of items; raise KeyError with the id of one that is not held."""
    found = []
    for item_id in items:
        if not (held := item_of(index.catalog, item_id)):
            raise KeyError(item_id)
        found.append(held)
    cases = tuple(_compared(item_id, *held) for item_id, held in zip(items, found, strict=True))
    return Comparison(cases, _table(index, found, measures_of, SAME), _table(index, found, figures_of, SAME_FIGURE))


def _compared(item_id: str, document: Document, item: Item) -> Compared:
    regions = tuple(dict.fromkeys(region.name for region in item.regions))
    whole = cite(document, item, item.start, item.end)
    return Compared(item_id, item.title, regions, item.contributors, document.date, whole)


def _table(
    index: SearchIndex,
    found: Sequence[tuple[Document, Item]],
    told_by: Callable[[Document, Item], Sequence[Statement]],
    least: float,
) -> Table:
    told = [told_by(document, item) for document, item in found]
    common = index.in_one_state(lambda _db, views: common_of(views.vectors))
    rows = rows_of(vectors_of(index.encoder, common, told), told, least)
    cells = [tuple(_cell(one, *held) if one else None for one, held in zip(row, found, strict=True)) for row in rows]
    shared = tuple(row for row in cells if sum(map(bool, row)) > 1)
    single = [row for row in cells if sum(map(bool, row)) == 1]
    alone = tuple(tuple(cell for row in single if (cell := row[column])) for column in range(len(found)))
    return Table(shared, alone)


def _cell(told: Statement, document: Document, item: Item) -> Cell:
    return Cell(told.head, cite(document, item, *told.span))
