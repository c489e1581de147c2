"""The bundled model as OpenVINO graphs: BERT, then the L2-normalised mean over the tokens, or a linear head for each token.

Written directly in OpenVINO's operations, so that neither torch nor a converter is needed. With what was measured of their
inputs the layers' matrix products run in 8 bits. A few channels are far larger than the rest; those are divided by a factor
beforehand and the weights multiplied by it (SmoothQuant, arXiv 2211.10438, for the largest channels only). What rounded weights
make of the inputs' means is taken off the bias (arXiv 1906.04721, section 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import openvino
from openvino import opset15 as op
from openvino.op import Constant

from index.models.weight_file import BLOCK, Array, WeightFile

_USUAL = 0.95  # channels above this quantile of a layer's peaks are divided down to it
_ROOM = 2  # on the peaks of attention's outputs: averages of many words in the texts measured, of one in aaaaaaaa
_GELU_LEAST = np.float32(-0.17)  # gelu never goes below it
INPUTS = ("input", "context", "hidden", "inner")  # of a layer's products: q k v, attention out, first and second dense


def bert_graph(source: WeightFile, measured: Mapping[str, Array] | None) -> openvino.Model:
    """Return the model: `input_ids` and `attention_mask`, `(n, tokens)` int64 → `(n, hidden)`, rows L2-normalised.

    `measured` has for each of INPUTS the largest absolute value and the mean of every channel, "peaks.input", "means.input" and
    so on, `(layers, channels)`. The nodes at which these are measured are named "0.input", "0.context" and so on.
    """
    graph = _Graph(source, measured)
    kept = op.unsqueeze(graph.kept, _constant(2))
    mean = op.divide(
        op.reduce_sum(op.multiply(graph.hidden, kept), _constant(1), False), op.reduce_sum(kept, _constant(1), False)
    )
    return openvino.Model([op.normalize_l2(mean, _constant([1]), 1e-12, "add")], graph.inputs, "multilingual-e5-small")


def reader_graph(source: WeightFile, measured: Mapping[str, Array] | None, weight: Array, bias: Array) -> openvino.Model:
    """Return the model with a linear head, `weight` `(numbers, hidden)` and `bias` → `(n, tokens, numbers)`."""
    graph = _Graph(source, measured)
    scores = op.add(op.matmul(graph.hidden, _constant(weight), False, True), _constant(bias[None, None]))
    return openvino.Model([scores], graph.inputs, "reader")


class _Graph:
    def __init__(self, source: WeightFile, measured: Mapping[str, Array] | None) -> None:
        self._source, self._measured = source, measured
        ids = op.parameter([-1, -1], np.int64, name="input_ids")
        mask = op.parameter([-1, -1], np.int64, name="attention_mask")
        self.inputs = [ids, mask]
        self.kept = op.convert(mask, "f32")  # 1 for a token, 0 for padding
        hidden = self._embedding(ids)
        away = op.multiply(op.subtract(self.kept, _constant(np.float32(1))), _constant(np.float32(1e4)))
        for number in range(source.layers):
            hidden = self._layer(hidden, op.unsqueeze(away, _constant([1, 2])), number)
        self.hidden = hidden

    def _embedding(self, ids: Any) -> Any:
        of = self._source
        words = op.gather(self._words(), op.convert(ids, "i32"), _constant(0))
        length = op.gather(op.shape_of(ids), _constant(1), _constant(0))
        places = of.floats("emb.pos", of.positions, of.hidden) + of.floats("emb.type", of.hidden)
        place = op.gather(_constant(places), op.range(_constant(0), length, _constant(1), "i64"), _constant(0))
        return self._norm(op.add(words, op.unsqueeze(place, _constant(0))), "emb.ln")

    def _words(self) -> Any:
        """Return the table of token embeddings in 4 bits, as stored; only the rows that are looked up become floats."""
        of = self._source
        numbers, scales = of.blocks("emb.word", of.vocabulary, of.hidden)
        packed = numbers[:, 0::2] | numbers[:, 1::2] << 4
        shape = [of.vocabulary, of.hidden // BLOCK, BLOCK]
        table = Constant(openvino.Tensor(packed.reshape(-1), shape, openvino.Type.u4), shared_memory=False)
        weights = op.multiply(
            op.subtract(op.convert(table, "f32"), _constant(np.float32(8))), op.convert(_constant(scales[..., None]), "f32")
        )
        return op.reshape(weights, _constant([of.vocabulary, of.hidden]), False)

    def _layer(self, before: Any, away: Any, number: int) -> Any:
        of, name = self._source, f"l{number}"
        wide, split, swap = of.hidden, _constant([0, 0, of.heads, of.hidden // of.heads]), _constant([0, 2, 1, 3])
        shared = self._rounded(before, "input", number)
        heads = [
            op.transpose(op.reshape(self._product(shared, f"{name}.{part}", wide, "input", number), split, True), swap)
            for part in "qkv"
        ]
        context = op.transpose(op.scaled_dot_product_attention(*heads, away), swap)
        context = self._rounded(op.reshape(context, _constant([0, 0, wide]), True), "context", number)
        attention = self._product(context, f"{name}.ao", wide, "context", number)
        hidden = self._norm(op.add(attention, before), f"{name}.aln")
        inner = self._product(self._rounded(hidden, "hidden", number), f"{name}.fi", of.inner, "hidden", number)
        inner = self._rounded(op.gelu(inner, "erf"), "inner", number)
        return self._norm(op.add(self._product(inner, f"{name}.fo", wide, "inner", number), hidden), f"{name}.oln")

    def _rounded(self, values: Any, place: str, number: int) -> Any:
        """Name the input of a product and, round it to 8 bits if peaks are known."""
        values.set_friendly_name(f"{number}.{place}")
        if self._measured is None:
            return values
        usual, factors = self._smoothing(place, number)
        below = math.ceil(255 * _GELU_LEAST / (_GELU_LEAST - usual)) if place == "inner" else 128  # levels; zero is one, too
        least, most = _constant(np.float32(-usual * below / (255 - below))), _constant(usual)
        return op.fake_quantize(op.multiply(values, _constant(1 / factors)), least, most, least, most, 256)

    def _product(self, values: Any, name: str, rows: int, place: str, number: int) -> Any:
        of = self._source
        weights = of.matrix(f"{name}.w", rows, of.inner if place == "inner" else of.hidden)
        bias = of.floats(f"{name}.b", 1, 1, rows)
        if self._measured is None:
            matrix = op.convert(_constant(weights.astype(np.float16)), "f32")
        else:
            factors = self._smoothing(place, number)[1]
            weights = weights * factors
            step = np.abs(weights).max(axis=1, keepdims=True) / 127
            rounded = np.rint(weights / step)
            bias = bias + (weights - rounded * step) @ (self._measured[f"means.{place}"][number] / factors)
            matrix = op.multiply(op.convert(_constant(rounded.astype(np.int8)), "f32"), _constant(step))
        return op.add(op.matmul(values, matrix, False, True), _constant(bias.astype(np.float32)))

    def _smoothing(self, place: str, number: int) -> tuple[Any, Array]:
        """Return the usual peak of a product's input, and the factor by which each channel exceeds it, at least 1."""
        assert self._measured is not None
        peaks = self._measured[f"peaks.{place}"][number] * np.float32(_ROOM if place == "context" else 1)
        usual = np.float32(np.quantile(peaks, _USUAL))
        return usual, np.maximum(1, peaks / usual).astype(np.float32)

    def _norm(self, values: Any, name: str) -> Any:
        of = self._source
        centred = op.mvn(values, _constant([-1]), True, of.epsilon, "inside_sqrt")
        return op.add(
            op.multiply(centred, _constant(of.floats(f"{name}.w", of.hidden))), _constant(of.floats(f"{name}.b", of.hidden))
        )


def _constant(value: Any) -> Any:
    return op.constant(np.asarray(value, order="C"))
