"""Rank passages for a query: the candidates of both retrievers, fused; the best rescored, and fused again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats, Numbers, Scores
from index.models.reader import Reader
from index.models.reranker import Reranker
from index.retrieval import ANYWHERE, Within
from index.search.fusion import THEIR_WORDS, Candidates, Features, fuse, zscores
from index.search.state import State
from index.search.synonyms import SynonymFinder
from index.store.handle import Connection
from index.store.passages import texts_at, when_and_where
from index.text.phrases import phrase_share
from index.text.query import Query
from index.text.words import fold
from index.timings import stage

# How many passages each retriever proposes. On `ncp` 50, 100 and 200 give the same nDCG@10 to four places.
CANDIDATES = 100
# How many of them are rescored. nDCG@10 on `ncp` / `crud_news` / `precedents` with 30 0.922 / 0.898 / 0.476, with 50
# 0.922 / 0.901 / 0.487, with 100 0.923 / 0.901 / 0.481.
RESCORED = 50
READS = 4  # of an everyday query, unless the settings say otherwise; each costs the reader about as much as encoding a passage
RERANKED = 30  # by a cross-encoder, if there is one; each costs it about as much as encoding a passage


@dataclass(frozen=True, slots=True)
class Ranked:
    """Passages, best first, with what says how well each fits the query, whatever else there is."""

    numbers: Numbers
    scores: Floats
    near: Floats  # z-scores of the cosines


class Ranker:
    """Ranks passages, with the collection's synonyms once they are learned, and with a reader or a reranker if there is one."""

    def __init__(self, reranker: Reranker | None, reader: Reader | None, reads: int) -> None:
        self.synonyms: SynonymFinder | None = None
        self._reranker, self._reader, self._reads = reranker, reader, reads

    def rank(self, state: State, query: Query, k: int, within: Within = ANYWHERE, read: bool = True) -> Scores:
        """Return the `k` best passages with their scores, best first, of both retrievers' candidates.

        The reader puts the first few in order where words do not: for a query that does not use the texts' own. Without
        `read` it is not asked.
        """
        ranked = self.ranked(state, query, k, within, read)
        return ranked.numbers, ranked.scores

    def ranked(self, state: State, query: Query, k: int, within: Within = ANYWHERE, read: bool = True) -> Ranked:
        """Return the same as `rank`, with how well each passage fits."""
        numbers, candidates, features, texts = self.gather(state, query, max(CANDIDATES, k), within)
        if not len(numbers):
            return Ranked(numbers, *(np.empty(0, np.float32) for _ in range(2)))
        with stage("look"):
            fused = fuse(query.vector, candidates, features)
        if self._reranker:
            known = np.flatnonzero(np.isin(numbers, list(texts)))
            again = known[_best(fused[known], RERANKED)]
            answers = self._reranker.scores(query.text, [texts.get(number, "") for number in numbers[again].tolist()])
            fused[again] = fused.max() + 1 + answers - answers.min()  # above all others
        elif read and self._reader and candidates.coverage < THEIR_WORDS:
            first = _best(fused, self._reads)
            readings = self._reader.read(query.text, [("", texts.get(number, "")) for number in numbers[first].tolist()])
            fused[first] = _reordered(fused[first], np.array([reading.relevance for reading in readings], np.float32))
        best = _best(fused, k)
        near = zscores(query.vector, candidates.vectors[best], candidates.sample)
        return Ranked(numbers[best], fused[best], near)

    def relevance(self, query: Query, texts: Sequence[str]) -> float:
        """Return how relevant the reader takes the most relevant of some passages to be; infinite if there is no reader."""
        readings = self._reader.read(query.text, [("", text) for text in texts]) if self._reader else []
        return max((reading.relevance for reading in readings), default=np.inf)

    def gather(
        self, state: State, query: Query, depth: int, within: Within = ANYWHERE
    ) -> tuple[Numbers, Candidates, Features, Mapping[int, str]]:
        """Return the numbers of both retrievers' candidates, what ranks them, and the texts of those rescored."""
        with stage("dense"):
            close, _ = state.near(query.vector, depth, within)
        with stage("keyword"):
            matched, matched_bm25 = state.matching(query, depth, within)
        numbers = np.union1d(close, matched)
        bm25 = np.zeros(len(numbers), np.float32)
        bm25[np.searchsorted(numbers, matched)] = matched_bm25
        others = np.setdiff1d(close, matched) if state.exact else numbers
        bm25[np.searchsorted(numbers, others)] = state.bm25(query, others)
        vectors = state.vectors(numbers)
        candidates = Candidates(vectors, state.sample, bm25, state.total_idf(query))
        rescored = _best(fuse(query.vector, candidates), RESCORED)
        texts = texts_at(state.db, numbers[rescored].tolist())
        with stage("look"):
            features = self._features(state, query, numbers, rescored, texts)
        return numbers, candidates, features, texts

    def _features(self, state: State, query: Query, numbers: Numbers, rescored: Numbers, texts: Mapping[int, str]) -> Features:
        """Return the features of the candidates to rescore, whose texts are given; 0 for the others."""
        rescored = np.sort(rescored)
        chosen = numbers[rescored].tolist()
        features = Features(*(np.zeros(len(numbers), np.float32) for _ in range(3)))
        features.phrases[rescored] = phrase_share(query, [fold(texts.get(number, "")) for number in chosen])
        features.fits[rescored] = places_and_years(state.db, query, chosen)
        if self.synonyms:
            features.likes[rescored] = state.synonym_scores(self.synonyms.of(query), numbers[rescored])
        return features


def places_and_years(db: Connection, query: Query, numbers: Sequence[int]) -> list[float]:
    """Return for each passage 0, 1 or 2: 1 if a place of its item fits the query's, and 1 if its document's year does.

    A place fits those in it and those it is in. This is a boost, not a filter: 余姚的经验 may be reported elsewhere.
    """
    if not query.places and not query.years:
        return [0.0] * len(numbers)
    facts = when_and_where(db, numbers)
    fits = []
    for number in numbers:
        date, regions = facts.get(number, ("", set()))
        near = any(place.startswith(region) or region.startswith(place) for place in query.places for region in regions)
        fits.append(float(near) + float(date[:4] in query.years))
    return fits


def _reordered(fused: Floats, relevance: Floats) -> Floats:
    """Return fused scores, best first, given to the same passages in the order of both scores' mean, each standardised."""
    if len(fused) < 2:
        return fused
    mean = sum((scores - scores.mean()) / max(float(scores.std()), 1e-6) for scores in (fused, relevance))
    again = np.empty_like(fused)
    again[np.argsort(-mean, kind="stable")] = fused
    return again


def _best(scores: Floats, k: int) -> Numbers:
    return np.argsort(-scores, kind="stable")[:k]
