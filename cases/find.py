"""Find cases: search hits grouped by item, ordered by relevance, date or an outcome figure; or all items that filters leave."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from cases.outcomes import Outcome, ordered_by, outcome_of
from cases.ranking import Ranked, rank_cases
from cases.summary import Line, result_of
from index.arrays import Mask
from index.search.facets import Facets, facets_of
from index.search.filters import newest
from index.search.fusion import THEIR_WORDS
from index.search.hits import PASSAGES_OF_ITEM, Hit, hit_of
from index.search.index import SearchIndex
from index.store.documents import dates_of, items_at
from index.store.passages import items_of, other_places, passages_at, passages_of, texts_at
from index.text.phrases import highlights
from index.text.query import Query
from index.views.both import Views

Order = Literal["relevance", "date", "figure"]
_CONSIDERED = 300  # best passages
_CONSIDERED_FOR_FIGURES = 1000  # best passages where the order is by a figure
NEAR = 0.5  # share of the best score; cases below it do not fit the topic and are left out of any order but relevance


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
    total: int  # by relevance: the cases that were considered
    facets: Facets
    otherwise: int = 0  # by a figure: cases left out because they state it in another unit or not per the same thing


def find_cases(
    index: SearchIndex, query: str, k: int, conditions: Mapping[str, str], order: Order = "relevance", figure: str = ""
) -> FoundCases:
    """Return the first `k` cases that meet the conditions and fit a query; without a query, the newest that meet them.

    "date" puts the newest first; "figure" puts the largest first, of the cases that state `figure` in the unit that most use.
    """
    if order == "figure" and not query:
        return index.in_one_state(lambda db, views: _by_figure(index, db, figure, k, conditions, Query("")))
    if not query:
        return index.in_one_state(lambda db, views: _all(index, db, conditions, k))
    asked = index.query(query).encoded()

    def read(db: sqlite3.Connection, views: Views) -> FoundCases:
        allowed = index.allowed(db, conditions)
        cases = _as_wholes(index, db, views, asked, allowed) if order == "relevance" else None
        if cases is None:
            depth = _CONSIDERED_FOR_FIGURES if order == "figure" else _CONSIDERED
            numbers, scores = index.ranker.rank(db, views, asked, depth, allowed, read=order == "relevance")
            cases = _grouped(db, numbers.tolist(), scores.tolist())
        best = max((ranked[0][1] for ranked in cases.values()), default=0.0)
        near = {item_id: ranked for item_id, ranked in cases.items() if ranked[0][1] >= min(best, NEAR * best)}
        if order == "figure":
            return _by_figure(index, db, figure, k, conditions, asked, near)
        ordered = _ordered(db, cases if order == "relevance" else near, order)
        shown = _shown(db, asked, {item_id: cases[item_id] for item_id in ordered[:k]})
        return FoundCases(tuple(shown), len(ordered), facets_of(db, ordered))

    return index.in_one_state(read)


def _as_wholes(index: SearchIndex, db: sqlite3.Connection, views: Views, query: Query, allowed: Mask | None) -> Ranked | None:
    """Return cases ranked as wholes, None for a query in the texts' own words, for which ranking passages is better."""
    first, synonyms = views.keywords.search(query, 1, allowed)[0], index.ranker.synonyms
    best = views.keywords.scores(query, first, partial(texts_at, db)).sum()
    if synonyms is None or best >= THEIR_WORDS * views.keywords.total_idf(query):
        return None
    return rank_cases(db, views, synonyms, query, allowed)


def _grouped(db: sqlite3.Connection, numbers: Sequence[int], scores: Sequence[float]) -> Ranked:
    """Return ranked passages by item, the item with the best passage first."""
    items = items_of(db, numbers)
    cases: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, score in zip(numbers, scores, strict=True):
        if number in items:
            cases[items[number]].append((number, score))
    return dict(cases)


def _ordered(db: sqlite3.Connection, cases: Ranked, order: Order) -> list[str]:
    if order == "relevance":
        return list(cases)
    date = dates_of(db, list(cases))
    return sorted(cases, key=lambda item_id: date[item_id], reverse=True)


def _by_figure(
    index: SearchIndex,
    db: sqlite3.Connection,
    figure: str,
    k: int,
    conditions: Mapping[str, str],
    asked: Query,
    among: Ranked | None = None,
) -> FoundCases:
    """Return the cases that state a figure, the largest first, each with its best passages, or that of the figure."""
    ordered = ordered_by(db, index, figure, conditions, among)
    first = list(ordered.figures)[:k]
    passages = among or {item_id: [(numbers[0], 0.0)] for item_id, numbers in passages_of(db, first).items()}
    shown = _shown(db, asked, {item_id: passages[item_id] for item_id in first if item_id in passages})
    stored = {item_id: (document, item) for item_id, document, item in items_at(db, first)}
    made = (replace(case, outcome=outcome_of(*stored[case.item_id], ordered.figures[case.item_id])) for case in shown)
    return FoundCases(tuple(made), len(ordered.figures), facets_of(db, list(ordered.figures)), ordered.otherwise)


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


def _all(index: SearchIndex, db: sqlite3.Connection, conditions: Mapping[str, str], k: int) -> FoundCases:
    """Return all items that meet conditions, the newest first, each with its first passage."""
    passages = passages_of(db, newest(db, conditions, k))
    cases = {item_id: [(numbers[0], 0.0)] for item_id, numbers in passages.items() if numbers}
    facets = index.counter.within(db, conditions, index.catalog.groups)
    return FoundCases(tuple(_shown(db, Query(""), cases)), facets.items, facets)
