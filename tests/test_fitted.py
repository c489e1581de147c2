"""The weights are those that the data kept with them gives, and the threshold refuses what it says."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from conftest import ROOT

from answer.features import FEATURES
from answer.judge import FOUND_FEATURES, READ_FEATURES, READ_FOUND_FEATURES
from answer.weights import FILE, load_weights

SCRIPT = ROOT / "scripts" / "training" / "fit_answers.py"


@pytest.mark.parametrize("side", ["reader", "plain"])
def test_fitted_again_the_weights_are_the_same(side: str) -> None:
    fit = runpy.run_path(str(SCRIPT))
    with np.load(FILE) as stored:
        rows, found, weights = stored[f"rows.{side}"], stored["found"], stored["weights"]
        again = fit["regression"](rows, found, weights)
        assert again == pytest.approx(stored[f"found.{side}"], rel=1e-2, abs=1e-3)
        chances = load_weights(reader=side == "reader").found.probability(rows)
        assert fit["threshold"](chances, found, weights) == pytest.approx(float(stored[f"threshold.{side}"]), abs=1e-3)


def test_there_is_a_weight_for_each_feature() -> None:
    for reader, more, found in ((True, READ_FEATURES, READ_FOUND_FEATURES), (False, (), ())):
        fit = load_weights(reader=reader)
        assert len(fit.choose.weights) == len(FEATURES)
        assert len(fit.holds.weights) == len(FEATURES + more)
        assert len(fit.found.weights) == len(FOUND_FEATURES + found)
        assert (fit.choose.names, fit.holds.names) == (FEATURES, FEATURES + more)
        assert fit.found.names == FOUND_FEATURES + found


def test_probabilities_are_calibrated() -> None:
    """Among the questions given about 0.9, about nine in ten have an answer, counted as they were weighted."""
    with np.load(FILE) as stored:
        rows, found, weights = stored["rows.reader"], stored["found"], stored["weights"]
    chances = load_weights(reader=True).found.probability(rows)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        among = (chances >= low) & (chances < high)
        assert np.average(found[among], weights=weights[among]) == pytest.approx(
            float(np.average(chances[among], weights=weights[among])), abs=0.08
        )
