"""Outcome figures: what an item says was reached of something, as 带动就业5380人, to put cases in order by it."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cases.measures import Told, figures_of, unit_of
from index.stored import load_document, load_item
from index.words import fold, words
from ingest.citation import cite
from ingest.document import Citation, Document, Figure, Item

# That something was reached, and that it is counted, does not say what: 带动就业, 就业人数 and 吸纳村民就业 measure the same.
_REACHED = frozenset(["带动", "吸纳", "实现", "累计", "新增", "达到", "解决", "帮助", "促进", "完成", "共计", "惠及", "增加"])
_COUNTED = re.compile(r"(?<=.)(?:人数|数量|总数|个数|规模|总量)$")
_TO_COME = re.compile(r"力争|计划|目标|预计|预期|规划|拟|争取")  # what is hoped for is no outcome


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure of an item: its value in base units, and the clause that shows it."""

    value: float
    unit: str
    text: str
    citation: Citation


def outcomes_of(db: sqlite3.Connection, items: Sequence[str], measured: str) -> dict[str, Outcome]:
    """Return each item's largest figure of what is measured, of the items that have one in the unit that most have.

    A clause measures it if it holds all of its words, but those of reaching and counting it; of its figures that is meant
    which stands nearest to the last word.
    """
    said = [word for word in words(_COUNTED.sub("", fold(measured.strip()))) if re.search(r"\w", word)]
    wanted = [word for word in said if word not in _REACHED] or said
    if not wanted:
        return {}
    rows = db.execute(
        "SELECT i.id, i.record, i.checksum, file, text, d.record, d.checksum"
        " FROM items i JOIN documents d ON d.id = document_id"
        f" WHERE i.id IN ({','.join('?' * len(items))})",
        list(items),
    )
    found: dict[str, list[tuple[Figure, Told, Document, Item]]] = {}
    for item_id, record, check, *rest in rows:
        item, document = load_item(record, check), load_document(*rest)
        for told in figures_of(document, item):
            if figure := _measuring(document.text, told, wanted):
                found.setdefault(item_id, []).append((figure, told, document, item))
    units = Counter(unit for some in found.values() for unit in {unit_of(figure) for figure, *_ in some})
    unit = max(units, key=lambda one: units[one], default="")
    outcomes = {}
    for item_id, some in found.items():
        if fitting := [one for one in some if unit_of(one[0]) == unit]:
            outcomes[item_id] = _outcome(*max(fitting, key=lambda one: one[0].value))
    return outcomes


def _measuring(text: str, told: Told, wanted: Sequence[str]) -> Figure | None:
    """Return the figure of a clause that measures what is wanted."""
    clause = fold(text[slice(*told.span)])
    before = text[text.rfind("。", 0, told.span[0]) + 1 : told.span[1]]
    if not all(word in clause for word in wanted) or _TO_COME.search(before):
        return None
    start = told.span[0] + clause.rfind(wanted[-1])
    end = start + len(wanted[-1])
    return min(told.figures, key=lambda figure: max(figure.start - end, start - figure.end))


def _outcome(figure: Figure, told: Told, document: Document, item: Item) -> Outcome:
    return Outcome(figure.value, figure.unit, told.head, cite(document, item, *told.span))
