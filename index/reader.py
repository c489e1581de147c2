"""The reader: a question and some sentences together → which sentence holds the answer, and where in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import openvino
from tokenizers import Encoding

from index.bundled_model import bundled_model_folder
from index.encoder import Tell
from index.errors import ModelUnavailable
from index.openvino_model import PAD, REMEMBERED, tokenizer_of
from index.processor import cores

Floats = npt.NDArray[np.float32]

ROOM = 256  # tokens of a question and its sentences; what goes beyond is not read
_LONGEST_ANSWER = 40  # tokens
_MOST_ASKED = 64  # tokens of the question


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one sentence; scores are in nats, higher is more likely."""

    answerable: float  # log odds that any of the sentences read with it answers
    answer: float  # score of its best span, against that of no answer in any sentence
    span: tuple[int, int]  # characters of the sentence, end exclusive


class Reader:
    """The reader of the bundled model, opened at first use; threads may share it. Raises ModelUnavailable."""

    def __init__(self, cache: Path, tell: Tell = lambda _message: None) -> None:
        self._cache, self._tell, self._lock = cache, tell, Lock()
        self._request: openvino.InferRequest | None = None

    def prepare(self) -> None:
        """Convert and open the model, unless that has been done."""
        with self._lock:
            if self._request is not None:
                return
            folder = bundled_model_folder(self._cache, self._tell)
            settings = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": cores(), "CPU_RUNTIME_CACHE_CAPACITY": REMEMBERED}
            try:
                self._tokenizer = tokenizer_of(folder)
                self._request = openvino.Core().compile_model(folder / "reader.xml", "CPU", settings).create_infer_request()
            except Exception as error:  # neither library has an error of its own
                raise ModelUnavailable(f"转换好的内置模型打不开，可能已损坏：请删除文件夹 {folder} 后重试") from error

    def read(self, question: str, sentences: Sequence[str]) -> list[Reading]:
        """Return what is said of as many sentences, from the first, as there is room for."""
        self.prepare()
        asked, *encodings = self._tokenizer.encode_batch([question, *sentences])
        ids = asked.ids[:-1][: _MOST_ASKED - 1] + asked.ids[-1:]
        places: list[tuple[int, Encoding]] = []  # where a sentence's first token comes, less the one it leaves out
        for encoding in encodings:
            if len(ids) + len(encoding.ids) - 1 > ROOM:
                break
            places.append((len(ids) - 1, encoding))
            ids += encoding.ids[1:]
        scores = self._scores(ids)
        none = float(scores[0, 0] + scores[0, 1])
        return [_reading(scores[at : at + len(encoding.ids)], encoding, none) for at, encoding in places]

    def _scores(self, ids: list[int]) -> Floats:
        row = np.zeros((1, -(-len(ids) // PAD) * PAD), np.int64)
        row[0, : len(ids)] = ids
        mask = (np.arange(row.shape[1]) < len(ids)).astype(np.int64)[None]
        assert self._request is not None
        with self._lock:
            scores: Floats = self._request.infer([row, mask], share_inputs=True)[0][0].copy()
        return scores


def _reading(scores: Floats, encoding: Encoding, none: float) -> Reading:
    """Return what the scores of a sentence's tokens say; its last token is the separator behind it."""
    starts, ends = scores[1:-1, 0], scores[1:-1, 1]
    together = starts[:, None] + ends[None, :]
    count = len(starts)
    apart = np.arange(count)[None, :] - np.arange(count)[:, None]
    together = np.where((apart >= 0) & (apart < _LONGEST_ANSWER), together, -np.inf)
    if not count:
        return Reading(float(scores[-1, 2]), -np.inf, (0, 0))
    first, last = np.unravel_index(int(together.argmax()), together.shape)
    span = (encoding.offsets[first + 1][0], encoding.offsets[last + 1][1])
    return Reading(float(scores[-1, 2]), float(together[first, last]) - none, span)
