"""Which cases fit a query: where a list of cases ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress, islice

import numpy as np
import numpy.typing as npt

from cases.ranking import Passages, RankedCases, rank_cases
from index.retrieval import Within
from index.search.fusion import THEIR_WORDS
from index.search.index import SearchIndex
from index.search.state import State
from index.store.passages import items_of, texts_at
from index.text.query import Query

CONSIDERED = 300  # best passages
# A case fits from END on: the z-score of its best passage's cosine, and SCORE of its score. SCORE is the weight of a logistic
# regression on the judged searches, END where 99 % of the results judged relevant stay (scripts/training/fit_end.py).
SCORE, END = 0.28, 3.0
HELD = 0.5  # share of a query's rarity from which a case contains its words, and fits whatever its meaning
# How relevant the reader takes one of the first READ cases to be at least, or nothing fits. It is asked where none contains the
# words: every search has a nearest case, also for what the collection tells nothing of. Of 170 judged searches with a relevant
# case among the three the least has about -4; of 15 topics of which a collection of 84 items has nothing the most has -4.7.
READ, LEAST = 3, -4.5


@dataclass(frozen=True, slots=True)
class Fitting:
    """The cases that fit a query, best first."""

    cases: Passages
    complete: bool  # whether these are all: those ranked below them fit less, or there are none


def fitting(
    index: SearchIndex,
    state: State,
    query: Query,
    conditions: Mapping[str, str],
    depth: int = CONSIDERED,
) -> Fitting:
    """Return the cases that meet conditions and fit a query, among those of the best `depth` passages."""
    ranked = ranked_cases(index, state, query, Within.meeting(conditions), depth)
    fits = _fit(ranked)
    if ranked.held.max(initial=0.0) < HELD:
        first = [passages[0][0] for passages in islice(ranked.passages.values(), READ)]
        texts = texts_at(state.db, first)  # each is read only if those before are not relevant
        relevance = (index.ranker.relevance(query, [texts[number]]) for number in first)
        if fits.any():
            fits &= any(value >= LEAST for value in relevance)
        else:  # z-scores say little of a few passages; without a reader, nothing fits
            fits[:1] = LEAST <= next(relevance, -np.inf) < np.inf
    cases = dict(compress(ranked.passages.items(), fits))
    return Fitting(cases, len(cases) < len(fits) or sum(map(len, cases.values())) < depth)


def _fit(ranked: RankedCases) -> npt.NDArray[np.bool_]:
    """Tell which cases fit; where one contains the words asked for, those without any of them do not."""
    scores = np.array([passages[0][1] for passages in ranked.passages.values()], np.float32)
    fits: npt.NDArray[np.bool_] = (ranked.near + SCORE * scores >= END) | (ranked.held >= HELD)
    return fits & (ranked.held > 0) if ranked.held.max(initial=0.0) >= HELD else fits


def ranked_cases(index: SearchIndex, state: State, query: Query, within: Within, depth: int) -> RankedCases:
    """Return cases, best first: ranked as wholes, or by their best passages for a query in the texts' own words."""
    return _as_wholes(index, state, query, within) or by_passages(index, state, query, within, depth)


def _as_wholes(index: SearchIndex, state: State, query: Query, within: Within) -> RankedCases | None:
    """Return cases ranked as wholes, None for a query in the texts' own words, for which ranking passages is better."""
    first, synonyms = state.matching(query, 1, within)[0], index.ranker.synonyms
    best = state.bm25(query, first).sum()
    if synonyms is None or best >= THEIR_WORDS * state.total_idf(query):
        return None
    return rank_cases(state, synonyms, query, within)


def by_passages(index: SearchIndex, state: State, query: Query, within: Within, depth: int) -> RankedCases:
    """Return cases by ranked passages, the item with the best passage first."""
    ranked = index.ranker.ranked(state, query, depth, within)
    items = items_of(state.db, ranked.numbers.tolist())
    rows: dict[str, list[int]] = {}
    for row, number in enumerate(ranked.numbers.tolist()):
        if number in items:
            rows.setdefault(items[number], []).append(row)
    cases = {item_id: [(int(ranked.numbers[row]), float(ranked.scores[row])) for row in own] for item_id, own in rows.items()}
    order = np.argsort(ranked.numbers)
    held = np.empty(len(order), np.float32)
    held[order] = state.held(query, ranked.numbers[order])
    near, said = (np.array([best[own].max() for own in rows.values()], np.float32) for best in (ranked.near, held))
    return RankedCases(cases, near, said)
