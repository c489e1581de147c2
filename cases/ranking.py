"""Rank cases as wholes for a problem told in everyday words, where the texts use official ones.

Each case is judged by the best that any of its passages says for it, signal by signal; then by how much of the glossary's
words nearest to the question it holds anywhere; then again by those words that the best cases say more than others. What
each part brings is in benchmarks/README.md.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

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

PROPOSED = 150  # passages by each of three ways; 200 and 400 give the same first twenty
KEYWORDS, LIKES, WORDS = 9.0, 2.0, 6.0  # weights, in spreads of the cosine as in index.search.fusion
LENGTH = 1.0  # of the logarithm of the passages: of many the best is better by chance, and a long directive names everything
SAID = 1.0  # of what the best cases say more than others, beside the words' own nearness
TOLD_BY, TOLD_SPREAD = 10, 2.0  # cases whose words are looked at, and how fast those farther down count less

Ranked = dict[str, list[tuple[int, float]]]  # items, the best first: their passages with scores, the best first


def rank_cases(db: sqlite3.Connection, views: Views, finder: SynonymFinder, query: Query, allowed: Mask | None) -> Ranked:
    """Return the cases that fit a query, the best first."""
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
    first = scores + WORDS * cases.hold(near)
    again = expansion.nearest(standardised(close + SAID * expansion.said(cases.said(first))))
    return cases.ranked(scores + WORDS * cases.hold(again), passages)


class _Cases:
    """The passages of the cases that are proposed, and what each says for its case."""

    def __init__(self, db: sqlite3.Connection, views: Views, items: Sequence[str]) -> None:
        passages = {item: spread_evenly(np.array(some)).tolist() for item, some in passages_of(db, items).items() if some}
        self.items, self._db, self._views = list(passages), db, views
        pairs = sorted((number, place) for place, item in enumerate(self.items) for number in passages[item])
        self._numbers = np.array([number for number, _ in pairs], np.int64)
        self._places = np.array([place for _, place in pairs], np.int64)  # of the case that a passage is of

    def scores(self, expansion: QueryExpansion, query: Query, synonyms: Sequence[Synonyms]) -> tuple[Floats, Floats]:
        """Return a score for each case and for each passage: nearness to the query, and its words or their synonyms."""
        keywords, numbers, vectors = self._views.keywords, self._numbers, self._views.vectors
        near = zscores(query.vector, vectors.vectors(numbers), vectors.sample, expansion.hubness)
        bm25 = keywords.scores(query, numbers) / (keywords.total_idf(query) or 1.0)
        likes = [keywords.synonym_scores([each], numbers) for each in synonyms] or [np.zeros(len(numbers), np.float32)]
        like = np.stack(likes, axis=1)
        cases = self._best(near) + KEYWORDS * self._best(bm25)
        cases += LIKES * (self._best(like.sum(axis=1)) + self._best(like).sum(axis=1))  # in one passage, and anywhere
        cases -= LENGTH * np.log(np.bincount(self._places, minlength=len(self.items))).astype(np.float32)
        return cases, near + KEYWORDS * bm25 + 2 * LIKES * like.sum(axis=1)

    def hold(self, weights: Mapping[str, float]) -> Floats:
        """Return how much of the weight of some words each case holds, in any of its passages."""
        if not weights:
            return np.zeros(len(self.items), np.float32)
        found = self._best(self._views.keywords.word_matches(list(weights), self._numbers))
        shares: Floats = found @ np.array(list(weights.values()), np.float32)
        return shares

    def said(self, scores: Floats) -> dict[str, float]:
        """Return in which share of the best cases each word is said; the better a case, the more it counts."""
        best = np.argsort(-scores, kind="stable")[:TOLD_BY]
        weights = np.exp((scores[best] - scores[best[0]]) / TOLD_SPREAD)
        shares: defaultdict[str, float] = defaultdict(float)
        for place, weight in zip(best.tolist(), (weights / weights.sum()).tolist(), strict=True):
            texts = texts_at(self._db, self._numbers[self._places == place].tolist())
            for word in {word for text in texts.values() for word in words(fold(text))}:
                shares[word] += weight
        return shares

    def ranked(self, scores: Floats, passages: Floats) -> Ranked:
        """Return the cases in the order of their scores, each with its passages in the order of theirs."""
        ranked: Ranked = {}
        for place in np.argsort(-scores, kind="stable").tolist():
            own = np.flatnonzero(self._places == place)
            own = own[np.argsort(-passages[own], kind="stable")]
            ranked[self.items[place]] = [(int(self._numbers[at]), float(scores[place])) for at in own]
        return ranked

    def _best(self, values: Floats) -> Floats:
        """Return the best value among each case's passages; values are `(passages,)` or `(passages, n)`."""
        best = np.full((len(self.items), *values.shape[1:]), -np.inf, np.float32)
        np.maximum.at(best, self._places, values)
        return best
