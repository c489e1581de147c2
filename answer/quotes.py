"""Choose what to quote: the sentences that most likely answer, the words in them to mark, and figures that disagree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from answer.judge import Judged
from ingest.document import Figure

Span = tuple[int, int]

MOST_SENTENCES = 3
# A further sentence is quoted if its probability is at least this share of the best one's. With 0.3 the quotes contain the
# answer of 0.67 / 0.84 of the questions of `ncp` / `crud_news`, with character F1 0.38 on `ncp`; with 0.1 0.69 / 0.84 and 0.34.
FURTHER = 0.3
# Score of the reader's span, relative to "no answer", from which the span itself is marked; below it, its whole clause is.
SURE = 2.0
_LONGEST_MARK = 40  # characters up to which a span is extended to a whole phrase
_CLAUSE = re.compile(r"[^，,；;。！？!?：:]+")
# What belongs to a phrase: names, nouns, numbers, units and adjectives (rjieba's tags), and the words that join them.
_PHRASE = ("n", "j", "l", "i", "m", "q", "b", "eng", "vn", "an", "s", "f", "t", "z", "g", "un", "a")
_JOINS = {*"、“”《》‘’·％%.-—（）()和与及等第以 ", "以及", "超过", "超", "余", "多", "近", "约", "左右", "以上", "以下"}
_NO_EDGE = {*"、和与及的 ", "以及"}
_TRIM = " \u3000，,；;。：:、"


MOST_OTHERS = 2  # sentences with another figure, shown beside the best one
# A sentence with another figure counts if its probability is at least this share of the best one's and the reader scores its
# span above "no answer".
_LIKELY = 0.25


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence to quote, as its number in Evidence.sentences, and the span of its text that answers, None if none does."""

    sentence: int
    mark: Span | None


def quotes_of(judged: Judged) -> list[Quote]:
    """Return one to three sentences, ordered by passage, then by position."""
    best, holds = judged.best, judged.holds
    likely = sorted(range(len(holds)), key=lambda number: -holds[number])[:MOST_SENTENCES]
    chosen = sorted(number for number in likely if number == best or holds[number] >= FURTHER * holds[best])
    return [Quote(number, mark_of(judged, number) if number == best or _answers(judged, number) else None) for number in chosen]


def _answers(judged: Judged, number: int) -> bool:
    reading = judged.evidence.readings.get(number)
    return reading is not None and reading.answer > 0


def mark_of(judged: Judged, number: int) -> Span:
    """Return the span of a sentence that answers, in characters of the sentence.

    It is the reader's span, extended to a phrase or a clause. Without a reading it is the figure with the unit that is asked
    for, or else the whole sentence.
    """
    sentence, unit = judged.evidence.sentences[number], judged.evidence.question.unit
    reading = judged.evidence.readings.get(number)
    if reading is None:
        matching = [figure for figure in figures_in(judged, number) if unit and figure.unit[:1] == unit[:1]]
        return (matching[0].start - sentence.start, matching[0].end - sentence.start) if matching else (0, len(sentence.text))
    start, end = _phrase(sentence.text, *reading.span)
    if reading.answer < SURE:
        start, end = _whole_clauses(sentence.text, start, end)
    return _trimmed(sentence.text, start, end)


def figures_in(judged: Judged, number: int) -> Sequence[Figure]:
    """Return the figures of a sentence."""
    sentence = judged.evidence.sentences[number]
    item = judged.evidence.retrieved.passages[sentence.passage].item
    return [figure for figure in item.figures if sentence.start <= figure.start and figure.end <= sentence.end]


def _phrase(text: str, start: int, end: int) -> Span:
    """Extend a span to its whole phrase: 迪昆妙 → 缅甸人民院议长迪昆妙, 2200 → 超过2200栋."""
    import rjieba

    words: list[tuple[int, int, bool, str]] = []
    at = 0
    for word, tag in rjieba.tag(text):
        words.append((at, at + len(word), tag.startswith(_PHRASE) or word in _JOINS, word))
        at += len(word)
    touched = [number for number, (begin, stop, *_) in enumerate(words) if begin < end and start < stop]
    if not touched:
        return start, end
    first, last = touched[0], touched[-1]
    while first > 0 and words[first - 1][2] and words[last][1] - words[first - 1][0] <= _LONGEST_MARK:
        first -= 1
    while last + 1 < len(words) and words[last + 1][2] and words[last + 1][1] - words[first][0] <= _LONGEST_MARK:
        last += 1
    while first < touched[0] and words[first][3] in _NO_EDGE:
        first += 1
    while last > touched[-1] and words[last][3] in _NO_EDGE:
        last -= 1
    return words[first][0], words[last][1]


def _whole_clauses(text: str, start: int, end: int) -> Span:
    touched = [clause.span() for clause in _CLAUSE.finditer(text) if clause.start() < end and start < clause.end()]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def _trimmed(text: str, start: int, end: int) -> Span:
    """Return a span without punctuation at its ends and without an opening quotation mark left over at its end."""
    if text[start:end].count("“") > text[start:end].count("”") and text[end - 1] == "“":
        end -= 1
    while start < end and text[start] in _TRIM:
        start += 1
    while start < end and text[end - 1] in _TRIM:
        end -= 1
    return start, end


def disagreeing(judged: Judged) -> list[int]:
    """Return the sentences whose marked figure has the unit of the best one's but another value, each value once."""
    evidence, best = judged.evidence, judged.best
    readings = evidence.readings
    if evidence.question.sought != "quantity" or best not in readings:
        return []
    own = _marked_figure(judged, best)
    if own is None:
        return []
    values, others = {own.value}, []
    for number in sorted(readings, key=lambda one: -judged.holds[one]):
        if readings[number].answer <= 0 or judged.holds[number] < _LIKELY * judged.holds[best]:
            continue
        figure = _marked_figure(judged, number)
        if figure and figure.unit == own.unit and figure.value not in values:
            values.add(figure.value)
            others.append(number)
    return others[:MOST_OTHERS]


def _marked_figure(judged: Judged, number: int) -> Figure | None:
    """Return the first figure in the marked part of a sentence."""
    start, end = mark_of(judged, number)
    begin = judged.evidence.sentences[number].start
    return next((f for f in figures_in(judged, number) if f.start < begin + end and begin + start < f.end), None)
