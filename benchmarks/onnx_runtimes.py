"""The bundled model in ONNX Runtime, for benchmarks/encoder.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.models.bundled import FINGERPRINT
from index.models.folders import write_encoder
from index.models.prompts import E5

Vectors = npt.NDArray[np.float32]


def plain_folder(scratch: Path) -> str:
    """Return the folder of the encoder as sentence-transformers has it, written if it is not there."""
    folder = scratch / f"plain-{FINGERPRINT}"
    if not (folder / "model.safetensors").exists():
        write_encoder(folder)
    return str(folder)


class Onnx:
    """ONNX Runtime in fp32, as fastembed runs it: batches of 32, padded to the longest."""

    form = "f32"

    def __init__(self, scratch: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(Path(plain_folder(scratch)) / "tokenizer.json"))
        self._tokenizer.enable_truncation(512)
        self._tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
        self._session = onnxruntime.InferenceSession(str(self._file(scratch)), providers=["CPUExecutionProvider"])

    def _file(self, scratch: Path) -> Path:
        return _onnx_file(scratch)

    def passages(self, texts: Sequence[str]) -> Vectors:
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        vectors = np.zeros((len(texts), 384), np.float32)
        for start in range(0, len(order), 32):
            some = order[start : start + 32]
            vectors[some] = self._encode([E5["passage"] + texts[n] for n in some])
        return vectors

    def query(self, text: str) -> Vectors:
        return self._encode([E5["query"] + text])[0]

    def _encode(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(texts)
        mask = np.array([encoding.attention_mask for encoding in encodings])
        ids = np.array([encoding.ids for encoding in encodings])
        hidden = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        mean = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


class OnnxInt8(Onnx):
    """ONNX Runtime with dynamic 8-bit products."""

    form = "int8"

    def _file(self, scratch: Path) -> Path:
        from onnxruntime.quantization import quantize_dynamic

        file = scratch / f"{FINGERPRINT}-int8.onnx"
        if not file.exists():
            quantize_dynamic(_onnx_file(scratch), file, per_channel=True)
        return file


def _onnx_file(scratch: Path) -> Path:
    import torch
    from transformers import AutoModel

    file = scratch / f"{FINGERPRINT}.onnx"
    if not file.exists():
        model = AutoModel.from_pretrained(plain_folder(scratch), attn_implementation="eager").eval()

        class Named(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.model = model

            def forward(self, ids: Any, mask: Any) -> Any:
                return self.model(input_ids=ids, attention_mask=mask).last_hidden_state

        ids = torch.ones((2, 8), dtype=torch.long)
        names = ["input_ids", "attention_mask"]
        axes = {name: {0: "texts", 1: "tokens"} for name in names}
        torch.onnx.export(Named(), (ids, ids), str(file), input_names=names, dynamic_axes=axes, dynamo=False)
    return file
