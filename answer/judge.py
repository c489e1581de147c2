"""From retrieved passages to the probability that each of them answers, and where: the reader's word, and the subject's."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from answer.expected import suited
from answer.question import Question
from answer.sentences import Sentence, sentences_of, spans_of
from answer.short import heading_row
from answer.subject import context_for, fits, is_of_others
from index.arrays import Floats
from index.models.reader import Reader, Reading, Span, shifted, within
from index.store.documents import Issue
from index.store.records import Retrieved, StoredPassage
from index.text.rarity import idf
from index.text.words import fold, tokens
from ingest.extracted import CELL

PASSAGES, FIRST = 6, 3  # retrieved passages that are read, and how many of them first
ROWS = 2  # rows of a table that are read by themselves
SURE = 0.8  # probability of one of the first at which the others are not read
# On written questions kept apart (scripts/training/fit_answers.py) as many are quoted as at 0.4, and .78 instead of .75 of the
# near misses are refused; 0.6 begins to cost answers.
THRESHOLD = 0.5  # least probability of a passage at which a question is answered
_ALL_ROWS = re.compile(r"分别|各|每[个条家街镇村区县]|所有|全部|哪[些几]|最|合计|[一总]共")
_ROW = re.compile(rf"[^\n]*{re.escape(CELL)}[^\n]*")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its passages and sentences, and how likely each answers."""

    question: Question
    retrieved: Retrieved
    issues: Sequence[Issue] | None  # that the question names, None if it names none
    sentences: Sequence[Sentence]  # of the passages that were read
    readings: Sequence[Reading]  # of these passages
    rarity: Mapping[str, float]  # the IDF in the collection of the tokens of the question's topic
    passages: Floats  # (passages,): probability that it answers
    holds: Floats  # (sentences,): probability that it is part of the answer

    @property
    def best(self) -> int:
        """The sentence that most likely answers."""
        return int(self.holds.argmax())

    @property
    def found(self) -> float:
        """Probability that a passage answers."""
        return float(self.passages.max(initial=0.0))

    def stored(self, number: int) -> StoredPassage:
        """Return the passage of a sentence."""
        return self.retrieved.passages[self.sentences[number].passage]


def judge(question: Question, retrieved: Retrieved, reader: Reader | None, issues: Sequence[Issue] | None = None) -> Judged:
    """Read the first passages; one about another county, year or issue than the question's cannot answer.

    `issues`: those that the question names, None if it names none.
    """
    within = None if issues is None else {issue.id for issue in issues}
    saying = tuple(one for one in retrieved.passages if one.text not in one.passage.context)  # more than a heading
    retrieved, passages = replace(retrieved, passages=saying), saying[:PASSAGES]
    fitting = np.array(
        [fits(question.query, one) and (within is None or one.document.id in within) for one in passages], np.float32
    )
    rarity = {token: idf(count, max(1, retrieved.counted)) for token, count in retrieved.frequencies.items()}
    readings = _read(question, passages, fitting, rarity, reader) if reader else []
    passages = passages[: len(readings)] if readings else passages
    sentences = sentences_of(passages)
    if readings:
        pairs = enumerate(zip(passages, readings, strict=True))
        fitting = fitting[: len(readings)] * [
            not _is_of_others(question, number, one, sentences, reading) for number, (one, reading) in pairs
        ]
    shares = np.array([share(rarity, f"{one.passage.context}\n{one.text}") for one in passages], np.float32)
    read = np.array([chance(one.answers) for one in readings], np.float32)
    chances = fitting * (read if readings else shares**2)  # without the reader, shared words stand in for it
    parts = [_part(one, passages[one.passage], readings) if readings else share(rarity, one.text) for one in sentences]
    holds = np.array([chances[one.passage] * part for one, part in zip(sentences, parts, strict=True)], np.float32)
    return Judged(question, retrieved, issues, sentences, readings, rarity, chances.astype(np.float32), holds)


def _is_of_others(
    question: Question, number: int, stored: StoredPassage, sentences: Sequence[Sentence], reading: Reading
) -> bool:
    """Tell whether the sentence in which a passage's answer begins is about another place than the question's."""
    if reading.span is None:
        return False
    at = stored.passage.start + reading.span[0]
    return any(
        is_of_others(question.query, one.text) for one in sentences if one.passage == number and one.start <= at < one.end
    )


