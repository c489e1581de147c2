"""Rank whole cases for a problem described in everyday words, where the texts use official ones.

1. For each signal a case gets the best value among its passages.
2. Query expansion adds how much of the weight of the collection's words nearest to the query the case contains in any passage.
3. Query expansion is repeated with the words that the best cases of step 2 use more than others.

What each part brings is in benchmarks/README.md.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from index.arrays import Floats, Mask
from index.search.expansion import QueryExpansion, standardised
from index.search.fusion import zscores
from index.search.more_like_this import spread_evenly
from index.search.synonyms import SynonymFinder
from index.store.passages import items_of, passages_of, texts_at
from index.text.query import Query
from index.text.words import fold, words
from index.views.both import Views
from index.views.keywords import Synonyms

PROPOSED = 150  # candidates from each of three retrievers; 200 and 400 give the same first twenty cases
KEYWORDS, LIKES, WORDS = 9.0, 2.0, 6.0  # weights, on the scale of the cosine's z-scores, as in index.search.fusion
# Penalty per log of a case's number of passages: the best of many is better by chance, and a long directive names everything.
LENGTH = 1.0
SAID = 1.0  # weight of how much more the best cases use a word than others, beside the word's own z-score
TOLD_BY, TOLD_SPREAD = 10, 2.0  # best cases whose words are counted; score difference at which one counts 1/e of the best

Ranked = dict[str, list[tuple[int, float]]]  # by item id, best first: its passages with scores, best first


def rank_cases(db: sqlite3.Connection, views: Views, finder: SynonymFinder, query: Query, allowed: Mask | None) -> Ranked:
    """Return the cases that fit a query, best first."""
    expansion, synonyms = finder.expansion, finder.of(query)
    close = expansion.zscores(query.vector)
    near = expansion.nearest(close)
    ways = (
        views.vectors.search(query.vector, PROPOSED, allowed)[0], views.keywords.search(query, PROPOSED, allowed)[0],
        views.keywords.passages_with(near, PROPOSED, allowed),
    )  # fmt: skip
    cases = _Cases(db, views, sorted(set(items_of(db, np.unique(np.concatenate(ways)).tolist()).values())))
    if not cases.items:
        return {}
    scores, passages = cases.scores(expansion, query, synonyms)
    first = scores + WORDS * cases.coverage(near)
    again = expansion.nearest(standardised(close + SAID * expansion.said(cases.word_shares(first))))
    return cases.ranked(scores + WORDS * cases.coverage(again), passages)


class _Cases:
    """The cases among the candidates, each with up to index.search.more_like_this.MOST_PASSAGES of its passages."""

    def __init__(self, db: sqlite3.Connection, views: Views, items: Sequence[str]) -> None:
        passages = {item: spread_evenly(np.array(some)).tolist() for item, some in passages_of(db, items).items() if some}
        self.items, self._db, self._views = list(passages), db, views
        pairs = sorted((number, place) for place, item in enumerate(self.items) for number in passages[item])
        self._numbers = np.array([number for number, _ in pairs], np.int64)
        self._places = np.array([place for _, place in pairs], np.int64)  # position in `items` of each passage's case

    def scores(self, expansion: QueryExpansion, query: Query, synonyms: Sequence[Synonyms]) -> tuple[Floats, Floats]:
        """Return scores by z-score of the cosine, BM25 and synonyms, of the cases, `(cases,)`, and passages, `(passages,)`."""
        keywords, numbers, vectors = self._views.keywords, self._numbers, self._views.vectors
        near = zscores(query.vector, vectors.vectors(numbers), vectors.sample, expansion.hubness)
        bm25 = keywords.scores(query, numbers, partial(texts_at, self._db)) / (keywords.total_idf(query) or 1.0)
        likes = [keywords.synonym_scores([each], numbers) for each in synonyms] or [np.zeros(len(numbers), np.float32)]
        like = np.stack(likes, axis=1)
        cases = self._best(near) + KEYWORDS * self._best(bm25)
        cases += LIKES * (self._best(like.sum(axis=1)) + self._best(like).sum(axis=1))  # in one passage, and anywhere
        cases -= LENGTH * np.log(np.bincount(self._places, minlength=len(self.items))).astype(np.float32)
        return cases, near + KEYWORDS * bm25 + 2 * LIKES * like.sum(axis=1)

    def coverage(self, weights: Mapping[str, float]) -> Floats:
        """Return how much of the weight of some words each case contains, in any of its passages, `(cases,)`."""
        if not weights:
            return np.zeros(len(self.items), np.float32)
        found = self._best(self._views.keywords.word_matches(list(weights), self._numbers))
        shares: Floats = found @ np.array(list(weights.values()), np.float32)
        return shares

    def word_shares(self, scores: Floats) -> dict[str, float]:
        """Return for each word the share of the best cases that use it; better cases count more."""
        best = np.argsort(-scores, kind="stable")[:TOLD_BY]
        weights = np.exp((scores[best] - scores[best[0]]) / TOLD_SPREAD)
        shares: defaultdict[str, float] = defaultdict(float)
        for place, weight in zip(best.tolist(), (weights / weights.sum()).tolist(), strict=True):
            texts = texts_at(self._db, self._numbers[self._places == place].tolist())
            for word in {word for text in texts.values() for word in words(fold(text))}:
                shares[word] += weight
        return shares

    def ranked(self, scores: Floats, passages: Floats) -> Ranked:
        """Return the cases, best first, each with its passages, best first, and the case's score."""
        ranked: Ranked = {}
        for place in np.argsort(-scores, kind="stable").tolist():
            own = np.flatnonzero(self._places == place)
            own = own[np.argsort(-passages[own], kind="stable")]
            ranked[self.items[place]] = [(int(self._numbers[at]), float(scores[place])) for at in own]
        return ranked

    def _best(self, values: Floats) -> Floats:
        """Return the best value among each case's passages; `values` is `(passages,)` or `(passages, n)`."""
        best = np.full((len(self.items), *values.shape[1:]), -np.inf, np.float32)
        np.maximum.at(best, self._places, values)
        return best
