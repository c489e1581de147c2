"""Fuse what the retrievers and a closer look at their best passages say: a sum of scores on the scale of the query's cosines.

BM25 over the query's total rarity is small by itself where a query's words are not those of the texts, as in precedent
searches. Where many passages hold nearly all of the query's words, words no longer tell them apart; the weight then falls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats, products, unit_rows

# The weights are in spreads of the cosine. nDCG@10 on `ncp` / `crud_news` / `rgb_zh` / `precedents`, all else as here:
# 0.922 / 0.901 / 0.645 / 0.487.
#
# A BM25 of the whole rarity of the query. At 14 0.922 / 0.896 / 0.650 / 0.487, at 22 0.923 / 0.903 / 0.642 / 0.471.
KEYWORD_WEIGHT = 18.0
# All of a question's words, or words of like meaning (index.search.synonyms). At 0 0.921 / 0.899 / 0.648 / 0.379, at 5
# 0.923 / 0.901 / 0.647 / 0.462, at 11 0.921 / 0.903 / 0.644 / 0.477.
LIKE_WEIGHT = 8.0
# The whole question in one stretch, also among look-alikes. At 0 0.916 / 0.876 / 0.655 / 0.486, at 3
# 0.921 / 0.895 / 0.655 / 0.487, at 7 0.922 / 0.904 / 0.635 / 0.470.
PHRASE_WEIGHT = 5.0
# A place or a year of the question's. nDCG@10 on `ncp` (532 of 774 questions name a place) at 0 0.9217, at 0.5 0.9234, at 1
# 0.9235, at 2 0.9228; hit@1 on `rgb_zh` (117 of 299 name a year) 0.645 and 0.649; elsewhere the same.
FIT_WEIGHT = 1.0
# Words count in full while the best passages hold up to this share of the query's rarity on average; past that their weight
# falls with the cube of the share. From 0.3 0.922 / 0.896 / 0.654 / 0.487, from 0.4 0.922 / 0.906 / 0.638 / 0.487.
LOOK_ALIKES_FROM, LOOK_ALIKES = 0.35, 15
# The query's vector moves toward the mean of the best passages': among many that say the same, what they share counts.
# With 0 0.922 / 0.902 / 0.634 / 0.486, with 0.3 0.921 / 0.900 / 0.641 / 0.485, with 1 0.922 / 0.902 / 0.646 / 0.464.
FEEDBACK, FEEDBACK_WEIGHT = 10, 0.5
_SMALLEST_SPREAD = 0.005  # of cosines; below it a handful of passages say nothing about the scale (e5 has 0.014 to 0.021)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is known of a query's candidates, a row or a number each."""

    vectors: Floats  # (n, d); NaN where there is none
    sample: Floats  # vectors of some of all passages, which tell how the query's cosines spread
    bm25: Floats
    rarity: float  # the sum of the inverse document frequencies of the query's tokens


@dataclass(frozen=True, slots=True)
class Features:
    """What a closer look at some candidates has found; 0 for those not looked at."""

    phrases: Floats  # how much of the question stands there in one stretch: 0 to 1
    likes: Floats  # how much of its words, or words like them: 0 to 1
    fits: Floats  # whether its places, and its years, are those of the passage: 0 to 2


def fuse(query: Floats, candidates: Candidates, features: Features | None = None) -> Floats:
    """Return one score per candidate, `(n,)`, higher is closer."""
    words = _word_scores(candidates, features)
    fused = zscores(query, candidates.vectors, candidates.sample) + words
    best = candidates.vectors[np.argsort(-fused, kind="stable")[:FEEDBACK]]
    known = best[~np.isnan(best).any(axis=1)]
    if features is not None and known.size:
        moved = unit_rows(query + FEEDBACK_WEIGHT * known.mean(axis=0))
        fused = zscores(moved, candidates.vectors, candidates.sample) + words
    return fused


def zscores(query: Floats, vectors: Floats, sample: Floats, usual: Callable[[Floats], Floats] | None = None) -> Floats:
    """Return cosines in spreads of all passages' above their mean, which a sample tells; 0 where there is no vector.

    `usual` gives for vectors what their cosines have with any question, which does not count.
    """
    if not sample.size:
        return np.zeros(len(vectors), np.float32)
    spread, near = products(sample, query), products(vectors, query)
    if usual:
        spread, near = spread - usual(sample), near - usual(vectors)
    close: Floats = (near - spread.mean()) / max(float(spread.std()), _SMALLEST_SPREAD)
    return np.nan_to_num(close)


def _word_scores(candidates: Candidates, features: Features | None) -> Floats:
    keyword = candidates.bm25 / candidates.rarity if candidates.rarity else np.zeros_like(candidates.bm25)
    held = float(np.sort(keyword)[-LOOK_ALIKES:].sum()) / LOOK_ALIKES
    weight = (LOOK_ALIKES_FROM / max(held, LOOK_ALIKES_FROM)) ** 3
    words: Floats = weight * KEYWORD_WEIGHT * keyword
    if features is not None:
        words = words + weight * LIKE_WEIGHT * features.likes + PHRASE_WEIGHT * features.phrases + FIT_WEIGHT * features.fits
    return words
