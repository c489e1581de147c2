"""Outcome figures, by which cases are ordered: the largest that each item says was reached, as 带动就业5380人."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cases.alignment import Statement, base_of, figures_of, in_unit
from index.store.documents import items_at
from index.text.words import fold_with_origin, places_of, words
from ingest.citation import cite
from ingest.document import Citation, Document, Figure, Item

# Words that say that something was reached, or how it is counted, but not what: 带动就业, 就业人数 and 吸纳村民就业 are one.
_REACHED = frozenset(["带动", "吸纳", "实现", "累计", "新增", "达到", "解决", "帮助", "促进", "完成", "共计", "惠及", "增加"])
_COUNTED = re.compile(r"^(?:全年|年|总|累计)(?=..)|(?<=.)(?:人数|数量|总数|个数|规模|总量)$")
# Words before a figure that is hoped for, demanded or a condition; 计划 and 目标 as plain nouns do not count.
_HOPED = re.compile(
    r"力争|有望|预计|预期|争取|确保|意向|可申请|计划(?=[到在用于新建投带今明]|\d)|目标(?=[是为到])|将(?=达|实现|带动|新增|建成|突破|超过)|拟(?=建|投|用|新)"
)
_LIMIT_BEFORE = re.compile(r"(?:不低于|不超过|不少于|不得少于|不高于|不足|最高|至少|上限|以内)\D{0,2}$")
_LIMIT_AFTER = re.compile(r"[余多]?及?以[上下内][^，。；]*的")
_YEAR_TO_COME = re.compile(r"到?(20\d\d)年")
_NEGATED_BEFORE, _NEGATED_AFTER = re.compile(r"(?:未|不|没有?|无|减少|失去)(?:带动|吸纳|实现)?$"), re.compile(r"困难|难(?!得)")
# Words before a difference (by so much, not to so much).
_MORE = re.compile(r"(?:增加|增长|提高|提升|上升|减少|下降|降低|缩短|同比增|多)(?:了|近|约|超过?)?$")
_FROM = re.compile(r"[由从][^，。；]{0,12}$")
_STOP = re.compile(r"[。！？；\n]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure of an item, its value in base units, with the clause that states it."""

    value: float
    unit: str
    text: str
    citation: Citation


_Measured = tuple[Figure, Statement, Document, Item]


def outcomes_of(db: sqlite3.Connection, items: Sequence[str], measured: str) -> tuple[dict[str, Outcome], int]:
    """Return each item's largest figure of what is measured, largest first; and how many items state it only in another way.

    A clause counts if it contains all the words of `measured`; if no clause does, those with the most of them count, if that
    is more than half. Items are compared in the way that most of them use: the unit, and whether the figure is a total or
    per household, person or mu (户均, 人均, 亩均).
    """
    wanted = Wanted.of(measured)
    if not wanted.words:
        return {}, 0
    found = _measuring(db, items, wanted)
    best = max((count for clauses in found.values() for count, _ in clauses), default=0)
    if best <= len(wanted.words) // 2:
        return {}, 0
    full = {item_id: [one for count, one in clauses if count == best] for item_id, clauses in found.items()}
    full = {item_id: clauses for item_id, clauses in full.items() if clauses}
    ways = Counter(way for clauses in full.values() for way in {_way(one) for one in clauses})
    way = max(ways, key=lambda one: ways[one], default=None)
    outcomes: dict[str, Outcome] = {}
    values: dict[str, float] = {}
    for item_id, clauses in full.items():
        if fitting := [one for one in clauses if _way(one) == way]:
            figure, statement, document, item = max(fitting, key=lambda one: in_unit(one[0])[1])
            outcomes[item_id] = Outcome(figure.value, figure.unit, statement.head, cite(document, item, *statement.span))
            values[item_id] = in_unit(figure)[1]
    order = sorted(outcomes, key=lambda item_id: -values[item_id])
    return {item_id: outcomes[item_id] for item_id in order}, len(full) - len(outcomes)


def _measuring(db: sqlite3.Connection, items: Sequence[str], wanted: Wanted) -> dict[str, list[tuple[int, _Measured]]]:
    """Return for each item the clauses that measure what is wanted, each with the number of wanted words that it contains."""
    found: dict[str, list[tuple[int, _Measured]]] = {}
    for item_id, document, item in items_at(db, items):
        for statement in figures_of(document, item):
            if match := reached(document, item, statement, wanted):
                found.setdefault(item_id, []).append((match[0], (match[1], statement, document, item)))
    return found


def _way(one: _Measured) -> tuple[str, str]:
    figure, statement, *_ = one
    return in_unit(figure)[0], base_of(statement.head)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured: the words that a clause should contain; the figure stands next to the last of them."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, measured: str) -> Wanted:
        """Take the words from what a person wrote: 带动就业, 就业人数, 覆盖村."""
        label = _COUNTED.sub("", _COUNTED.sub("", "".join(measured.split())))
        cut = [word for word in words(label) if word not in _REACHED] or words(label)
        rest = label
        for word in (*cut, *_REACHED):
            rest = rest.replace(word, " ")
        single = [character for character in rest if re.match(r"[\u4e00-\u9fff]", character)]
        pieces = sorted({*cut, *single}, key=label.rfind)
        return cls(tuple(pieces))


def reached(document: Document, item: Item, told: Statement, wanted: Wanted) -> tuple[int, Figure] | None:
    """Return how many of the wanted words a clause contains, and the figure next to them; None if it states none as reached."""
    folded, origin = fold_with_origin(document.text[slice(*told.span)])
    places = {word: places_of(word, folded) for word in wanted.words}
    last = wanted.words[-1]
    for place in reversed(places[last]):
        start, end = told.span[0] + origin[place], told.span[0] + origin[place + len(last) - 1] + 1
        figure = _figure_at(document.text, told, start, end)
        if figure and not _is_hoped_for(document, item, told, figure) and not _is_negated(document.text, start, end):
            return sum(map(bool, places.values())), figure
    return None


def _figure_at(text: str, clause: Statement, start: int, end: int) -> Figure | None:
    """Return the figure nearest to a word on its side of 、; of 从…到… the second, and never a difference (增加了…)."""
    left = text.rfind("、", clause.span[0], start) + 1 or clause.span[0]
    right = text.find("、", end, clause.span[1])
    beside = [figure for figure in clause.figures if figure.start >= left and (right < 0 or figure.end <= right)]
    kept = [
        figure
        for place, figure in enumerate(beside)
        if not _MORE.search(text, clause.span[0], figure.start)
        and not (place + 1 < len(beside) and _FROM.search(text, clause.span[0], figure.start))
    ]
    return min(kept, key=lambda figure: max(figure.start - end, start - figure.end), default=None)


def _is_hoped_for(document: Document, item: Item, clause: Statement, figure: Figure) -> bool:
    text = document.text
    begin = max([item.start, *(stop.end() for stop in _STOP.finditer(text, item.start, clause.span[0]))])
    years = [int(year) for year in _YEAR_TO_COME.findall(text[begin : figure.start])]
    return bool(
        _HOPED.search(text, begin, figure.start)
        or (document.date and any(year > int(document.date[:4]) for year in years))
        or _LIMIT_BEFORE.search(text, clause.span[0], figure.start)
        or _LIMIT_AFTER.match(text, figure.end, clause.span[1])
    )


def _is_negated(text: str, start: int, end: int) -> bool:
    return bool(_NEGATED_BEFORE.search(text, max(0, start - 6), start) or _NEGATED_AFTER.match(text, end))
