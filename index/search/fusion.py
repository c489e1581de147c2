"""Fuse retrieval and rescoring into one score: a weighted sum on the scale of the z-scores of the query's cosines.

BM25 divided by the query's total IDF is small by itself where a query's words are not those of the texts, as in precedent
searches. Where many passages contain nearly all of the query's words, words no longer distinguish them; their weight falls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats, Vectors, products, unit_rows

# The weights are in standard deviations of the query's cosines. nDCG@10 on `ncp` / `crud_news` / `rgb_zh` / `precedents` is
# 0.922 / 0.901 / 0.645 / 0.487 with the values below; the figures at other values change one of them only.
#
# For a BM25 as large as the query's total IDF. At 14 0.922 / 0.896 / 0.650 / 0.487, at 22 0.923 / 0.903 / 0.642 / 0.471.
KEYWORD_WEIGHT = 18.0
# For all of a question's words or synonyms of them (index.search.synonyms). At 0 0.921 / 0.899 / 0.648 / 0.379, at 5
# 0.923 / 0.901 / 0.647 / 0.462, at 11 0.921 / 0.903 / 0.644 / 0.477.
LIKE_WEIGHT = 8.0
# For the whole question in one stretch, also among look-alikes. At 0 0.916 / 0.876 / 0.655 / 0.486, at 3
# 0.921 / 0.895 / 0.655 / 0.487, at 7 0.922 / 0.904 / 0.635 / 0.470.
PHRASE_WEIGHT = 5.0
# For a place or a year of the question's. nDCG@10 on `ncp` (532 of 774 questions name a place) at 0 0.9217, at 0.5 0.9234,
# at 1 0.9235, at 2 0.9228; hit@1 on `rgb_zh` (117 of 299 name a year) 0.645 and 0.649; elsewhere the same.
FIT_WEIGHT = 1.0
# Words count in full while the best LOOK_ALIKES passages have on average up to this share of the query's total IDF; above it
# their weight falls with the cube of the share. From 0.3 0.922 / 0.896 / 0.654 / 0.487, from 0.4 0.922 / 0.906 / 0.638 / 0.487.
LOOK_ALIKES_FROM, LOOK_ALIKES = 0.35, 15
# Pseudo-relevance feedback: from how many passages, and its weight. The query's vector moves toward the mean of the best
# passages': among many that say the same, what they share counts. With 0 0.922 / 0.902 / 0.634 / 0.486, with 0.3
# 0.921 / 0.900 / 0.641 / 0.485, with 1 0.922 / 0.902 / 0.646 / 0.464.
FEEDBACK, FEEDBACK_WEIGHT = 10, 0.5
# Least standard deviation of cosines: below it a handful of passages say nothing about the scale (e5 has 0.014 to 0.021).
_LEAST_DEVIATION = 0.005


@dataclass(frozen=True, slots=True)
class Candidates:
    """A query's candidates before rescoring, a row or a number for each."""

    vectors: Vectors  # (n, d); NaN where there is none
    sample: Vectors  # (m, d): vectors of a sample of all passages, which give the mean and deviation of the query's cosines
    bm25: Floats
    rarity: float  # the summed IDF of the query's tokens


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
    weight = (LOOK_ALIKES_FROM / max(share, LOOK_ALIKES_FROM)) ** 3
    words: Floats = weight * KEYWORD_WEIGHT * keyword
    if features is not None:
        words = words + weight * LIKE_WEIGHT * features.likes + PHRASE_WEIGHT * features.phrases + FIT_WEIGHT * features.fits
    return words
