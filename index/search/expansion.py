"""Query expansion with the collection's words: those nearest to a whole question, in whatever words it is asked.

村里大夫不够 is near to 村医, 修路让当地人干活领工钱 to 以工代赈: official terms that share no word with the question.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from index.arrays import Floats, Vectors

_NEAR = 100  # words nearest to a question that expand it
_NEAREST, HUB = 10, 0.5  # nearest probes averaged, and the share of their mean cosine that is subtracted


class QueryExpansion:
    """Words with their vectors, the share of passages that contain each, and some of the vectors as probes."""

    def __init__(self, words: list[str], vectors: Vectors, shares: Vectors, probes: Vectors) -> None:
        self.words, self.shares = words, shares
        self._vectors, self._probes = vectors, probes
        self._near_to_all = self._mean_probe_cosine(vectors)

    def hubness(self, vectors: Vectors) -> Vectors:
        """Return what to subtract from each vector's cosines, `(n,)`: what is near to any word is near to any question."""
        return HUB * self._mean_probe_cosine(vectors)

    def _mean_probe_cosine(self, vectors: Vectors) -> Floats:
        """Return the mean cosine of each vector with the probes nearest to it, `(n,)`."""
        if not len(self._probes):
            return np.zeros(len(vectors), np.float32)
        near = np.partition(vectors @ self._probes.T, -min(_NEAREST, len(self._probes)), axis=1)[:, -_NEAREST:]
        usual: Floats = near.mean(axis=1)
        return usual

    def zscores(self, query: Vectors) -> Floats:
        """Return the z-score of each word's cosine with a question, less its hubness, `(words,)`."""
        if not self.words:  # none learned, or each is too frequent
            return np.zeros(0, np.float32)
        return standardised(self._vectors @ query - HUB * self._near_to_all)

    def nearest(self, scores: Floats) -> dict[str, float]:
        """Return the words with the best scores, with weights that sum to 1: near and rare words weigh most."""
        best = np.argsort(-scores, kind="stable")[:_NEAR]
        if not len(best):
            return {}
        weights = np.exp(scores[best] - scores[best[0]]) * -np.log(self.shares[best] + 1e-4)
        return dict(zip((self.words[number] for number in best), (weights / weights.sum()).tolist(), strict=True))

    def said(self, shares: Mapping[str, float]) -> Floats:
        """Return the z-score of how much more often than usual each word occurs, `(words,)`.

        `shares`: word → share of some texts that contain it; a word that is missing has 0.
        """
        usual = 0.05  # so that words that hardly ever occur weigh nothing
        here = np.array([shares.get(word, 0.0) for word in self.words], np.float32)
        return standardised(np.log((here + usual) / (self.shares + usual)))


def standardised(values: Vectors) -> Vectors:
    """Return values as z-scores: standard deviations above their mean."""
    if not len(values):
        return values
    zscores: Vectors = (values - values.mean()) / max(float(values.std()), 1e-9)
    return zscores
