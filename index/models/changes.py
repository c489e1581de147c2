"""What was learned: changes to the package's weights that make the bundled encoder and the cross-encoder of them.

A file has for each weight matrix of each layer two thin ones, whose product is added to it (LoRA, arXiv 2106.09685), in 8 bits
with a scale for each row, and the `peaks` and `means` that index/models/bert_graph.py needs for 8 bits; that of the
cross-encoder also has its head's `weight` and `bias`. scripts/training makes them; docs/model-card.md says of what.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from index.models.weight_file import Array, WeightFile

ENCODER, READER = Path(__file__).with_name("encoder.npz"), Path(__file__).with_name("reader.npz")
BEGINS, ENDS, WITHIN, RELEVANT, ANSWERS = range(5)  # rows of the head: the first three of any token, the others of the first
_SCALE = ".scale"


class ChangedWeights(WeightFile):
    """The package's weight file, with the changes added to its matrices."""

    def __init__(self, data: bytes, changes: Mapping[str, Array]) -> None:
        super().__init__(data)
        self._changes = changes

    def matrix(self, name: str, rows: int, columns: int) -> Array:
        """Return a matrix as fp32, with its change if it has one."""
        own, of = super().matrix(name, rows, columns), name.removesuffix(".w")
        if f"{of}.up" not in self._changes:
            return own
        changed: Array = own + self._changes[f"{of}.up"] @ self._changes[f"{of}.down"]
        return changed


def load_changes(file: Path) -> dict[str, Array]:
    """Return the arrays of a file in floats, by name."""
    with np.load(file) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    return {name: array * arrays.get(name + _SCALE, 1) for name, array in arrays.items() if not name.endswith(_SCALE)}


def save_changes(file: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays: the thin matrices in 8 bits, the rest in half precision."""
    packed = {}
    for name, array in arrays.items():
        if name.endswith((".up", ".down")):
            scale = (np.abs(array).max(axis=1, keepdims=True) / 127 + 1e-8).astype(np.float32)
            packed[name], packed[name + _SCALE] = np.rint(array / scale).astype(np.int8), scale
        else:
            packed[name] = array.astype(np.float32 if name in ("weight", "bias") else np.float16)
    np.savez_compressed(file, **packed)
