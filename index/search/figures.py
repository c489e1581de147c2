"""Look up the figures that items state, by the words that say what they measure."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from index.search.filters import test_of
from index.store.connections import placeholders

_NOT_REACHED = "'plan', 'limit', 'before'"
_MOST_WORDS = 60  # in one statement


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure of an item as the catalog keeps it; characters of the document's text, end exclusive."""

    item_id: str
    start: int
    end: int
    value: float
    unit: str
    change: int  # 1 for a difference
    each: str  # what it is counted per
    subject: str  # full name of the region that it is of
    level: int  # of that region, as in ingest.document.Figure
    label: str  # the words that say what it measures, folded
    title: str  # of the item


def figures_about(db: sqlite3.Connection, words: Collection[str], conditions: Mapping[str, str]) -> Iterator[Stated]:
    """Yield the figures that were reached of all items that meet conditions, where the label contains one of these words."""
    test, values = test_of(conditions)
    some = list(words)[:_MOST_WORDS]
    labelled = " OR ".join(["instr(f.label, ?)"] * len(some)) or "0"
    rows = db.execute(
        'SELECT f.item_id, f.start, f."end", f.value, f.unit, f.change, f.each, f.subject, f.level, f.label,'
        " json_extract(items.record, '$.title') FROM figures f"
        " JOIN items ON items.id = f.item_id JOIN documents ON documents.id = items.document_id"
        f" WHERE ({labelled}) AND f.kind NOT IN ({_NOT_REACHED}) AND items.same_as IS NULL AND {test}",
        [*some, *values],
    )
    return (Stated(*row) for row in rows)


def measured_in(db: sqlite3.Connection, items: Collection[str]) -> list[tuple[str, str]]:
    """Return item and label of each result figure of some items."""
    rows = db.execute(
        f"SELECT item_id, label FROM figures WHERE kind = 'result' AND item_id IN ({placeholders(items)})", list(items)
    )
    return [*rows]
