"""Rank passages for a question: what both retrievers propose, fused, looked at more closely, fused again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import numpy as np

from index.arrays import Mask, Numbers, Scores, Vectors
from index.models.reranker import Reranker
from index.search.fusion import Candidates, Features, fuse
from index.search.question import fitting
from index.search.synonyms import SynonymFinder
from index.store.passages import texts_at
from index.text.phrases import phrase_share
from index.text.words import fold
from index.timings import stage
from index.views.both import Views
from index.views.word_queries import synonym_scores

# How many passages each retriever proposes. On `ncp` 50, 100 and 200 give the same nDCG@10 to four places.
CANDIDATES = 100
# How many of them are read. nDCG@10 on `ncp` / `crud_news` / `precedents` with 30 0.922 / 0.898 / 0.476, with 50
# 0.922 / 0.901 / 0.487, with 100 0.923 / 0.901 / 0.481.
RESCORED = 50
RERANKED = 30  # by a cross-encoder, if there is one; each costs it about as much as encoding a passage


class Ranker:
    """Ranks with the collection's words of like meaning, once they have been learned, and a cross-encoder, if there is one."""

    def __init__(self, reranker: Reranker | None) -> None:
        self.synonyms: SynonymFinder | None = None
        self._reranker = reranker

    def rank(
        self, db: sqlite3.Connection, views: Views, query: str, vector: Vectors, k: int, allowed: Mask | None = None
    ) -> Scores:
        """Return the `k` best passages among `allowed` with their scores, best first, out of what both retrievers propose."""
        depth = max(CANDIDATES, k)
        with stage("dense"):
            close, _ = views.vectors.search(vector, depth, allowed)
        with stage("keyword"):
            matched, matched_bm25 = views.keywords.search(query, depth, allowed)
        numbers = np.union1d(close, matched)
        if not len(numbers):
            return numbers, np.empty(0, np.float32)
        bm25, total_idf = np.zeros(len(numbers), np.float32), views.keywords.total_idf(query)
        bm25[np.searchsorted(numbers, matched)] = matched_bm25
        others = np.setdiff1d(close, matched)
        bm25[np.searchsorted(numbers, others)] = views.keywords.scores(query, others)
        candidates = Candidates(views.vectors.vectors(numbers), views.vectors.sample, bm25, total_idf)
        read = _best(fuse(vector, candidates), RESCORED)
        texts = texts_at(db, numbers[read].tolist())
        with stage("look"):
            fused = fuse(vector, candidates, self._rescore(db, views, query, numbers, read, texts))
        if self._reranker:
            again = read[_best(fused[read], RERANKED)]
            answers = self._reranker.scores(query, [texts.get(number, "") for number in numbers[again].tolist()])
            fused[again] = fused.max() + 1 + answers - answers.min()  # before all others
        best = _best(fused, k)
        return numbers[best], fused[best]

    def _rescore(
        self, db: sqlite3.Connection, views: Views, query: str, numbers: Numbers, read: Numbers, texts: Mapping[int, str]
    ) -> Features:
        """Look more closely at some candidates, whose texts are given: what of the question stands there, and where."""
        read = np.sort(read)
        chosen = numbers[read].tolist()
        features = Features(*(np.zeros(len(numbers), np.float32) for _ in range(3)))
        features.phrases[read] = phrase_share(query, [fold(texts.get(number, "")) for number in chosen])
        features.fits[read] = fitting(db, query, chosen)
        if self.synonyms:
            features.likes[read] = synonym_scores(views.keywords, self.synonyms.synonyms(query), numbers[read])
        return features


def _best(scores: Vectors, k: int) -> Numbers:
    return np.argsort(-scores, kind="stable")[:k]
