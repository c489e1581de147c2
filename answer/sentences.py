"""Split passages into sentences, with their spans in the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.store.records import StoredPassage
from index.text.sentences import LINE_OR_SENTENCE
from ingest.extracted import CELL

# A sentence ends at its full stop or at the end of the line; a row of a table is one. A sentence longer than LONG is also split
# at its semicolons: a list of measures is often one sentence.
_PART = re.compile(r"[^；;]+[；;]?")
LONG = 90  # characters
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage; offsets are characters of its document's text, end exclusive."""

    passage: int  # position of its passage among the retrieved ones, from 0
    start: int
    end: int
    text: str


def sentences_of(passages: Sequence[StoredPassage]) -> list[Sentence]:
    """Return the sentences of passages, ordered by passage, then by position."""
    sentences = []
    for rank, stored in enumerate(passages):
        for start, end in spans_of(stored.text):
            begin = stored.passage.start
            sentences.append(Sentence(rank, begin + start, begin + end, stored.text[start:end]))
    return sentences


def spans_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of a text's sentences and rows, without blanks at their ends."""
    lines = _LINE.finditer(text)
    wholes = (one for line in lines for one in ([line] if CELL in line[0] else LINE_OR_SENTENCE.finditer(text, *line.span())))
    for whole in wholes:
        long = len(whole[0]) > LONG and CELL not in whole[0]
        for part in list(_PART.finditer(text, *whole.span())) if long else [whole]:
            start, end = _stripped(text, *part.span())
            if start < end:
                yield start, end


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
