"""Fuse the two retrievers: a sum of scores, each brought to the scale of its query.

Document nDCG@10 over the same candidates, `ncp` / `precedents`: cosines over their spread plus BM25 over the query's
total rarity 0.918 / 0.423; both over their spreads, weighted by coverage 0.913 / 0.422; both over their
spreads at a fixed 0.7 : 0.3 0.916 / 0.431. BM25 over total rarity is small by itself where a query's words are not those of
the texts, as in precedent searches. Where many passages hold nearly all of the query's words, words no longer tell them
apart; the weight then falls.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# How much a BM25 of the whole rarity of the query counts, in spreads of the cosine. nDCG@10 on `ncp` / `precedents`:
# at 8 0.911 / 0.377, at 12 0.916 / 0.409, at 18 0.918 / 0.423, at 24 0.915 / 0.413, at 30 0.915 / 0.408.
KEYWORD_WEIGHT = 18.0
# The keyword side counts in full while its best passages hold up to this share of the query's rarity on average; past that
# its weight falls with the cube of the share. Medians of the share: `precedents` 0.1, `ncp` 0.35, `rgb_zh` 0.75. nDCG@10 on
# `ncp` / `rgb_zh` / `crud_news` without it 0.919 / 0.551 / 0.886; with a square 0.919 / 0.613 / 0.886, a cube
# 0.917 / 0.632 / 0.884, the fourth power 0.914 / 0.634 / 0.884. Over the 10 best 0.916 / 0.637 / 0.880, the 20 best
# 0.918 / 0.629 / 0.886; `precedents` is the same in all.
LOOK_ALIKES_FROM, LOOK_ALIKES = 0.35, 15
_SMALLEST_SPREAD = 0.005  # of cosines; below it a handful of passages say nothing about the scale (e5 has 0.014 to 0.021)


def fuse(cosines: Floats, scale: tuple[float, float], bm25: Floats, rarity: float) -> Floats:
    """Return one score per candidate, `(n,)`, higher is closer.

    A cosine that is not known is NaN. `scale` is the mean and the standard deviation of the query's cosines over the
    collection, `rarity` the sum of the inverse document frequencies of its tokens.
    """
    mean, spread = scale
    keyword = bm25 / rarity if rarity else np.zeros_like(bm25)
    held = float(np.sort(keyword)[-LOOK_ALIKES:].sum()) / LOOK_ALIKES
    weight = KEYWORD_WEIGHT * (LOOK_ALIKES_FROM / max(held, LOOK_ALIKES_FROM)) ** 3
    known = np.where(np.isnan(cosines), mean, cosines)
    fused: Floats = (known - mean) / max(spread, _SMALLEST_SPREAD) + weight * keyword
    return fused


def total_rarity(frequencies: list[int], passages: int) -> float:
    """Return the sum of the tokens' inverse document frequencies, as BM25 has them.

    A frequency may still count passages that were taken out; it is held to their present number.
    """
    held = (min(n, passages) for n in frequencies)
    return sum(math.log(1 + (passages - n + 0.5) / (n + 0.5)) for n in held)
