"""Inverse document frequency, as BM25 has it: idf(n, N) = log(1 + (N - n + 0.5) / (n + 0.5)) (Robertson, Sparck Jones 1976)."""

from __future__ import annotations

import math
from collections.abc import Iterable


def idf(frequency: float, passages: float) -> float:
    """Return the IDF of a token that `frequency` of all `passages` contain.

    A frequency estimated from a sample, or summed over several words, may exceed `passages`; it is capped there.
    """
    capped = min(frequency, passages)
    return math.log(1 + (passages - capped + 0.5) / (capped + 0.5))


def total_idf(frequencies: Iterable[int], passages: int) -> float:
    """Return the summed IDF of a query's tokens, given how many of the passages contain each."""
    return sum(idf(n, passages) for n in frequencies)
