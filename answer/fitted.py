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

Floats = npt.NDArray[np.float32]

FILE = Path(__file__).with_name("fitted.npz")


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
        return (1 / (1 + np.exp(-np.clip(self.odds(features), -30, 30)))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The three regressions, and the probability from which on something counts as found."""

    choose: Logistic
    holds: Logistic
    found: Logistic
    threshold: float


@cache
def fitted(*, reader: bool) -> Fitted:
    """Return what was fitted with the reader, or without."""
    side = "reader" if reader else "plain"
    with np.load(FILE) as stored:

        def logistic(name: str) -> Logistic:
            weights = stored[name].astype(np.float32)
            return Logistic(weights[:-1], float(weights[-1]))

        return Fitted(
            logistic("choose"), logistic(f"holds.{side}"), logistic(f"found.{side}"), float(stored[f"threshold.{side}"])
        )
