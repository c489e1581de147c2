"""Synonyms, learned from the collection: 太阳能 and 光伏, 同乡 and 返乡, 分钱 and 分红.

Staff ask in everyday words, the texts are written in official ones. The encoder's vectors show which of the collection's own
words are closest to a question's; a passage with one of them counts nearly as much as one with the question's word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from threading import Lock

import faiss
import numpy as np
from cachetools import LRUCache

from index.arrays import Vectors, unit_rows
from index.errors import ModelUnavailable
from index.models.encoder import Encoder
from index.retrieval import Synonyms
from index.search.expansion import QueryExpansion
from index.search.spelling import Spelling
from index.store.handle import Connection
from index.store.words import Learned, words_of
from index.text.query import Query
from index.text.rarity import idf

_MOST_FREQUENT = 0.15  # share of the passages; a word in more of them is of no use as a synonym
# Most synonyms of a question's word, itself among them, and their least cosine after the mean of all words is subtracted.
# nDCG@10 on `precedents` 0.488; from 0.4 on 0.461 (at 8,000 words 0.484 and 0.476); with 7 or 15 words about 0.02 less;
# without any 0.379.
NEAR, CLOSE = 10, 0.45
NEARLY = 0.85  # what a synonym counts where the question's own word would count 1
_REMEMBERED = 10_000  # words of questions with cached synonyms
_PROBES = 500  # words that stand for all of them in query expansion


class SynonymFinder:
    """The collection's words with their vectors; threads may share it."""

    def __init__(self, db: Connection, encoder: Encoder, learned: Learned) -> None:
        self.learned = learned
        self._encoder, self._lock = encoder, Lock()
        self._near: LRUCache[str, Synonyms] = LRUCache(_REMEMBERED)
        rows = words_of(db, encoder.fingerprint)
        whole = max((len(vector) for *_, vector in rows), default=0)
        rows = [row for row in rows if len(row[2]) == whole]  # a damaged vector must not stop a search
        self._passages = learned.counted
        self._held = {word: frequency for word, frequency, _ in rows}
        self._words = [word for word, frequency, _ in rows if frequency <= _MOST_FREQUENT * self._passages]
        self._numbers = {word: number for number, word in enumerate(self._words)}
        usable = [np.frombuffer(vector, "<f4") for word, _, vector in rows if word in self._numbers]
        vectors = np.stack(usable) if usable else np.empty((0, 0), np.float32)
        self._mean = vectors.mean(axis=0) if self._words else np.empty(0, np.float32)
        self._vectors = unit_rows(vectors - self._mean)
        self._probes = vectors[:: max(1, len(vectors) // _PROBES)]  # as encoded: the mean is not subtracted
        self._index = faiss.IndexFlatIP(len(self._mean))
        if self._words:
            self._index.add(self._vectors)

    def of(self, query: Query) -> list[Synonyms]:
        """Return for each word of a query what a passage scores with it or a synonym; the words' own scores sum to 1."""
        near = self._nearest(query.words)
        weights = {word: self._weight(word, synonyms) for word, synonyms in near.items()}
        whole = sum(weights.values()) or 1.0
        return [{other: weights[word] / whole * count for other, count in scores.items()} for word, scores in near.items()]

    @cached_property
    def spelling(self) -> Spelling:
        """The same words by their sound."""
        return Spelling(self._held)

    @cached_property
    def expansion(self) -> QueryExpansion:
        """The same words for the expansion of whole questions."""
        shares = np.array([self._held[word] / self._passages for word in self._words], np.float32)
        return QueryExpansion(self._words, self._vectors, shares, self._probes)

    def alike(self, words: Sequence[str], least: float) -> list[set[str]]:
        """Return for each word itself and, if the collection has it, its words with a cosine of at least `least`."""
        rows = {word: self._vectors @ self._vectors[self._numbers[word]] for word in words if word in self._numbers}
        near = {word: np.flatnonzero(cosines >= least) for word, cosines in rows.items()}
        return [{word, *(self._words[row] for row in near.get(word, ()))} for word in words]

    def nearest(self, text: str, most: int) -> list[str]:
        """Return the collection's words nearest to a text, nearest first."""
        vectors = [*self._vectors_of([text]).values()]
        rows = self._index.search(np.stack(vectors), most)[1][0] if vectors else ()
        return [self._words[row] for row in rows if row >= 0]

    def _weight(self, word: str, near: Synonyms) -> float:
        """Return the geometric mean of two IDF: of a word, and of the word together with its synonyms."""
        own = self._held.get(word, 1)
        together = own + sum(self._held.get(other, 0) for other in near if other != word)
        return math.sqrt(idf(own, self._passages) * idf(together, self._passages))

    def _nearest(self, words: Sequence[str]) -> dict[str, Synonyms]:
        """Return the synonyms of each word; words that are not cached are encoded together."""
        with self._lock:
            found = {word: near for word in words if (near := self._near.get(word)) is not None}
        new = [word for word in words if word not in found]
        vectors = self._vectors_of(new)
        found |= {word: {word: 1.0} for word in new}
        if vectors:
            cosines, rows = self._index.search(np.stack(list(vectors.values())), NEAR)
            for word, values, near in zip(vectors, cosines, rows, strict=True):
                likes = {
                    self._words[row]: NEARLY for row, value in zip(near, values, strict=True) if row >= 0 and value >= CLOSE
                }
                found[word] = likes | dict(found[word])
        with self._lock:
            self._near.update({word: found[word] for word in vectors})
        return {word: found[word] for word in words}

    def _vectors_of(self, words: Sequence[str]) -> dict[str, Vectors]:
        if not self._words:
            return {}
        vectors = {word: self._vectors[self._numbers[word]] for word in words if word in self._numbers}
        if unknown := [word for word in words if word not in vectors]:
            with suppress(ModelUnavailable):  # refused, or the server is gone: the words get no synonyms
                vectors |= zip(unknown, unit_rows(self._encoder.passages(unknown) - self._mean), strict=True)
        return vectors
