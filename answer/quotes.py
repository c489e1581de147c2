"""Choose what to quote: the sentences that answer, the words in them to mark, and figures that disagree."""

from __future__ import annotations

from collections.abc import Sequence

from answer.expected import alike
from answer.judge import Judged
from index.models.reader import Span
from ingest.document import Figure

MOST_SENTENCES = 4
# A further sentence is quoted if its probability is at least this share of the best one's.
FURTHER = 0.5
MOST_OTHERS = 2  # sentences with another figure, shown beside the best one
_LIKELY = 0.5  # a passage's figure counts if its probability is at least this share of the best one's
_WITHIN = 0.5  # probability from which a token is part of the answer
_TRIM = " \u3000，,；;。：:、"


def quotes_of(judged: Judged) -> list[int]:
    """Return the numbers of the sentences that answer, all of one passage, in its order; one if a single fact is asked for."""
    best, holds = judged.best, judged.holds
    own = [number for number, one in enumerate(judged.sentences) if one.passage == judged.sentences[best].passage]
    likely = sorted((n for n in own if n == best or holds[n] >= FURTHER * holds[best]), key=lambda n: -holds[n])
    most = 1 if judged.question.single else MOST_SENTENCES
    return sorted(likely[:most])


def mark_of(judged: Judged, number: int) -> Span | None:
    """Return the span of a sentence that answers, in characters of the sentence; None if no part of it stands out.

    It is the reader's span if that is in the sentence, else the stretch of its tokens that are part of an answer; whole
    figures and dates.
    """
    sentence = judged.sentences[number]
    if not judged.readings:
        return None
    reading, shift = judged.readings[sentence.passage], sentence.start - judged.stored(number).passage.start
    if reading.span and 0 <= reading.span[0] - shift < len(sentence.text):
        return _with_facts(judged, number, (reading.span[0] - shift, min(len(sentence.text), reading.span[1] - shift)))
    inside = [
        (a - shift, b - shift)
        for (a, b), chance in zip(reading.tokens, reading.within.tolist(), strict=True)
        if chance >= _WITHIN and 0 <= a - shift < len(sentence.text)
    ]
    return _with_facts(judged, number, (inside[0][0], min(len(sentence.text), inside[-1][1]))) if inside else None


def _with_facts(judged: Judged, number: int, span: Span) -> Span | None:
    """Return a span extended to the whole of the figures and dates that it touches, trimmed."""
    sentence, item = judged.sentences[number], judged.stored(number).item
    (start, end), text = span, sentence.text
    facts = [(one.start, one.end) for one in item.figures] + [(one.start, one.end) for one in item.dates]
    for a, b in sorted(facts):
        a, b = a - sentence.start, b - sentence.start
        if 0 <= a < end and start < b <= len(text):
            start, end = min(start, a), max(end, b)
    return _trimmed(text, start, end)


def figures_in(judged: Judged, number: int) -> Sequence[Figure]:
    """Return the figures of a sentence."""
    sentence = judged.sentences[number]
    return [one for one in judged.stored(number).item.figures if sentence.start <= one.start and one.end <= sentence.end]


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return a span without punctuation at its ends and without half a pair of quotation marks."""
    while start < end and text[start] in _TRIM:
        start += 1
    while start < end and text[end - 1] in _TRIM:
        end -= 1
    if text[start:end].count("“") > text[start:end].count("”"):
        end = end + 1 if text[end : end + 1] == "”" else end - (text[end - 1] == "“")
    elif text[start:end].count("”") > text[start:end].count("“") and text[start - 1 : start] == "“":
        start -= 1
    return (start, end) if start < end else None


def disagreeing(judged: Judged) -> list[int]:
    """Return sentences of other passages whose marked figure has the unit of the best one's but another value, each once."""
    best = judged.best
    own = marked_figure(judged, best) if judged.question.sought == "quantity" and judged.readings else None
    if own is None:
        return []
    values, others = {own.value}, []
    for passage in sorted(range(len(judged.passages)), key=lambda one: -judged.passages[one]):
        inside = [number for number, one in enumerate(judged.sentences) if one.passage == passage]
        if not inside or judged.passages[passage] < _LIKELY * judged.found or passage == judged.sentences[best].passage:
            continue
        number = max(inside, key=lambda one: judged.holds[one])
        figure = marked_figure(judged, number)
        if figure and figure.unit == own.unit and figure.value not in values:
            values.add(figure.value)
            others.append(number)
    return others[:MOST_OTHERS]


def marked_figure(judged: Judged, number: int) -> Figure | None:
    """Return the first figure in the marked part of a sentence, of the unit asked for if there is one."""
    start, end = mark_of(judged, number) or (0, 0)
    begin = judged.sentences[number].start
    marked = [f for f in figures_in(judged, number) if f.start < begin + end and begin + start < f.end]
    return next((f for f in marked if alike(judged.question.unit, f.unit)), marked[0] if marked else None)
