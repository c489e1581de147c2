"""The weights that turn evidence into probabilities, fitted by scripts/fit_answers.py and kept with the data that fitted them.

Three logistic regressions: `choose` says which sentences the reader reads, `holds` whether a sentence holds the answer,
`found` whether any does. Each is also there without the reader, which runs on some machines only.
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


Columns = Mapping[str, Floats]  # features by name: a value for each sentence, `(n,)`


def chance(odds: Floats) -> Floats:
    """Return the probabilities of log odds."""
    return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)


def stacked(columns: Columns, names: Sequence[str]) -> Floats:
    """Return columns side by side in the order of their names, `(n, names)`."""
    return np.stack([columns[name] for name in names], axis=1)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression on features that it knows by name."""

    names: tuple[str, ...]
    weights: Floats
    bias: float

    def rows(self, columns: Columns) -> Floats:
        """Return its features out of those that are known, `(n, features)`."""
        return stacked(columns, self.names)

    def odds(self, features: Floats) -> Floats:
        """Return the log odds of each row."""
        return (features @ self.weights + self.bias).astype(np.float32)

    def probability(self, features: Floats) -> Floats:
        """Return the probability of each row."""
        return chance(self.odds(features))


def logistic(names: Sequence[str], weights: npt.NDArray[np.float64]) -> Logistic:
    """Return the regression of these weights, one for each name and the bias last."""
    if len(names) + 1 != len(weights):
        raise ValueError(f"{len(names)} features, {len(weights)} weights")
    return Logistic(tuple(names), weights[:-1].astype(np.float32), float(weights[-1]))


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
        choose, holds, found = (
            logistic(stored[f"names.{name}"].tolist(), stored[name]) for name in ("choose", f"holds.{side}", f"found.{side}")
        )
        return Weights(choose, holds, found, float(stored[f"threshold.{side}"]))
