"""Measure how large the inputs of the bundled model's products get on the sample corpus; write index/peaks.npz.

The largest absolute value of each channel is what index/bert_graph.py needs to run these products in 8 bits. Run it when
the model or the graph changes, and raise _LAYOUT in index/bundled_model.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from index.bert_graph import INPUTS, bert_graph
from index.bundled_model import PEAKS, read_package
from index.prompts import E5
from index.stored import embedded_text
from index.weight_file import WeightFile
from ingest.read import read_document
from ingest.walk import walk

DOCUMENTS = Path(__file__).resolve().parent.parent / "documents"


def texts() -> list[str]:
    """Return the passages of the sample corpus as they are encoded, and its titles as questions."""
    found: list[str] = []
    for path, file in walk(DOCUMENTS, []):
        document = read_document(path, file)
        for item in document.items:
            found.append(E5["query"] + item.title)
            found += [E5["passage"] + embedded_text(p.context, document.text[p.start : p.end]) for p in item.passages]
    return found


def main() -> None:
    """Run the texts through the model in floats."""
    import openvino  # only now: index keeps it from reporting this import

    source = WeightFile(read_package())
    tokenizer: Tokenizer = source.tokenizer()
    tokenizer.enable_truncation(source.positions)
    model = bert_graph(source, None)
    places = [f"{layer}.{name}" for layer in range(source.layers) for name in INPUTS]
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    for place in places:
        model.add_outputs(nodes[place].output(0))
    run = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    peaks: dict[str, np.ndarray] = {}
    for text in texts():
        encoding = tokenizer.encode(text)
        values = list(run([np.array([encoding.ids]), np.array([encoding.attention_mask])]).values())[1:]
        for place, value in zip(places, values, strict=True):
            peaks[place] = np.maximum(peaks.get(place, 0), np.abs(value[0]).max(axis=0))
    arrays = {name: np.stack([peaks[f"{n}.{name}"] for n in range(source.layers)]).astype(np.float16) for name in INPUTS}
    np.savez_compressed(PEAKS, **arrays)
    print(f"{PEAKS.name}: {', '.join(f'{name} {array.shape}' for name, array in arrays.items())}")


if __name__ == "__main__":
    main()
