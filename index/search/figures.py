"""Look up the figures that items state, by the words that say what they measure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from index.store.changes import position
from index.store.conditions import test_of
from index.store.handle import Connection

_NOT_REACHED = "'plan', 'limit', 'before'"
_STATED = ", ".join(
    f'f."{name}"'
    for name in ("item_id", "start", "end", "value", "unit", "change", "each", "subject", "level", "label", "context")
)


class Stated(NamedTuple):
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
    context: str  # the item's title, and the sentence as far as the figure, folded


class Labels:
    """All labels of figures, read once for each change of the catalog; threads may share it."""

    def __init__(self) -> None:
        self._read: tuple[object, str] = None, ""  # where the catalog was, and the labels, each between line feeds

    def containing(self, db: Connection, words: Collection[str]) -> set[str]:
        """Return the labels that contain one of these words, also of figures that the caller may not see."""
        now = position(db)
        at, text = self._read
        if at != now:
            rows = db.execute("SELECT DISTINCT label FROM main.figures")
            text = "".join(f"\n{label}" for (label,) in rows) + "\n"
            self._read = now, text
        return {label for word in words for label in _lines_with(text, word)}


def _lines_with(text: str, word: str) -> Iterator[str]:
    at = text.find(word)
    while at >= 0:
        end = text.index("\n", at)
        yield text[text.rindex("\n", 0, at) + 1 : end]
        at = text.find(word, end)


def figures_labelled(db: Connection, labels: Collection[str], conditions: Mapping[str, str]) -> list[Stated]:
    """Return the figures with one of these labels that were reached, of all items that meet conditions."""
    test, values = test_of(conditions)
    meet = f"SELECT items.id FROM documents JOIN items ON document_id = documents.id WHERE {test}"
    rows = db.execute(
        f"SELECT {_STATED} FROM figures f WHERE f.label IN (SELECT value FROM json_each(?)) AND f.kind NOT IN ({_NOT_REACHED})"
        " AND f.item_id NOT IN (SELECT id FROM items WHERE same_as IS NOT NULL)"
        + (f" AND f.item_id IN ({meet})" if conditions else ""),
        [json.dumps(sorted(labels), ensure_ascii=False), *values],
    )
    return [Stated(*row) for row in rows]


def labels_of_results(db: Connection, items: Collection[str]) -> list[tuple[str, str]]:
    """Return item and label of each result figure of some items."""
    return db.execute(
        "SELECT item_id, label FROM figures WHERE kind = 'result' AND item_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(items))],
    ).fetchall()
