"""The cross-encoder: a question and a passage together → whether the passage answers, where, and how relevant it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
from tokenizers import Encoding

from index.arrays import Floats
from index.models.bundled import bundled_model_folder
from index.models.changes import ANSWERS, BEGINS, ENDS, RELEVANT, WITHIN
from index.models.cpu import cores
from index.models.openvino import Converted
from index.progress import Tell
from index.timings import stage

QUESTION, ROOM = 80, 448  # tokens of a question, its last, and of both; what is beyond is not read
_LONGEST_ANSWER = 60  # tokens
_BATCH = 8  # pairs read at a time

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cross-encoder says of one passage; spans are characters of the passage's text without its context line."""

    relevance: float  # higher is more relevant; comparable within one question only
    answers: float  # log odds that the passage answers
    span: Span | None  # the most likely short answer, None if nothing of the passage was read
    tokens: tuple[Span, ...]
    within: Floats  # (tokens,): probability that each is part of an answer


class Reader:
    """The bundled cross-encoder, opened at first use; threads may share it. Raises ModelUnavailable."""

    def __init__(self, cache: Path, tell: Tell = lambda _message: None) -> None:
        self._cache, self._tell, self._opening = cache, tell, Lock()
        self._converted: Converted | None = None

    def prepare(self) -> Converted:
        """Return the model, converted and opened at first use."""
        with self._opening:
            if self._converted is None:
                self._converted = Converted(bundled_model_folder(self._cache, self._tell), "reader.xml", cores())
            return self._converted

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Return a reading of each passage, given as its context line and its text."""
        if not passages:
            return []
        converted, found = self.prepare(), []
        texts = [f"{context}\n{text}" if context else text for context, text in passages]
        with stage("read"):
            asked, *encodings = converted.tokenizer.encode_batch([question, *texts])
            rows, heads = zip(*(paired(asked, one) for one in encodings), strict=True)
            for at in range(0, len(rows), _BATCH):
                scores = converted.run(rows[at : at + _BATCH])
                for number, row in enumerate(rows[at : at + _BATCH], at):
                    context = passages[number][0]
                    own = scores[number - at, heads[number] : len(row) - 1]
                    before = len(context) + 1 if context else 0
                    found.append(_reading(scores[number - at, 0], own, encodings[number], texts[number], before))
        return found


def shifted(reading: Reading, by: int) -> Reading:
    """Return the reading of a part of a text as one of the text; `by`: characters before the part."""
    span = (reading.span[0] + by, reading.span[1] + by) if reading.span else None
    return replace(reading, span=span, tokens=tuple((start + by, end + by) for start, end in reading.tokens))


def within(reading: Reading, start: int, end: int) -> float:
    """Return how likely a stretch of a passage is part of an answer: the highest probability of its tokens."""
    inside = (chance for (a, b), chance in zip(reading.tokens, reading.within.tolist(), strict=True) if a < end and start < b)
    return max(inside, default=0.0)


def paired(question: Encoding, passage: Encoding) -> tuple[list[int], int]:
    """Return the tokens of a question, two separators and a passage, and how many of them stand before the passage's."""
    head = [question.ids[0], *question.ids[1:-1][-(QUESTION - 2) :], question.ids[-1], question.ids[-1]]
    row = [*head, *passage.ids[1:]]
    return row[: ROOM - 1] + row[-1:] if len(row) > ROOM else row, len(head)


def _reading(first: Floats, scores: Floats, encoding: Encoding, text: str, before: int) -> Reading:
    """Return the reading from the scores of the first token, `(5,)`, and of a passage's, `(tokens, 5)`.

    `before`: characters of the text that are its context line. The blank that a token may begin with is no part of an answer:
    it may be the end of the line above.
    """
    spans = [(end - len(text[start:end].lstrip()), end) for start, end in encoding.offsets[1 : 1 + len(scores)]]
    own = [number for number, (start, end) in enumerate(spans) if before <= start < end]
    scores = scores[own]
    within = 1 / (1 + np.exp(-scores[:, WITHIN]))
    tokens = tuple((spans[number][0] - before, spans[number][1] - before) for number in own)
    return Reading(float(first[RELEVANT]), float(first[ANSWERS]), _span(scores, tokens), tokens, within.astype(np.float32))


def _span(scores: Floats, tokens: Sequence[Span]) -> Span | None:
    if not tokens:
        return None
    together = scores[:, BEGINS, None] + scores[None, :, ENDS]
    apart = np.arange(len(tokens))[None, :] - np.arange(len(tokens))[:, None]
    together = np.where((apart >= 0) & (apart < _LONGEST_ANSWER), together, -np.inf)
    begin, end = np.unravel_index(int(together.argmax()), together.shape)
    return tokens[int(begin)][0], tokens[int(end)][1]
