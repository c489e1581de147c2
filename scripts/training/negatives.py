"""Hard negatives: passages that the encoder finds near to a question although they are not its own.

Those nearer than 95 % of its own are left out, as many of them answer it too (Moreira et al. 2024, arXiv 2407.15831); nearness
is a cosine's distance above the mean of all, because those of e5 lie between 0.7 and 0.9.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.arrays import Vectors
from index.models.encoder import Encoder
from service.settings import read_settings

MARGIN, NEAREST = 0.95, 20
_BATCH = 64


def hard_negatives(queries: Sequence[str], own: Sequence[int], passages: Sequence[str]) -> list[list[int]]:
    """Return for each query the numbers of the passages that are near to it, nearest first; `own` is the number of its own.

    Passages with the same first line (their context) as its own are no negatives.
    """
    encoder = Encoder("", read_settings({}).cache)
    titles = [passage.split("\n", 1)[0] for passage in passages]
    vectors = encoder.passages(passages)
    asked = _queries(encoder, queries)
    negatives = []
    for at in range(0, len(queries), 512):
        scores = asked[at : at + 512] @ vectors.T
        scores -= scores.mean(axis=1, keepdims=True)
        best = np.argpartition(-scores, NEAREST, axis=1)[:, :NEAREST]
        for row, near, mine in zip(scores, best, own[at : at + 512], strict=True):
            ordered = near[np.argsort(-row[near])].tolist()
            negatives.append([n for n in ordered if row[n] < MARGIN * row[mine] and titles[n] != titles[mine]])
    return negatives


def _queries(encoder: Encoder, queries: Sequence[str]) -> Vectors:
    """Return the vectors of many queries, `(n, d)`, encoded in batches of like length."""
    order = sorted(range(len(queries)), key=lambda number: len(queries[number]))
    parts = [
        encoder.model.encode([queries[n] for n in order[at : at + _BATCH]], "query") for at in range(0, len(order), _BATCH)
    ]
    vectors = np.empty((len(queries), parts[0].shape[1]), np.float32)
    vectors[order] = np.concatenate(parts)
    return vectors
