"""Rank whole cases for a problem described in everyday words, where the texts use official ones.

1. For each signal a case gets the best value among its passages.
2. Query expansion adds how much of the weight of the collection's words nearest to the query the case contains in any passage.
3. Query expansion is repeated with the words that the best cases of step 2 use more than others.

What each part brings is in benchmarks/README.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats, Vectors
from index.retrieval import Synonyms, Within
from index.search.expansion import QueryExpansion, standardised
from index.search.fusion import zscores
from index.search.more_like_this import spread_evenly
from index.search.state import State
from index.search.synonyms import SynonymFinder
from index.store.passages import items_of, passages_of, texts_at
from index.text.query import Query
from index.text.words import fold, words

PROPOSED = 150  # candidates from each of three retrievers; 200 and 400 give the same first twenty cases
KEYWORDS, LIKES, WORDS = 9.0, 2.0, 6.0  # weights, on the scale of the cosine's z-scores, as in index.search.fusion
# Penalty per log of a case's number of passages: the best of many is better by chance, and a long directive names everything.
LENGTH = 1.0
SAID = 1.0  # weight of how much more the best cases use a word than others, beside the word's own z-score
TOLD_BY, TOLD_SPREAD = 10, 2.0  # best cases whose words are counted; score difference at which one counts 1/e of the best

Passages = dict[str, list[tuple[int, float]]]  # by item id, best first: its passages with scores, best first


@dataclass(frozen=True, slots=True)
class RankedCases:
    """Cases, best first, with what says how well each fits the query, whatever else there is: its passages' best values."""

    passages: Passages
    near: Floats  # z-scores of the cosines
    held: Floats  # how much of the query they contain word for word, as a share of its total IDF


def rank_cases(state: State, finder: SynonymFinder, query: Query, within: Within) -> RankedCases:
    """Return the cases nearest to a query, best first."""
    expansion, synonyms = finder.expansion, finder.of(query)
    close = expansion.zscores(query.vector)
    near = expansion.nearest(close)
    ways = (
        state.near(query.vector, PROPOSED, within)[0],
        state.matching(query, PROPOSED, within)[0],
        state.with_words(near, PROPOSED, within),
    )
    cases = _Cases(state, sorted(set(items_of(state.db, np.unique(np.concatenate(ways)).tolist()).values())))
    if not cases.items:
        return RankedCases({}, *(np.zeros(0, np.float32) for _ in range(2)))
    signals = cases.signals(expansion, query, synonyms)
    scores = cases.scores(signals)
    first = scores + WORDS * cases.coverage(near)
    again = expansion.nearest(standardised(close + SAID * expansion.said(cases.word_shares(first))))
    return cases.ranked(scores + WORDS * cases.coverage(again), signals)


@dataclass(frozen=True, slots=True)
class _Signals:
    """What ranks passages: a value for each."""

    near: Floats  # z-score of the cosine
    apart: Floats  # the same without what is near to any question
    shares: Floats  # BM25 as a share of the query's total IDF
    held: Floats  # how much of the query it contains word for word, as a share of its total IDF
    likes: Vectors  # what each of the query's words or a synonym of it scores, `(passages, words)`


class _Cases:
    """The cases among the candidates, each with up to index.search.more_like_this.MOST_PASSAGES of its passages."""

    def __init__(self, state: State, items: Sequence[str]) -> None:
        passages = {item: spread_evenly(np.array(some)).tolist() for item, some in passages_of(state.db, items).items() if some}
        self.items, self._state = list(passages), state
        pairs = sorted((number, place) for place, item in enumerate(self.items) for number in passages[item])
        self._numbers = np.array([number for number, _ in pairs], np.int64)
        self._places = np.array([place for _, place in pairs], np.int64)  # position in `items` of each passage's case

    def signals(self, expansion: QueryExpansion, query: Query, synonyms: Sequence[Synonyms]) -> _Signals:
        """Return the signals of the passages."""
        state, numbers = self._state, self._numbers
        vectors = state.vectors(numbers)
        near, apart = (zscores(query.vector, vectors, state.sample, usual) for usual in (None, expansion.hubness))
        shares = state.bm25(query, numbers) / (state.total_idf(query) or 1.0)
        likes = [state.synonym_scores([each], numbers) for each in synonyms] or [np.zeros(len(numbers), np.float32)]
        return _Signals(near, apart, shares, state.held(query, numbers), np.stack(likes, axis=1))

    def scores(self, signals: _Signals) -> Floats:
        """Return scores of the cases, `(cases,)`, by the best of their passages for each signal."""
        cases = self._best(signals.apart) + KEYWORDS * self._best(signals.shares)
        likes = self._best(signals.likes.sum(axis=1)) + self._best(signals.likes).sum(axis=1)  # in one passage, and anywhere
        lengths = np.log(np.bincount(self._places, minlength=len(self.items))).astype(np.float32)
        scores: Floats = cases + LIKES * likes - LENGTH * lengths
        return scores

    def coverage(self, weights: Mapping[str, float]) -> Floats:
        """Return how much of the weight of some words each case contains, in any of its passages, `(cases,)`."""
        if not weights:
            return np.zeros(len(self.items), np.float32)
        found = self._best(self._state.word_matches(list(weights), self._numbers))
        shares: Floats = found @ np.array(list(weights.values()), np.float32)
        return shares

    def word_shares(self, scores: Floats) -> dict[str, float]:
        """Return for each word the share of the best cases that use it; better cases count more."""
        best = np.argsort(-scores, kind="stable")[:TOLD_BY]
        weights = np.exp((scores[best] - scores[best[0]]) / TOLD_SPREAD)
        shares: defaultdict[str, float] = defaultdict(float)
        for place, weight in zip(best.tolist(), (weights / weights.sum()).tolist(), strict=True):
            texts = texts_at(self._state.db, self._numbers[self._places == place].tolist())
            for word in {word for text in texts.values() for word in words(fold(text))}:
                shares[word] += weight
        return shares

    def ranked(self, scores: Floats, signals: _Signals) -> RankedCases:
        """Return the cases, best first, each with its passages, best first, and the case's score."""
        passages = signals.apart + KEYWORDS * signals.shares + 2 * LIKES * signals.likes.sum(axis=1)
        order = np.argsort(-scores, kind="stable")
        ranked: Passages = {}
        for place in order.tolist():
            own = np.flatnonzero(self._places == place)
            own = own[np.argsort(-passages[own], kind="stable")]
            ranked[self.items[place]] = [(int(self._numbers[at]), float(scores[place])) for at in own]
        return RankedCases(ranked, self._best(signals.near)[order], self._best(signals.held)[order])

    def _best(self, values: Floats) -> Floats:
        """Return the best value among each case's passages; `values` is `(passages,)` or `(passages, n)`."""
        best = np.full((len(self.items), *values.shape[1:]), -np.inf, np.float32)
        np.maximum.at(best, self._places, values)
        return best
