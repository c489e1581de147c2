"""The weights that turn evidence into probabilities, fitted by scripts/fit_answers.py and kept with the data that fitted them.

Three logistic regressions: `choose` says which sentences the reader reads, `holds` whether a sentence holds the answer,
`found` whether any does. Each is also there without the reader, which runs on some machines only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import Floats

FILE = Path(__file__).with_name("weights.npz")


def chance(odds: Floats) -> Floats:
    """Return the probabilities of log odds."""
    return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression."""

    weights: Floats
    bias: float

    def odds(self, features: Floats) -> Floats:
        """Return the log odds of each row."""
        return (features @ self.weights + self.bias).astype(np.float32)

    def probability(self, features: Floats) -> Floats:
        """Return the probability of each row."""
        return chance(self.odds(features))


def logistic(weights: npt.NDArray[np.float64]) -> Logistic:
    """Return the regression of these weights, the bias last."""
    return Logistic(weights[:-1].astype(np.float32), float(weights[-1]))


@dataclass(frozen=True, slots=True)
class Weights:
    """The three regressions, and the probability from which on something counts as found."""

    choose: Logistic
    holds: Logistic
    found: Logistic
    threshold: float


@cache
def load_weights(*, reader: bool) -> Weights:
    """Return what was fitted with the reader, or without."""
    side = "reader" if reader else "plain"
    with np.load(FILE) as stored:
        choose, holds, found = (logistic(stored[name]) for name in ("choose", f"holds.{side}", f"found.{side}"))
        return Weights(choose, holds, found, float(stored[f"threshold.{side}"]))
