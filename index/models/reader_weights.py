"""The reader's weights: those of the bundled encoder with small changes, learned by scripts/training/train_reader.py.

`reader.npz` has for each weight matrix of each layer two thin ones, whose product is added to it (LoRA, arXiv 2106.09685),
the head's `weight` and `bias`, and the `peaks` that index/models/bert_graph.py needs for 8 bits. It was trained on CMRC 2018
(CC BY-SA 4.0) and DRCD (CC BY-SA 3.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from index.models.weight_file import Array, WeightFile

FILE = Path(__file__).with_name("reader.npz")
VERSION = 1  # raise it when reader.npz changes


class ReaderWeights(WeightFile):
    """The weight file of the bundled encoder, with the changes added to its matrices."""

    def __init__(self, data: bytes, changes: Mapping[str, Array]) -> None:
        super().__init__(data)
        self._changes = changes

    def matrix(self, name: str, rows: int, columns: int) -> Array:
        """Return a matrix as fp32, with its change if it has one."""
        own = super().matrix(name, rows, columns)
        short = name.removesuffix(".w")
        if f"{short}.up" not in self._changes:
            return own
        changed: Array = own + self._changes[f"{short}.up"].astype(np.float32) @ self._changes[f"{short}.down"].astype(
            np.float32
        )
        return changed


def load_changes() -> dict[str, Array]:
    """Return the arrays of reader.npz, by name."""
    with np.load(FILE) as stored:
        return {name: stored[name] for name in stored.files}
