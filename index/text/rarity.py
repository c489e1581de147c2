"""Inverse document frequency, as BM25 has it: idf(n, N) = log(1 + (N - n + 0.5) / (n + 0.5)) (Robertson, Sparck Jones 1976)."""

from __future__ import annotations

import math
from collections.abc import Iterable


def idf(frequency: float, passages: float) -> float:
    """Return the IDF of a token that so many of all passages hold.

    A frequency told by a sample, or of several words together, may be larger than all; it is held to that.
    """
    held = min(frequency, passages)
    return math.log(1 + (passages - held + 0.5) / (held + 0.5))


def total_idf(frequencies: Iterable[int], passages: int) -> float:
    """Return the sum of the IDF of a query's tokens."""
    return sum(idf(n, passages) for n in frequencies)
