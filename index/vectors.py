"""The vector view: FAISS over the catalog's vectors, exact inner products."""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np
import numpy.typing as npt

_SAMPLE = 1000  # passages; their spread is within 3 % of the whole collection's

Scores = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


class VectorView:
    """Passage numbers by closeness of their vectors; scores are cosines, higher is closer."""

    def __init__(self) -> None:
        self._index: faiss.IndexIDMap2 | None = None
        self._sample: npt.NDArray[np.float32] | None = None  # drawn again after each change

    def __len__(self) -> int:
        return int(self._index.ntotal) if self._index is not None else 0

    def add(self, numbers: Sequence[int], vectors: npt.NDArray[np.float32]) -> None:
        """Add passages, `vectors` `(n, d)` with L2-normalised rows."""
        if self._index is None:
            self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        self._sample = None
        self._index.add_with_ids(vectors, np.asarray(numbers, np.int64))

    def remove(self, numbers: Sequence[int]) -> None:
        """Take passages out; numbers that are not there are passed over."""
        if self._index is not None and len(numbers):
            self._sample = None
            self._index.remove_ids(np.asarray(numbers, np.int64))

    def search(self, query: npt.NDArray[np.float32], k: int, allowed: npt.NDArray[np.int64] | None = None) -> Scores:
        """Return the numbers and cosines of the `k` closest passages, closest first, among `allowed` if given."""
        wanted = min(k, len(self) if allowed is None else len(allowed))
        if self._index is None or wanted == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None if allowed is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))
        cosines, numbers = self._index.search(query[None, :], wanted, params=parameters)
        found = numbers[0] >= 0
        return numbers[0][found], cosines[0][found]

    def cosines(self, query: npt.NDArray[np.float32], numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return the cosine of each of these passages, all of which must be in the view."""
        if self._index is None or not len(numbers):
            return np.zeros(len(numbers), np.float32)
        return _products(self._index.reconstruct_batch(np.asarray(numbers, np.int64)), query)

    def scale(self, query: npt.NDArray[np.float32]) -> tuple[float, float]:
        """Return the mean and the standard deviation of the query's cosines over the view, from a sample of it."""
        if self._index is None or not len(self):
            return 0.0, 0.0
        if self._sample is None:
            step = max(1, len(self) // _SAMPLE)
            self._sample = self._index.index.reconstruct_batch(np.arange(0, len(self), step, dtype=np.int64))
        cosines = _products(self._sample, query)
        return float(cosines.mean()), float(cosines.std())


def _products(vectors: npt.NDArray[np.float32], query: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Multiply without BLAS: its threads and those of FAISS would wait for each other, 8 ms a query instead of 1."""
    products: npt.NDArray[np.float32] = np.einsum("ij,j->i", vectors, query)
    return products
