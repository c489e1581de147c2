"""The bundled encoder in torch with low-rank changes (LoRA, arXiv 2106.09685), and their names in the weight file."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from index.models.bundled import read_package
from index.models.folders import state_dict
from index.models.weight_file import WeightFile

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # of mallopt(3)
_ROUNDED = 16  # tokens
_SHORT = {
    "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v", "attention.output.dense": "ao",
    "intermediate.dense": "fi", "output.dense": "fo",
}  # fmt: skip


class LowRank(nn.Module):
    """A product with a matrix, to which the product of two thin ones is added first: faster than three products."""

    def __init__(self, inner: nn.Linear, rank: int) -> None:
        super().__init__()
        self.inner = inner
        self.down = nn.Parameter(torch.randn(rank, inner.in_features) / math.sqrt(inner.in_features))
        self.up = nn.Parameter(torch.zeros(inner.out_features, rank))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the product, changed."""
        return functional.linear(values, self.inner.weight + self.up @ self.down, self.inner.bias)


def _keep_memory() -> None:
    """Let glibc keep freed memory: given back and taken again at each step, it would double the time of a step."""
    with suppress(AttributeError, OSError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)


def changeable(rank: int, dropout: float = 0.0) -> BertModel:
    """Return the bundled encoder; of its parameters only the changes are learned."""
    _keep_memory()
    source = WeightFile(read_package())
    config = BertConfig(
        hidden_size=source.hidden, num_hidden_layers=source.layers, num_attention_heads=source.heads,
        intermediate_size=source.inner, vocab_size=source.vocabulary, max_position_embeddings=source.positions,
        type_vocab_size=source.types, layer_norm_eps=source.epsilon, attn_implementation="eager",  # backwards faster
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict({name: torch.from_numpy(value) for name, value in state_dict(source).items()}, strict=False)
    bert.requires_grad_(False)
    for layer in bert.encoder.layer:
        own = layer.attention.self
        for name in ("query", "key", "value"):
            setattr(own, name, LowRank(getattr(own, name), rank))
        layer.attention.output.dense = LowRank(layer.attention.output.dense, rank)
        layer.intermediate.dense = LowRank(layer.intermediate.dense, rank)
        layer.output.dense = LowRank(layer.output.dense, rank)
    return bert


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return texts as token numbers and which of these are theirs, both `(n, tokens)`.

    Lengths are rounded up: kept memory would fall into pieces if each batch had one of its own.
    """
    length = -(-max(map(len, rows)) // _ROUNDED) * _ROUNDED
    ids = torch.tensor([[*row, *[0] * (length - len(row))] for row in rows], device=device)
    mask = torch.tensor([[1.0] * len(row) + [0.0] * (length - len(row)) for row in rows], device=device)
    return ids, mask


def save(changes: Mapping[str, nn.Parameter], step: int, file: Path) -> None:
    """Write what was learned, and in how many steps."""
    arrays = {name: value.detach().float().cpu().numpy() for name, value in changes.items()}
    with file.with_suffix(".part").open("wb") as stream:
        np.savez(stream, step=step, **arrays)
    file.with_suffix(".part").replace(file)


def resume(changes: Mapping[str, nn.Parameter], file: Path) -> int:
    """Take up what a checkpoint has learned; return its steps, 0 if there is none."""
    if not file.exists():
        return 0
    with np.load(file) as stored:
        for name, value in changes.items():
            value.data = torch.from_numpy(stored[name]).to(value.device)
        return int(stored["step"])


def short(name: str) -> str:
    """Return the name of the weight file for torch's: l0.q.down for encoder.layer.0.attention.self.query.down."""
    layer, _, rest = name.removeprefix("encoder.layer.").partition(".")
    product, _, part = rest.rpartition(".")
    return f"l{layer}.{_SHORT[product]}.{part}"