def _read(
    question: Question, passages: Sequence[StoredPassage], fitting: Floats, rarity: Mapping[str, float], reader: Reader
) -> list[Reading]:
    """Return the readings of the first passages, and of the others if none of these surely answers.

    A table's likeliest rows are read by themselves, too, and where no passage surely answers, the sentences of the likeliest.
    """
    readings: list[Reading] = []
    for some in (passages[:FIRST], passages[FIRST:]):
        whole = reader.read(question.query.text, [(context_for(question.query, one), one.text) for one in some])
        for stored, reading in zip(some, whole, strict=True):
            rows = _likeliest_rows(question, stored, rarity)
            alone = _read_alone(question, stored, rows, reader) if rows else []
            ways = alone if rows and _is_of_another_row(stored, reading, rows[0], rarity) else [reading, *alone]
            readings.append(_best_suited(question, stored, ways))
        sure = [chance(one.answers) * fit for one, fit in zip(readings, fitting.tolist(), strict=False)]
        if max(sure, default=0.0) >= SURE:
            return readings
    if readings and CELL not in passages[best := int(np.argmax(sure))].text:
        alone = _read_alone(question, passages[best], list(spans_of(passages[best].text)), reader)
        readings[best] = _best_suited(question, passages[best], [readings[best], *alone])
    return readings


def _best_suited(question: Question, stored: StoredPassage, readings: Sequence[Reading]) -> Reading:
    """Return the likeliest reading of a passage that is of the kind asked for; one that does not answer if none is."""
    suiting = [one for reading in readings if (one := suited(question, stored, reading))]
    return max(suiting, key=lambda one: one.answers, default=replace(readings[0], answers=-math.inf))


def _likeliest_rows(question: Question, stored: StoredPassage, rarity: Mapping[str, float]) -> list[Span]:
    """Return the rows of a table that say most of what a question says; none if all of them are asked for."""
    if CELL not in stored.text or _ALL_ROWS.search(question.query.folded):
        return []
    rows = [found.span() for found in _ROW.finditer(stored.text)]
    return sorted(rows, key=lambda row: -share(rarity, stored.text[slice(*row)]))[:ROWS]


def _is_of_another_row(stored: StoredPassage, reading: Reading, likeliest: Span, rarity: Mapping[str, float]) -> bool:
    """Tell whether a reading's answer stands in a row that says less of what the question says than the likeliest row."""
    at = reading.span[0] if reading.span else 0
    own = next((found[0] for found in _ROW.finditer(stored.text) if found.start() <= at < found.end()), None)
    return own is not None and share(rarity, own) < share(rarity, stored.text[slice(*likeliest)])


def _read_alone(question: Question, stored: StoredPassage, parts: Sequence[Span], reader: Reader) -> list[Reading]:
    """Return the readings of parts of a passage, each alone under its context line and, in a table, its heading row."""
    context, start = context_for(question.query, stored), stored.passage.start
    headings = (heading_row(stored.document.text, start + begin) for begin, _ in parts)
    own = ("" if heading in context else heading for heading in headings)
    texts = [(f"{context} {heading}".strip(), stored.text[begin:end]) for heading, (begin, end) in zip(own, parts, strict=True)]
    read = reader.read(question.query.text, texts)
    return [shifted(one, begin) for one, (begin, _) in zip(read, parts, strict=True)]


def chance(odds: float) -> float:
    """Return the probability of log odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _part(sentence: Sentence, stored: StoredPassage, readings: Sequence[Reading]) -> float:
    """Return how much of a sentence is the answer of its passage, 0 to 1."""
    reading, start, end = readings[sentence.passage], sentence.start - stored.passage.start, sentence.end - stored.passage.start
    has_span = reading.span is not None and start <= reading.span[0] < end
    return max(within(reading, start, end), float(has_span))


def share(rarity: Mapping[str, float], text: str) -> float:
    """Return how much of a question's IDF a text contains, 0 to 1."""
    present = rarity.keys() & tokens(fold(text))
    return sum(rarity[token] for token in present) / (sum(rarity.values()) or 1.0)
