"""Find cases: those that fit a query, ordered by relevance, date or an outcome figure; or all items that filters leave."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cases.fitting import CONSIDERED, Fitting, by_passages, fitting
from cases.outcomes import Outcome, outcomes_of
from cases.ranking import Passages
from cases.summary import Line, result_of
from index.search.facets import Facets, facets_of
from index.search.filters import FILE, Form, newest
from index.search.hits import PASSAGES_OF_ITEM, Hit, hit_of
from index.search.index import SearchIndex
from index.store.documents import dates_of, of_kind
from index.store.passages import other_places, passages_at, passages_of
from index.text.phrases import highlights
from index.text.query import Query
from index.views.both import Views

Order = Literal["relevance", "date", "figure"]
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
    topic = query or figure
    if not topic:
        return index.in_one_state(lambda db, views: _all(index, db, conditions, k, form))
    asked = index.query(topic).encoded()

    def read(db: sqlite3.Connection, views: Views) -> FoundCases:
        depth = _CONSIDERED_FOR_FIGURES if order == "figure" else CONSIDERED
        if query:
            fit = fitting(index, db, views, asked, conditions, depth)
        else:  # the figure decides
            fit = Fitting(by_passages(index, db, views, asked, index.allowed(db, conditions), depth).passages, True)
        cases, files = parted(db, fit.cases, form)
        outcomes, otherwise = outcomes_of(db, list(cases), figure) if order == "figure" else ({}, 0)
        ordered = _ordered(db, cases, order, outcomes)
        shown = _shown(db, asked, {item_id: cases[item_id] for item_id in ordered[:k]})
        made = tuple(replace(case, outcome=outcomes.get(case.item_id)) for case in shown)
        return FoundCases(made, len(ordered), facets_of(db, ordered), files, fit.complete, otherwise)

    return index.in_one_state(read)


def parted(db: sqlite3.Connection, cases: Passages, form: Form) -> tuple[Passages, int]:
    """Return the cases of a form, and how many files there are among them all; of each file the best item stands for it."""
    of_files = of_kind(db, list(cases), FILE)
    best: dict[str, str] = {}
    for item_id in filter(of_files.__contains__, cases):
        best.setdefault(item_id.rpartition("-")[0], item_id)
    chosen = {"": list(cases), "case": [one for one in cases if one not in of_files], "file": list(best.values())}[form]
    return {item_id: cases[item_id] for item_id in chosen}, len(best)


def _ordered(db: sqlite3.Connection, cases: Passages, order: Order, outcomes: Mapping[str, Outcome]) -> list[str]:
    if order == "figure":
        return list(outcomes)
    if order == "relevance":
        return list(cases)
    date = dates_of(db, list(cases))
    return sorted(cases, key=lambda item_id: date[item_id], reverse=True)


def _shown(db: sqlite3.Connection, query: Query, cases: Mapping[str, Sequence[tuple[int, float]]]) -> list[FoundCase]:
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


def _all(index: SearchIndex, db: sqlite3.Connection, conditions: Mapping[str, str], k: int, form: Form) -> FoundCases:
    """Return all items of a form that meet conditions, the newest first, each with its first passage."""
    passages = passages_of(db, newest(db, conditions, k, form))
    cases = {item_id: [(numbers[0], 0.0)] for item_id, numbers in passages.items() if numbers}
    facets = index.counter.within(db, conditions, index.catalog.groups, form)
    return FoundCases(tuple(_shown(db, Query(""), cases)), facets.items, facets, facets.files)
