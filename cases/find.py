"""Find cases: those that fit a query, ordered by relevance, date or an outcome figure; or all items that filters leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cases.fitting import CONSIDERED, fitting
from cases.outcomes import Outcome, common_measures, near_measures, ordered_by, outcome_of
from cases.ranking import Passages
from cases.summary import Line, result_of
from index.search.facets import Facets, facets_of
from index.search.hits import PASSAGES_OF_ITEM, Hit, hit_of
from index.search.index import SearchIndex
from index.search.state import State
from index.store.conditions import FILE, Form, newest
from index.store.documents import dates_of, items_at, of_kind
from index.store.handle import Connection
from index.store.passages import other_places, passages_at, passages_of
from index.text.phrases import highlights
from index.text.query import Query

Order = Literal["relevance", "date", "figure"]
_NEWEST = 2000  # items in which it is counted what figures measure
_CONSIDERED_FOR_FIGURES = 1000  # best passages where the order is by a figure


@dataclass(frozen=True, slots=True)
class FoundCase:
    """An item with its best passages, best first, the sentences that sum it up, and the figure that it is ordered by."""

    item_id: str
    hits: tuple[Hit, ...]
    lines: tuple[Line, ...] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class FoundCases:
    """Cases in their order, how many there are in all, and the facets of all."""

    cases: tuple[FoundCase, ...]
    total: int
    facets: Facets
    files: int  # notices, laws, reports and tables that fit
    complete: bool = True  # whether `total` is of all that fit; else of those considered, and more may fit
    otherwise: int = 0  # by a figure: cases left out because they state it in another unit or not per the same thing


def find_cases(
    index: SearchIndex,
    query: str,
    k: int,
    conditions: Mapping[str, str],
    order: Order = "relevance",
    figure: str = "",
    form: Form = "",
) -> FoundCases:
    """Return the first `k` cases of a form that meet the conditions and fit a query; without a query, the newest of all.

    "date" puts the newest first; "figure" puts the largest first, of the cases that state `figure` in the unit that most use.
    """
    if not query and order == "figure":
        return index.in_one_state(lambda state: _by_figure(index, state.db, figure, k, conditions, form))
    if not query:
        return index.in_one_state(lambda state: _all(index, state.db, conditions, k, form))
    asked = index.query(query).encoded()

    def read(state: State) -> FoundCases:
        depth = _CONSIDERED_FOR_FIGURES if order == "figure" else CONSIDERED
        fit = fitting(index, state, asked, conditions, depth)
        cases, files = parted(state.db, fit.cases, form)
        if order == "figure":
            return replace(_by_figure(index, state.db, figure, k, conditions, form, asked, cases), complete=fit.complete)
        ordered = _ordered(state.db, cases, order)
        shown = _shown(state.db, asked, {item_id: cases[item_id] for item_id in ordered[:k]})
        return FoundCases(tuple(shown), len(ordered), facets_of(state.db, ordered), files, fit.complete)

    return index.in_one_state(read)


def measured_in(
    index: SearchIndex, query: str, conditions: Mapping[str, str], most: int, like: str = ""
) -> list[tuple[str, int]]:
    """Return what the results of the cases measure that meet the conditions and fit a query, and how many cases do.

    Without a query it is that of the newest. With `like` it is what is nearest to that in meaning.
    """
    asked = index.query(query).encoded() if query else None

    def read(state: State) -> list[tuple[str, int]]:
        db = state.db
        among = parted(db, fitting(index, state, asked, conditions).cases, "case")[0] if asked else None
        if like:
            return near_measures(db, index, like, conditions, most, among)
        return common_measures(db, newest(db, conditions, _NEWEST, "case") if among is None else list(among), most)

    return index.in_one_state(read)


def parted(db: Connection, cases: Passages, form: Form) -> tuple[Passages, int]:
    """Return the cases of a form, and how many files there are among them all; of each file the best item stands for it."""
    of_files = of_kind(db, list(cases), FILE)
    best: dict[str, str] = {}
    for item_id in filter(of_files.__contains__, cases):
        best.setdefault(item_id.rpartition("-")[0], item_id)
    chosen = {"": list(cases), "case": [one for one in cases if one not in of_files], "file": list(best.values())}[form]
    return {item_id: cases[item_id] for item_id in chosen}, len(best)


def _ordered(db: Connection, cases: Passages, order: Order) -> list[str]:
    if order == "relevance":
        return list(cases)
    date = dates_of(db, list(cases))
    return sorted(cases, key=lambda item_id: date[item_id], reverse=True)


def _by_figure(
    index: SearchIndex,
    db: Connection,
    figure: str,
    k: int,
    conditions: Mapping[str, str],
    form: Form,
    asked: Query | None = None,
    among: Passages | None = None,
) -> FoundCases:
    """Return the cases that state a figure, the largest first; `among`: those that fit what is asked, with their passages."""
    ordered = ordered_by(db, index, figure, conditions, among)
    chosen, files = parted(db, {item_id: among[item_id] if among else [] for item_id in ordered.figures}, form)
    first = list(chosen)[:k]
    passages = chosen if among else {item_id: [(numbers[0], 0.0)] for item_id, numbers in passages_of(db, first).items()}
    shown = _shown(db, asked or Query(""), {item_id: passages[item_id] for item_id in first})
    stored = {item_id: (document, item) for item_id, document, item in items_at(db, first)}
    made = tuple(replace(case, outcome=outcome_of(*stored[case.item_id], ordered.figures[case.item_id])) for case in shown)
    facets = index.counter.among(db, list(chosen), index.catalog.groups)
    return FoundCases(made, len(chosen), facets, files, otherwise=ordered.otherwise)


def _shown(db: Connection, query: Query, cases: Mapping[str, Sequence[tuple[int, float]]]) -> list[FoundCase]:
    """Return cases with the first of their scored passages as hits."""
    score = {number: score for ranked in cases.values() for number, score in ranked[:PASSAGES_OF_ITEM]}
    stored = passages_at(db, list(score))
    places = other_places(db, {one.item_id: one.document.file for one in stored.values()})
    found = []
    for item_id, ranked in cases.items():
        hits = tuple(hit_of(query, stored[n], score[n], places[item_id]) for n, _ in ranked[:PASSAGES_OF_ITEM])
        first = stored[ranked[0][0]]
        lines = result_of(first.document, first.item)
        marked = tuple(replace(line, highlights=tuple(highlights(query, line.text))) for line in lines)
        found.append(FoundCase(item_id, hits, marked))
    return found


def _all(index: SearchIndex, db: Connection, conditions: Mapping[str, str], k: int, form: Form) -> FoundCases:
    """Return all items of a form that meet conditions, the newest first, each with its first passage."""
    passages = passages_of(db, newest(db, conditions, k, form))
    cases = {item_id: [(numbers[0], 0.0)] for item_id, numbers in passages.items() if numbers}
    facets = index.counter.within(db, conditions, index.catalog.groups, form)
    return FoundCases(tuple(_shown(db, Query(""), cases)), facets.items, facets, facets.files)
