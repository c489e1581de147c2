"""Measure the peaks of the bundled models' activations (inputs of their matrix products) on the sample corpus.

    python -m scripts.training.measure_peaks encoder      writes index/models/peaks.npz
    python -m scripts.training.measure_peaks reader       writes the peaks in index/models/reader.npz

index/models/bert_graph.py needs the largest absolute value of each channel to run these products in 8 bits. Run this when a
model or the graph changes, and raise _LAYOUT in index/models/bundled.py, or VERSION in index/models/reader_weights.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import openvino
from tokenizers import Tokenizer

from index.models.bert_graph import INPUTS, bert_graph, reader_graph
from index.models.bundled import PEAKS, read_package
from index.models.prompts import E5
from index.models.reader_weights import FILE, ReaderWeights, load_changes
from index.models.weight_file import Array, WeightFile
from index.store.records import embedded_text
from ingest.document import Document, Item
from ingest.read import read_document
from ingest.walk import walk

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"


def items() -> Iterable[tuple[Document, Item]]:
    """Yield the items of the sample corpus."""
    for path, file in walk(DOCUMENTS, []):
        document = read_document(path, file)
        yield from ((document, item) for item in document.items)


def encoder_inputs(tokenizer: Tokenizer) -> Iterable[list[int]]:
    """Yield passages as they are encoded, and titles as questions."""
    for document, item in items():
        yield tokenizer.encode(E5["query"] + item.title).ids
        for p in item.passages:
            yield tokenizer.encode(E5["passage"] + embedded_text(p.context, document.text[p.start : p.end])).ids


def reader_inputs(tokenizer: Tokenizer) -> Iterable[list[int]]:
    """Yield titles with sentences of their own item, and with those of the next."""
    for (_, item), (document, other) in pairwise(items()):
        for asked in (item, other):
            ids = tokenizer.encode(asked.title).ids
            for sentence in document.text[other.start : other.end].split("。"):
                more = tokenizer.encode(sentence + "。").ids[1:]
                ids = ids + more if len(ids) + len(more) <= 256 else ids
            yield ids


def peaks_of(model: openvino.Model, layers: int, inputs: Iterable[list[int]]) -> dict[str, Array]:
    """Run inputs through a model in floats; return for each of INPUTS the peaks, `(layers, channels)`."""
    places = [f"{layer}.{name}" for layer in range(layers) for name in INPUTS]
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    for place in places:
        model.add_outputs(nodes[place].output(0))
    run = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    peaks: dict[str, np.ndarray] = {}
    for ids in inputs:
        values = list(run([np.array([ids]), np.ones((1, len(ids)), np.int64)]).values())[1:]
        for place, value in zip(places, values, strict=True):
            peaks[place] = np.maximum(peaks.get(place, 0), np.abs(value[0]).max(axis=0))
    return {name: np.stack([peaks[f"{n}.{name}"] for n in range(layers)]).astype(np.float16) for name in INPUTS}


def main() -> None:
    """Measure one of the models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["encoder", "reader"])
    reader = parser.parse_args().model == "reader"
    source = WeightFile(read_package())
    tokenizer: Tokenizer = source.tokenizer()
    tokenizer.enable_truncation(source.positions)
    if not reader:
        np.savez_compressed(PEAKS, **peaks_of(bert_graph(source, None), source.layers, encoder_inputs(tokenizer)))
        return
    changes = load_changes()
    model = reader_graph(ReaderWeights(read_package(), changes), None, changes["weight"], changes["bias"])
    peaks = peaks_of(model, source.layers, reader_inputs(tokenizer))
    np.savez_compressed(FILE, **changes | {f"peaks.{name}": array for name, array in peaks.items()})


if __name__ == "__main__":
    main()
