"""Run the bundled model: OpenVINO and tokenizers alone, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import openvino
from tokenizers import Tokenizer

from index.errors import ModelUnavailable
from index.models.prompts import Prompts, Role

_PAD = 16  # token counts are rounded up to a multiple: each new shape costs 30 ms once, and 4 MB while it is cached
_REMEMBERED = 200  # compiled operations in the cache; enough for 40 different shapes


@cache
def tokenizer_of(folder: Path) -> Tokenizer:
    """Return the tokenizer of a converted model; the encoder and the reader share it."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


class Converted:
    """A graph of a converted model, opened; threads may share it. Raises ModelUnavailable."""

    def __init__(self, folder: Path, graph: str, cores: int) -> None:
        self._lock = Lock()
        settings = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": cores, "CPU_RUNTIME_CACHE_CAPACITY": _REMEMBERED}
        try:
            self.tokenizer = tokenizer_of(folder)
            self._request = openvino.Core().compile_model(folder / graph, "CPU", settings).create_infer_request()
        except Exception as error:  # neither library has an error class of its own
            raise ModelUnavailable(f"转换好的内置模型打不开，可能已损坏：请删除文件夹 {folder} 后重试") from error

    def run(self, tokens: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return the graph's output for a batch of token ids, a row for each text."""
        ids = np.zeros((len(tokens), -(-max(map(len, tokens)) // _PAD) * _PAD), np.int64)
        mask = np.zeros_like(ids)
        for row, text_tokens in enumerate(tokens):
            ids[row, : len(text_tokens)] = text_tokens
            mask[row, : len(text_tokens)] = 1
        with self._lock:
            output: npt.NDArray[np.float32] = self._request.infer([ids, mask], share_inputs=True)[0].copy()
        return output


class OpenVinoModel:
    """The converted model in `folder`; threads may share it. Raises ModelUnavailable."""

    limit = 512  # tokens of one text; the model has no more positions
    batch_texts = 64
    batch_tokens = 1000  # as fast as 2,000 and 4,000; and a query waits at most 15 ms behind such a batch
    streams = 1  # all cores on one batch: two side by side are 8 % faster, but double the latency of a query

    def __init__(self, folder: Path, prompts: Prompts, cores: int) -> None:
        self._prompts, self._converted = prompts, Converted(folder, "model.xml", cores)
        self._tokenizer = self._converted.tokenizer

    def lengths(self, texts: Sequence[str], role: Role) -> list[int]:
        """Return the number of tokens of each text with its prompt."""
        return [len(tokens) for tokens in self._tokens(texts, role)]

    def encode(self, texts: Sequence[str], role: Role) -> npt.NDArray[np.float32]:
        """Encode one batch of texts within the limit, `(n, d)`."""
        return self._converted.run(self._tokens(texts, role))

    def _tokens(self, texts: Sequence[str], role: Role) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch([self._prompts[role] + text for text in texts])]
