"""Look up the figures that items state, by the words that say what they measure."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from index.search.filters import test_of

_BEFORE = 120  # characters before a figure
_SENTENCE_END = re.compile("[。！？\n]")
_NOT_REACHED = "'plan', 'limit', 'before'"


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


def labels_with(db: sqlite3.Connection, words: Collection[str]) -> list[str]:
    """Return the labels of figures that contain one of these words."""
    return [label for (label,) in db.execute("SELECT DISTINCT label FROM figures") if any(word in label for word in words)]


def figures_labelled(db: sqlite3.Connection, labels: Collection[str], conditions: Mapping[str, str]) -> list[Stated]:
    """Return the figures with one of these labels that were reached, of all items that meet conditions."""
    test, values = test_of(conditions)
    rows = db.execute(
        'SELECT f.item_id, f.start, f."end", f.value, f.unit, f.change, f.each, f.subject, f.level, f.label FROM figures f'
        " JOIN items ON items.id = f.item_id JOIN documents ON documents.id = items.document_id"
        f" WHERE f.label IN (SELECT value FROM json_each(?)) AND f.kind NOT IN ({_NOT_REACHED}) AND same_as IS NULL AND {test}",
        [json.dumps(sorted(labels), ensure_ascii=False), *values],
    )
    return [Stated(*row) for row in rows]


def surroundings(db: sqlite3.Connection, figures: Sequence[Stated]) -> dict[tuple[str, int], str]:
    """Return for each figure, by its item and start, the item's title and its sentence as far as the figure."""
    places = json.dumps([(one.item_id, one.start) for one in figures])
    rows = db.execute(
        "SELECT items.id, j.value ->> 1, items.record ->> 'title',"
        f" substr(text, max(1, (j.value ->> 1) - {_BEFORE} + 1), min(j.value ->> 1, {_BEFORE}))"
        " FROM json_each(?) j JOIN items ON items.id = j.value ->> 0 JOIN documents ON documents.id = items.document_id",
        [places],
    )
    return {(item_id, start): f"{title} {_SENTENCE_END.split(before)[-1]}" for item_id, start, title, before in rows}


def labels_of_results(db: sqlite3.Connection, items: Collection[str]) -> list[tuple[str, str]]:
    """Return item and label of each result figure of some items."""
    return db.execute(
        "SELECT item_id, label FROM figures WHERE kind = 'result' AND item_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(items))],
    ).fetchall()
