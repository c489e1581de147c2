"""Fuse retrieval and rescoring into one score: a weighted sum on the scale of the z-scores of the query's cosines.

BM25 divided by the query's total IDF is small by itself where a query's words are not those of the texts, as in precedent
searches. Where many passages contain nearly all of the query's words, words no longer distinguish them; their weight falls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats, Vectors, products, unit_rows

# The weights are in standard deviations of the query's cosines. nDCG@10 on `ncp` (questions in the texts' words) / `precedents`
# (searches in everyday words) is 0.924 / 0.591 with the values below, 0.923 / 0.505 with those that suited the encoder before
# (18, 8, 5, 1, 0.35, 0.5); with 12, 5, 5, 1, 0.5 0.925 / 0.534, with 8, 4, 4, 1, 0.5 0.926 / 0.562. On 193 searches in everyday
# words for one known text MRR@10 is 0.674, with those before 0.555. Other figures for `ncp` are of a third of it: 0.946 there.
#
# For a BM25 as large as the query's total IDF; and for all of a question's words or synonyms of them (index.search.synonyms).
# At 4 and 2 0.940 / 0.604, at 3 and 1.5, with less for phrases and look-alikes, 0.938 / 0.609.
KEYWORD_WEIGHT, LIKE_WEIGHT = 6.0, 3.0
# For the whole question in one stretch, also among look-alikes. At 4, with words at 8 and 4, 0.941 / 0.562.
PHRASE_WEIGHT = 3.0
# For a place or a year of the question's (532 of 774 questions of `ncp` name a place).
FIT_WEIGHT = 1.0
# Words count in full while the best LOOK_ALIKES passages have on average up to this share of the query's total IDF; above it
# their weight falls with the cube of the share. With words at 8 and 4, from 0.35 0.941 / 0.562, from 0.5 0.948 / 0.562.
LOOK_ALIKES_FROM, LOOK_ALIKES = 0.6, 15
# Coverage: the best BM25 as a share of the query's total IDF. From here on a query uses the texts' own words; below it the
# weight of words falls in proportion, as what is left to match are the words that say least. It is up to 0.43 in all searches
# of `precedents`, up to 0.45 in 30 of 32 themes, more in 97 % of the questions of `ncp`, `crud_news` and `rgb_zh`. nDCG@10 on
# `precedents` / `themes` and MRR@10 of the 193 searches are 0.569 / 0.354 / 0.722, without this 0.552 / 0.296 / 0.692; a third
# of `ncp` stays as it was (0.918).
THEIR_WORDS = 0.45
# Pseudo-relevance feedback: from how many passages, and its weight. The query's vector moves toward the mean of the best
# passages': among many that say the same, what they share counts. At 0.5 0.918 / 0.569 / 0.354 / 0.722, at 0.25 0.918 / 0.573 /
# 0.345 / 0.732 (`ncp`, `precedents`, `themes`, MRR@10 as above).
FEEDBACK, FEEDBACK_WEIGHT = 10, 0.25
# Least standard deviation of cosines: below it a handful of passages say nothing about the scale (e5 has 0.014 to 0.021).
_LEAST_DEVIATION = 0.005


@dataclass(frozen=True, slots=True)
class Candidates:
    """A query's candidates before rescoring, a row or a number for each."""

    vectors: Vectors  # (n, d); NaN where there is none
    sample: Vectors  # (m, d): vectors of a sample of all passages, which give the mean and deviation of the query's cosines
    bm25: Floats
    rarity: float  # the summed IDF of the query's tokens

    @property
    def coverage(self) -> float:
        """The best BM25 as a share of the query's total IDF; about 1 where a passage repeats the query."""
        return float(self.bm25.max(initial=0.0)) / self.rarity if self.rarity else 0.0


@dataclass(frozen=True, slots=True)
class Features:
    """What rescoring found in some candidates; 0 for those not rescored."""

    phrases: Floats  # how much of the question the passage repeats in one stretch: 0 to 1
    likes: Floats  # how many of its words, or synonyms of them, by weight: 0 to 1
    fits: Floats  # 1 if a place of the question's fits the passage's, and 1 if a year does: 0 to 2


def fuse(query: Floats, candidates: Candidates, features: Features | None = None) -> Floats:
    """Return one score per candidate, `(n,)`, higher is closer."""
    words = _word_scores(candidates, features)
    fused = zscores(query, candidates.vectors, candidates.sample) + words
    best = candidates.vectors[np.argsort(-fused, kind="stable")[:FEEDBACK]]
    complete = best[~np.isnan(best).any(axis=1)]
    if features is not None and complete.size:
        moved = unit_rows(query + FEEDBACK_WEIGHT * complete.mean(axis=0))
        fused = zscores(moved, candidates.vectors, candidates.sample) + words
    return fused


def zscores(query: Vectors, vectors: Vectors, sample: Vectors, usual: Callable[[Vectors], Floats] | None = None) -> Floats:
    """Return cosines as z-scores: standard deviations above the mean of all passages, by a sample; 0 without a vector.

    `usual` gives for vectors the part of their cosines that they have with any question, which is subtracted first.
    """
    if not sample.size:
        return np.zeros(len(vectors), np.float32)
    sampled, cosines = products(sample, query), products(vectors, query)
    if usual:
        sampled, cosines = sampled - usual(sample), cosines - usual(vectors)
    scores: Floats = (cosines - sampled.mean()) / max(float(sampled.std()), _LEAST_DEVIATION)
    return np.nan_to_num(scores)


def _word_scores(candidates: Candidates, features: Features | None) -> Floats:
    keyword = candidates.bm25 / candidates.rarity if candidates.rarity else np.zeros_like(candidates.bm25)
    share = float(np.sort(keyword)[-LOOK_ALIKES:].sum()) / LOOK_ALIKES
    weight = (LOOK_ALIKES_FROM / max(share, LOOK_ALIKES_FROM)) ** 3 * min(1.0, candidates.coverage / THEIR_WORDS)
    words: Floats = weight * KEYWORD_WEIGHT * keyword
    if features is not None:
        words = words + weight * LIKE_WEIGHT * features.likes + PHRASE_WEIGHT * features.phrases + FIT_WEIGHT * features.fits
    return words
