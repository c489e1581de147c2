"""The weights that turn evidence into probabilities, fitted by scripts/training/fit_answers.py and stored with their data.

Three logistic regressions: `choose` selects the sentences for the reader, `holds` gives the probability that a sentence
contains the answer, `found` that any does. Each is also there without the reader, which runs on some machines only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import Floats

FILE = Path(__file__).with_name("weights.npz")


Columns = Mapping[str, Floats]  # features by name, each (sentences,) float32


def chance(odds: Floats) -> Floats:
    """Return the probabilities of log odds."""
    return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)


def stacked(columns: Columns, names: Sequence[str]) -> Floats:
    """Return the named columns side by side, `(n, names)`."""
    return np.stack([columns[name] for name in names], axis=1)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression on named features."""

    names: tuple[str, ...]
    weights: Floats
    bias: float

    def rows(self, columns: Columns) -> Floats:
        """Select the features of this regression from all columns, `(n, features)`."""
        return stacked(columns, self.names)

    def odds(self, features: Floats) -> Floats:
        """Return the log odds of each row, `(n,)`."""
        return (features @ self.weights + self.bias).astype(np.float32)

    def probability(self, features: Floats) -> Floats:
        """Return the probability of each row, `(n,)`."""
        return chance(self.odds(features))


def logistic(names: Sequence[str], weights: npt.NDArray[np.float64]) -> Logistic:
    """Return the regression with these weights: one for each name, then the bias."""
    if len(names) + 1 != len(weights):
        raise ValueError(f"{len(names)} features, {len(weights)} weights")
    return Logistic(tuple(names), weights[:-1].astype(np.float32), float(weights[-1]))


@dataclass(frozen=True, slots=True)
class Weights:
    """The three regressions, and the least probability of `found` at which a question is answered."""

    choose: Logistic
    holds: Logistic
    found: Logistic
    threshold: float


@cache
def load_weights(*, reader: bool) -> Weights:
    """Return the weights fitted with the reader, or those fitted without it."""
    side = "reader" if reader else "plain"
    with np.load(FILE) as stored:
        choose, holds, found = (
            logistic(stored[f"names.{name}"].tolist(), stored[name]) for name in ("choose", f"holds.{side}", f"found.{side}")
        )
        return Weights(choose, holds, found, float(stored[f"threshold.{side}"]))
