"""A segment of the vector view: passage numbers, their vectors in FAISS and, if there are many, clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import sqrt
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.arrays import Floats, Numbers, Scores, Vectors, products

# Up to this many passages are all compared exactly, in 16-bit floats; beyond it, clusters choose which. An exact query takes
# 3 ms among 100,000 passages and 30 ms among 1,000,000, where clusters take 2 ms (benchmarks/scale.py).
EXACT_UP_TO = 100_000
# What a filter leaves is searched exactly if it is at most this many passages, whatever the segment's size: 2 to 5 ms.
FEW = 30_000
# How many of the about 4 √n clusters a query searches, and how many passages it then compares exactly. Recall@10 against
# exact search of 1,000,000: 0.96 with 64 and 400, 0.971 with 128 and 400, 0.983 with 256 and 800.
_PROBES, _COMPARED = 128, 400
_TRAINED_ON = 64  # passages for each cluster
_BATCH = 16_384  # vectors processed at a time, 25 MB


class Segment:
    """Passages in ascending order of their numbers.

    `flat` is the FAISS index of all their vectors by row, None if there are no passages; `clusters` is a clustered FAISS
    index of the same rows, or None.
    """

    def __init__(self, numbers: Numbers, flat: Any, clusters: Any = None) -> None:
        self.numbers, self.flat, self.clusters = numbers, flat, clusters

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, bytes]]) -> Segment:
        """Make a segment of ascending numbers with vectors as little-endian float32; zero vectors are left out."""
        source = iter(pairs)

        def batches() -> Iterator[tuple[Numbers, Vectors]]:
            while batch := list(islice(source, _BATCH)):
                vectors = np.stack([np.frombuffer(vector, "<f4") for _, vector in batch])
                whole = vectors.any(axis=1)
                yield np.array([number for number, _ in batch], np.int64)[whole], vectors[whole]

        return cls._made(batches())

    @classmethod
    def joined(cls, parts: Sequence[tuple[Segment, Numbers]]) -> Segment:
        """Make one segment of the given rows of others."""
        if not parts:
            return cls.of([])
        origin = np.concatenate([np.full(len(rows), place) for place, (_, rows) in enumerate(parts)])
        rows = np.concatenate([rows for _, rows in parts])
        numbers = np.concatenate([segment.numbers[rows] for segment, rows in parts])
        order = np.argsort(numbers, kind="stable")

        def batches() -> Iterator[tuple[Numbers, Vectors]]:
            for start in range(0, len(order), _BATCH):
                here = order[start : start + _BATCH]
                vectors = np.empty((len(here), next(s.flat.d for s, _ in parts if s.flat is not None)), np.float32)
                for place, (segment, _) in enumerate(parts):
                    mine = origin[here] == place
                    if mine.any():
                        vectors[mine] = segment.vectors(rows[here[mine]])
                yield numbers[here], vectors

        return cls._made(batches())

    @classmethod
    def _made(cls, batches: Iterable[tuple[Numbers, Vectors]]) -> Segment:
        numbers, flat = [np.empty(0, np.int64)], None
        for batch, vectors in batches:
            if flat is None:
                kind = faiss.ScalarQuantizer.QT_fp16
                flat = faiss.IndexScalarQuantizer(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
            flat.add(np.ascontiguousarray(vectors))
            numbers.append(batch)
        return cls(np.concatenate(numbers), flat)

    def clustered(self, before: Any) -> Segment:
        """Return the segment with clusters if it is large enough; those `before` are reused if its size is still similar."""
        size = len(self)
        if size <= EXACT_UP_TO:
            return Segment(self.numbers, self.flat)
        if before is not None and size / 2 < before.ntotal < size * 2:
            clusters = faiss.clone_index(before)
            clusters.reset()
        else:
            count = int(4 * sqrt(size))
            clusters = faiss.index_factory(self.flat.d, f"IVF{count},RaBitQfs", faiss.METRIC_INNER_PRODUCT)
            clusters.cp.max_points_per_centroid, clusters.cp.niter = _TRAINED_ON, 10
            clusters.train(self.vectors(np.arange(0, size, max(1, size // (count * _TRAINED_ON)))))
        for start in range(0, size, _BATCH):
            clusters.add(self.vectors(np.arange(start, min(size, start + _BATCH))))
        return Segment(self.numbers, self.flat, clusters)

    def save(self, folder: Path) -> None:
        """Write the segment into a folder."""
        np.save(folder / "numbers.npy", self.numbers)
        for name, index in (("vectors.faiss", self.flat), ("clusters.faiss", self.clusters)):
            if index is not None:
                faiss.write_index(index, str(folder / name))

    @classmethod
    def load(cls, folder: Path) -> Segment:
        """Map the segment in a folder into memory."""
        paths = (folder / "vectors.faiss", folder / "clusters.faiss")
        flat, clusters = (faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC) if path.exists() else None for path in paths)
        return cls(np.load(folder / "numbers.npy"), flat, clusters)

    def rows(self, numbers: Numbers) -> Numbers:
        """Return the row of each passage, -1 for one that is not in the segment."""
        if not len(self):
            return np.full(len(numbers), -1, np.int64)
        rows = np.minimum(np.searchsorted(self.numbers, numbers), len(self) - 1)
        return np.where(self.numbers[rows] == numbers, rows, -1)

    def vectors(self, rows: Numbers) -> Vectors:
        """Return the vectors of these rows, `(n, d)`."""
        if self.flat is None:
            return np.empty((0, 0), np.float32)
        found: Vectors = self.flat.reconstruct_batch(np.asarray(rows, np.int64))
        return found

    def cosines(self, query: Vectors, rows: Numbers) -> Floats:
        """Return the cosines of these rows with a query, `(n,)`."""
        return products(self.vectors(rows), query) if len(rows) else np.empty(0, np.float32)

    def search(self, query: Vectors, k: int, keep: npt.NDArray[np.bool_] | None) -> Scores:
        """Return the numbers and cosines of the `k` closest passages, closest first, among the rows in `keep` if given."""
        left = len(self) if keep is None else int(keep.sum())
        if not left or not k:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        bits = None if keep is None else np.packbits(keep, bitorder="little")
        among = None if bits is None else faiss.IDSelectorBitmap(bits)
        if self.clusters is not None and left > FEW:
            numbers, cosines = self._from_clusters(query, k, left, among)
            if len(numbers) == min(k, left):  # else the passages that the filter leaves are far from the query
                return numbers, cosines
        found, rows = self.flat.search(query[None, :], min(k, left), params=faiss.SearchParameters(sel=among))
        here = rows[0] >= 0
        return self.numbers[rows[0][here]], found[0][here]

    def _from_clusters(self, query: Vectors, k: int, left: int, among: Any) -> Scores:
        probes = min(self.clusters.nlist, int(_PROBES * sqrt(len(self) / left)))  # more: a filter leaves fewer passages in each
        parameters = faiss.SearchParametersIVF(nprobe=probes, sel=among)
        _, close = self.clusters.search(query[None, :], max(_COMPARED, k), params=parameters)
        rows = close[0][close[0] >= 0]
        cosines = self.cosines(query, rows)
        best = np.argsort(-cosines, kind="stable")[:k]
        return self.numbers[rows[best]], cosines[best]
