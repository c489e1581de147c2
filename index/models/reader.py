"""The reader: a question and some sentences together → which sentence contains the answer, and where in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from tokenizers import Encoding

from index.arrays import Floats
from index.models.bundled import bundled_model_folder
from index.models.cpu import cores
from index.models.openvino import Converted
from index.progress import Tell

ROOM = 256  # tokens of a question and its sentences; sentences beyond are not read
_LONGEST_ANSWER = 40  # tokens
_MOST_QUESTION = 64  # tokens of the question; the rest is not read


@dataclass(frozen=True, slots=True)
class Reading:
    """The reader's scores for one sentence, in nats, higher is more likely."""

    answerable: float  # log odds that it answers
    answer: float  # score of its best span, less that of no answer in any sentence
    span: tuple[int, int]  # characters of the sentence, end exclusive


class Reader:
    """The reader of the bundled model, opened at first use; threads may share it. Raises ModelUnavailable."""

    def __init__(self, cache: Path, tell: Tell = lambda _message: None) -> None:
        self._cache, self._tell, self._opening = cache, tell, Lock()
        self._converted: Converted | None = None

    def prepare(self) -> Converted:
        """Return the model, converted and opened at first use."""
        with self._opening:
            if self._converted is None:
                self._converted = Converted(bundled_model_folder(self._cache, self._tell), "reader.xml", cores())
            return self._converted

    def read(self, question: str, sentences: Sequence[str]) -> list[Reading]:
        """Return a reading for each sentence, from the first, as many as fit."""
        converted = self.prepare()
        question_encoding, *encodings = converted.tokenizer.encode_batch([question, *sentences])
        ids = question_encoding.ids[:-1][: _MOST_QUESTION - 1] + question_encoding.ids[-1:]
        places: list[tuple[int, Encoding]] = []  # one before a sentence's first token, as its start token is left out
        for encoding in encodings:
            if len(ids) + len(encoding.ids) - 1 > ROOM:
                break
            places.append((len(ids) - 1, encoding))
            ids += encoding.ids[1:]
        scores = converted.run([ids])[0]
        none = float(scores[0, 0] + scores[0, 1])
        return [_reading(scores[at : at + len(encoding.ids)], encoding, none) for at, encoding in places]


def _reading(scores: Floats, encoding: Encoding, none: float) -> Reading:
    """Return the reading from the scores of a sentence's tokens, the last of which is the separator behind it."""
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
