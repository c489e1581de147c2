"""Outcome figures, to put cases in order: the largest that each item says was reached, as 带动就业5380人."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cases.alignment import Statement, base_of, figures_of, in_unit
from cases.reached import Wanted, reached
from index.store.documents import items_at
from ingest.citation import cite
from ingest.document import Citation, Document, Figure, Item


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure of an item: its value in base units, and the clause that shows it."""

    value: float
    unit: str
    text: str
    citation: Citation


_Measured = tuple[Figure, Statement, Document, Item]


def outcomes_of(db: sqlite3.Connection, items: Sequence[str], measured: str) -> tuple[dict[str, Outcome], int]:
    """Return each item's largest figure of what is measured, the largest first; and how many items have it in another way only.

    A clause measures it that holds its words, or, where none holds them all, the most of them, more than half. Counted are the
    unit, and whether it is for each household, person or mu (户均, 人均, 亩均), that most items have.
    """
    wanted = Wanted.of(measured)
    if not wanted.words:
        return {}, 0
    found = _found(db, items, wanted)
    best = max((held for some in found.values() for held, _ in some), default=0)
    if best <= len(wanted.words) // 2:
        return {}, 0
    full = {item_id: [one for held, one in some if held == best] for item_id, some in found.items()}
    full = {item_id: some for item_id, some in full.items() if some}
    ways = Counter(way for some in full.values() for way in {_way(one) for one in some})
    way = max(ways, key=lambda one: ways[one], default=None)
    outcomes: dict[str, Outcome] = {}
    values: dict[str, float] = {}
    for item_id, some in full.items():
        if fitting := [one for one in some if _way(one) == way]:
            figure, told, document, item = max(fitting, key=lambda one: in_unit(one[0])[1])
            outcomes[item_id] = Outcome(figure.value, figure.unit, told.head, cite(document, item, *told.span))
            values[item_id] = in_unit(figure)[1]
    order = sorted(outcomes, key=lambda item_id: -values[item_id])
    return {item_id: outcomes[item_id] for item_id in order}, len(full) - len(outcomes)


def _found(db: sqlite3.Connection, items: Sequence[str], wanted: Wanted) -> dict[str, list[tuple[int, _Measured]]]:
    """Return for each item its clauses that measure something of it, each with how many of the words it holds."""
    found: dict[str, list[tuple[int, _Measured]]] = {}
    for item_id, document, item in items_at(db, items):
        for told in figures_of(document, item):
            if said := reached(document, item, told, wanted):
                found.setdefault(item_id, []).append((said[0], (said[1], told, document, item)))
    return found


def _way(one: _Measured) -> tuple[str, str]:
    figure, told, *_ = one
    return in_unit(figure)[0], base_of(told.head)
