"""The bundled encoder in torch with low-rank changes (LoRA, arXiv 2106.09685), and their names in the weight file."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from index.models.bundled import read_package
from index.models.weight_file import WeightFile

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
from plain_model import state_dict

_SHORT = {
    "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v", "attention.output.dense": "ao",
    "intermediate.dense": "fi", "output.dense": "fo",
}  # fmt: skip


class LowRank(nn.Module):
    """A product with the product of two thin matrices added to it."""

    def __init__(self, inner: nn.Linear, rank: int) -> None:
        super().__init__()
        self.inner = inner
        self.down = nn.Parameter(torch.randn(rank, inner.in_features) / math.sqrt(inner.in_features))
        self.up = nn.Parameter(torch.zeros(inner.out_features, rank))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the product, changed."""
        return self.inner(values) + functional.linear(functional.linear(values, self.down), self.up)


def changeable(rank: int) -> BertModel:
    """Return the bundled encoder; of its parameters only the changes are learned."""
    source = WeightFile(read_package())
    config = BertConfig(
        hidden_size=source.hidden, num_hidden_layers=source.layers, num_attention_heads=source.heads,
        intermediate_size=source.inner, vocab_size=source.vocabulary, max_position_embeddings=source.positions,
        type_vocab_size=source.types, layer_norm_eps=source.epsilon, attn_implementation="sdpa",
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
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


def short(name: str) -> str:
    """Return the name of the weight file for torch's: l0.q.down for encoder.layer.0.attention.self.query.down."""
    layer, _, rest = name.removeprefix("encoder.layer.").partition(".")
    product, _, part = rest.rpartition(".")
    return f"l{layer}.{_SHORT[product]}.{part}"
