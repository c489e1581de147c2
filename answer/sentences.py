"""The sentences of passages, with their places in the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.store.records import StoredPassage
from index.text.sentences import LINE_OR_SENTENCE

# A sentence goes to its full stop or to the end of the line. One longer than LONG is parted at its semicolons, as in lists
# of measures that are one sentence.
_PART = re.compile(r"[^；;]+[；;]?")
LONG = 90  # characters


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage; offsets are characters of its document's text."""

    passage: int  # rank of its passage among those consulted
    start: int
    end: int
    text: str


def sentences_of(passages: Sequence[StoredPassage]) -> list[Sentence]:
    """Return the sentences of passages, in the order of the passages and of their text."""
    found = []
    for rank, stored in enumerate(passages):
        for start, end in _spans(stored.text):
            begin = stored.passage.start
            found.append(Sentence(rank, begin + start, begin + end, stored.text[start:end]))
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for whole in LINE_OR_SENTENCE.finditer(text):
        parts = list(_PART.finditer(text, *whole.span())) if len(whole[0]) > LONG else [whole]
        for part in parts:
            start, end = _stripped(text, *part.span())
            if start < end:
                yield start, end


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
