"""The arrays that search passes around, and what is done with all of them; nothing here needs an index or a model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]  # passages, by their numbers in the catalog
Vectors = npt.NDArray[np.float32]  # (n, d), rows L2-normalised, or one of them, (d,)
Floats = npt.NDArray[np.float32]  # (n,): a value for each of n passages, words or sentences
Scores = tuple[Numbers, Floats]  # passages with their scores, best first
Mask = npt.NDArray[np.bool_]  # indexed by passage number; numbers beyond its end are out

_TINY = np.float32(1e-12)  # a row of zeros stays zeros


def products(vectors: Vectors, query: Vectors) -> Floats:
    """Return the inner product of each row with a vector, `(n,)`.

    Without BLAS: its threads and those of FAISS would wait for each other, 8 ms a query instead of 1.
    """
    found: Floats = np.einsum("ij,j->i", vectors, query)
    return found


def norms(vectors: Vectors) -> Floats:
    """Return the L2 norm of each row, `(n, 1)`; of a row of zeros a tiny number, so that it can be divided by."""
    lengths: Floats = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), _TINY)
    return lengths


def unit_rows(vectors: Vectors) -> Vectors:
    """Return vectors, `(n, d)` or `(d,)`, with rows of length 1."""
    units: Vectors = vectors / norms(vectors)
    return units


def masked(allowed: Mask, numbers: Numbers) -> Mask:
    """Tell of each passage whether a mask lets it through."""
    within: Mask = numbers < len(allowed)
    within[within] = allowed[numbers[within]]
    return within


def both(one: Mask | None, other: Mask | None) -> Mask | None:
    """Return which passages two masks let through; None lets all."""
    if one is None or other is None:
        return other if one is None else one
    size = min(len(one), len(other))
    return one[:size] & other[:size]
