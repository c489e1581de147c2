"""The vector view: the catalog's vectors in segments that never change, searched with FAISS.

A segment stores 16-bit floats and is searched exactly; a large one also has clusters, which narrow the search. Removed
passages are masked. So a search needs no lock, and a file can be mapped into memory by many processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from index.arrays import Mask, Numbers, Scores, Vectors, both, masked
from index.views.segment import Segment

_SAMPLE = 1000  # passages; the standard deviation of their cosines is within 3 % of the whole collection's


@dataclass(frozen=True)
class Part:
    """A segment and the mask of its rows that are not removed (None: all)."""

    segment: Segment
    alive: Mask | None = None

    def __len__(self) -> int:
        return len(self.segment) if self.alive is None else int(self.alive.sum())

    def without(self, numbers: Numbers) -> Part:
        """Return the part without these passages; numbers that it does not contain are ignored."""
        rows = self.segment.rows(numbers)
        rows = rows[rows >= 0]
        if not len(rows):
            return self
        alive = np.ones(len(self.segment), bool) if self.alive is None else self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)

    def search(self, query: Vectors, k: int, allowed: Mask | None) -> Scores:
        """Return the numbers and cosines of the `k` closest passages, closest first."""
        keep = self.alive
        if allowed is not None:
            included = masked(allowed, self.segment.numbers)
            keep = included if keep is None else included & keep
        return self.segment.search(query, k, keep)

    def rows(self) -> Numbers:
        """Return the rows that are not removed."""
        return np.arange(len(self.segment)) if self.alive is None else np.flatnonzero(self.alive)


class VectorView:
    """Passage numbers by cosine of their vectors, higher is closer. A view never changes."""

    def __init__(self, base: Segment | None = None) -> None:
        self._base, self._tail = Part(base or Segment.of([])), Part(Segment.of([]))
        self._seen: Mask | None = None

    def within(self, seen: Mask) -> VectorView:
        """Return the view as searched by a caller to whom these passages are visible."""
        view = copy(self)
        view._seen = seen
        view.__dict__.pop("sample", None)
        return view

    def __len__(self) -> int:
        return len(self._base) + len(self._tail)

    @property
    def numbers(self) -> Numbers:
        """The numbers of the passages in the view."""
        return np.concatenate([part.segment.numbers[part.rows()] for part in self._parts])

    @property
    def clusters(self) -> object:
        """The clusters of the first segment, for the merged one to reuse."""
        return self._base.segment.clusters

    def changed(self, removed: Sequence[int], added: Iterable[tuple[int, bytes]]) -> VectorView:
        """Return the view without the removed passages and with the added ones: number, vector as little-endian float32.

        Additions come in ascending order of number; the older form of one is among the removed. Zero vectors are left out:
        they are of texts that the encoder refused.
        """
        gone = np.asarray(removed, np.int64)
        view = VectorView()
        view._base = self._base.without(gone)
        tail, new = self._tail.without(gone), Segment.of(added)
        view._tail = Part(Segment.joined([(tail.segment, tail.rows()), (new, np.arange(len(new)))])) if len(tail) else Part(new)
        return view

    def merged(self) -> Segment:
        """Return the whole view as one segment."""
        return Segment.joined([(part.segment, part.rows()) for part in self._parts if len(part)])

    def search(self, query: Vectors, k: int, allowed: Mask | None = None) -> Scores:
        """Return the numbers and cosines of the `k` closest passages, closest first, among `allowed` if given."""
        visible = both(self._seen, allowed)
        results = [part.search(query, k, visible) for part in self._parts]
        numbers, cosines = (np.concatenate(parts) for parts in zip(*results, strict=True))
        best = np.argsort(-cosines, kind="stable")[:k]
        return numbers[best], cosines[best]

    def vectors(self, numbers: Numbers) -> Vectors:
        """Return the vectors of these passages, `(n, d)`; NaN for a passage without one."""
        found = np.full((len(numbers), self.sample.shape[1]), np.nan, np.float32)
        for part in self._parts:
            rows = part.segment.rows(numbers)
            if (here := rows >= 0).any():
                found[here] = part.segment.vectors(rows[here])
        return found

    @cached_property
    def sample(self) -> Vectors:
        """Vectors of a sample of the visible passages, `(n, d)`: z-scores take mean and deviation of cosines from them."""
        parts = [(part.segment, self._visible(part)) for part in self._parts if len(part)]
        step = max(1, sum(len(rows) for _, rows in parts) // _SAMPLE)
        vectors = [segment.vectors(rows[::step]) for segment, rows in parts]
        return np.concatenate(vectors) if vectors else np.zeros((0, 0), np.float32)

    def _visible(self, part: Part) -> Numbers:
        rows = part.rows()
        return rows if self._seen is None else rows[masked(self._seen, part.segment.numbers[rows])]

    @property
    def _parts(self) -> tuple[Part, Part]:
        return self._base, self._tail
