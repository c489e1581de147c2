"""Write what was trained into the product: the changes in 8 bits, and what was measured of the activations they cause.

    python -m scripts.training.export encoder CHECKPOINT.npz --mix 0.75
    python -m scripts.training.export reader CHECKPOINT.npz

index/models/bert_graph.py needs the largest absolute value and the mean of each channel of the inputs of the matrix products,
measured here on the sample corpus, to run these products in 8 bits; the product's own file may be the checkpoint, to measure
anew. Afterwards raise _LAYOUT or _READER in index/models/bundled.py.
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
from index.models.bundled import read_package
from index.models.changes import ENCODER, READER, ChangedWeights, load_changes, save_changes
from index.models.prompts import E5
from index.models.weight_file import Array
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
    """Yield titles as questions, with passages of their own item and of the next."""
    for (one, item), (document, other) in pairwise(items()):
        asked = tokenizer.encode(item.title).ids
        for source, passages in ((one, item.passages), (document, other.passages)):
            for p in passages:
                passage = tokenizer.encode(embedded_text(p.context, source.text[p.start : p.end])).ids
                yield [*asked, asked[-1], *passage[1:]]


def measured(model: openvino.Model, layers: int, inputs: Iterable[list[int]]) -> dict[str, Array]:
    """Run inputs through a model in floats; return for each of INPUTS its peaks and its means, `(layers, channels)`."""
    places = [f"{layer}.{name}" for layer in range(layers) for name in INPUTS]
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    for place in places:
        model.add_outputs(nodes[place].output(0))
    run = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    peaks, sums, tokens = dict.fromkeys(places, np.float32(0)), dict.fromkeys(places, np.float64(0)), 0
    for ids in inputs:
        values = list(run([np.array([ids]), np.ones((1, len(ids)), np.int64)]).values())[1:]
        tokens += len(ids)
        for place, value in zip(places, values, strict=True):
            peaks[place] = np.maximum(peaks[place], np.abs(value[0]).max(axis=0))
            sums[place] = sums[place] + value[0].sum(axis=0, dtype=np.float64)
    found = {f"peaks.{name}": [peaks[f"{n}.{name}"] for n in range(layers)] for name in INPUTS}
    found |= {f"means.{name}": [sums[f"{n}.{name}"] / tokens for n in range(layers)] for name in INPUTS}
    return {name: np.stack(arrays).astype(np.float16) for name, arrays in found.items()}


def main() -> None:
    """Write one of the models' changes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["encoder", "reader"])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument(
        "--mix", type=float, default=1.0, help="factor on the changes: the same as averaging with the old weights"
    )
    options = parser.parse_args()
    data = read_package()
    stored = load_changes(options.checkpoint)
    changes = {name: array for name, array in stored.items() if not name.startswith(("step", "peaks.", "means."))}
    changes = {name: array * (options.mix if name.endswith(".up") else 1) for name, array in changes.items()}
    file = ENCODER if options.model == "encoder" else READER
    save_changes(file, changes)
    changes = load_changes(file)
    source = ChangedWeights(data, changes)
    tokenizer: Tokenizer = source.tokenizer()
    tokenizer.enable_truncation(source.positions)
    if options.model == "encoder":
        found = measured(bert_graph(source, None), source.layers, encoder_inputs(tokenizer))
    else:
        reader = reader_graph(source, None, changes["weight"], changes["bias"])
        found = measured(reader, source.layers, reader_inputs(tokenizer))
    save_changes(file, changes | found)
    print(f"{file}: {file.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
