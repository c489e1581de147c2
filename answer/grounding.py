"""Check a sentence that a language model wrote against the passages it cites: its numbers, dates, names and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from answer.sentences import sentences_of
from index.store.records import StoredPassage, embedded_text
from index.text.sentences import CLOSING, STOPS
from index.text.words import fold, tokens
from ingest.facts.dates import find_dates
from ingest.facts.figures import find_figures
from ingest.facts.mentions import mentions_in

Verdict = Literal["good", "weak", "bad"]
Span = tuple[int, int]

_CITED = re.compile(r"\s*[\[【［]\s*(?:资料|来源)?\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]】］]")
_SENTENCE = re.compile(rf"[^{STOPS}\n]*[{STOPS}]?[{CLOSING}]*(?:{_CITED.pattern})*[{STOPS}]?", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
_HAN_NUMBER = re.compile(
    r"[一二两三四五六七八九十百千]+(?:成|番|倍|分之[一二两三四五六七八九十]+)|[一二三四五六七八九十百千]{2,}"
)
_QUOTED = re.compile(r"[“《「『‘\"]([^”》」』’\"]{2,30})[”》」』’\"]")
_LATIN = re.compile(r"[a-z][a-z0-9.-]+")
_NEGATION = re.compile(r"没有|未(?=[能经曾被实获见])|不(?!断|少|仅|同|久|但|足|等|过|超|低于)|无(?=[法需须人])|禁止|拒绝|取消")
_NAMES = ("nr", "nt", "nz", "nrt", "nrfg")  # rjieba's tags of persons, organisations, other names; its places are guesses
_SUPPORTED = 0.5  # share of a sentence's tokens (pairs of characters) that its passages must contain for "good"
_CONTRIBUTES = 0.15  # share of them that a passage must add to those of the better passages, to be cited beside them
_MOST_QUOTED = 3  # sentences of a passage to cite for one written sentence; if they do not support it, the whole passage


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence as a model wrote it, without its citation marks, and the numbers of the passages it cites, counted from 1."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grounding:
    """Whether the cited passages support a sentence ("bad": no), and the narrowest spans of them that do."""

    verdict: Verdict
    spans: tuple[tuple[StoredPassage, Span], ...] = ()


def written_sentences(text: str) -> Iterator[tuple[int, WrittenSentence]]:
    """Yield the sentences of a model's answer, each with the offset at which it begins."""
    for match in _SENTENCE.finditer(text):
        cited = tuple(dict.fromkeys(int(n) for marks in _CITED.finditer(match[0]) for n in re.findall(r"\d+", marks[1])))
        words = re.sub(r"^[\s*#>•·\-]+|[*#]+", "", _CITED.sub("", match[0])).strip()
        if re.search(r"\w", words):
            yield match.start(), WrittenSentence(words, cited)


def check_grounding(written: WrittenSentence, passages: Sequence[StoredPassage]) -> Grounding:
    """Compare a sentence with the passages it cites.

    "bad": it cites nothing, or a passage that does not exist, shares no word with the passages, or states a fact that they
    do not contain.
    "weak": the passages contain all its facts, but few of its words, or it negates something that they do not negate.
    "good": anything else.
    """
    if not written.cited or not all(1 <= number <= len(passages) for number in written.cited):
        return Grounding("bad")
    cited = [passages[number - 1] for number in written.cited]
    own = set(tokens(fold(written.text)))
    cited = _contributing(own, cited)
    spans = tuple((stored, _narrowed(written.text, stored)) for stored in cited)
    if not _is_supported(written.text, spans):
        spans = tuple((stored, (stored.passage.start, stored.passage.end)) for stored in cited)
        if not _is_supported(written.text, spans):
            return Grounding("bad")
    source = _source(spans)
    there = set(tokens(fold(source)))
    if not own & there:
        return Grounding("bad", spans)
    supported = len(own & there) >= _SUPPORTED * len(own)
    return Grounding("good" if supported and _negated(written.text) <= _negated(source) else "weak", spans)


def _negated(text: str) -> set[str]:
    """Return what a text negates, as the two characters behind each negation."""
    return {text[match.end() : match.end() + 2] for match in _NEGATION.finditer(text)}


def _contributing(own: set[str], cited: Sequence[StoredPassage]) -> list[StoredPassage]:
    """Return the cited passages that add tokens of a sentence to those of the better ones, in the order of citation."""
    shared = [own & set(tokens(fold(stored.text))) for stored in cited]
    covered: set[str] = set()
    kept: list[int] = []
    for number in sorted(range(len(cited)), key=lambda number: -len(shared[number])):
        if not kept or len(shared[number] - covered) >= _CONTRIBUTES * len(own):
            kept.append(number)
            covered |= shared[number]
    return [cited[number] for number in sorted(kept)]


def _narrowed(text: str, stored: StoredPassage) -> Span:
    """Return the one to three sentences of a passage that contain most of a written text, as a span."""
    sentences = sentences_of([stored])
    own = set(tokens(fold(text)))
    shared = [own & set(tokens(fold(sentence.text))) for sentence in sentences]

    def worth(run: tuple[int, int]) -> float:
        first, last = run
        return len(set().union(*shared[first : last + 1])) - 0.5 * (last - first)

    count = len(sentences)
    runs = [(first, last) for first in range(count) for last in range(first, min(first + _MOST_QUOTED, count))]
    if not runs:
        return stored.passage.start, stored.passage.end
    first, last = max(runs, key=worth)
    return sentences[first].start, sentences[last].end


def _source(spans: Sequence[tuple[StoredPassage, Span]]) -> str:
    """Return the text of the cited spans, each after its context line: title and county are part of a citation."""
    return "\n".join(embedded_text(stored.passage.context, stored.document.text[slice(*span)]) for stored, span in spans)


def _is_supported(text: str, spans: Sequence[tuple[StoredPassage, Span]]) -> bool:
    """Tell whether every date, number, quoted word and name of a text is in the cited spans."""
    source = _source(spans)
    folded, there = fold(text), fold(source)
    dated = {place: confirmed for stored, span in spans for place, confirmed in _dates(text, stored, span) if confirmed}
    if any(place not in dated for stored, span in spans for place, _ in _dates(text, stored, span)):
        return False
    source_figures = {(figure.value, figure.unit) for figure in find_figures(source, 0, len(source))}
    figures = list(find_figures(text, 0, len(text)))
    if any((f.value, f.unit) not in source_figures and fold(text[f.start : f.end]) not in there for f in figures):
        return False
    equal = [(f.start, f.end) for f in figures if (f.value, f.unit) in source_figures]
    bare = "".join(" " if any(start <= n < end for start, end in [*dated, *equal]) else c for n, c in enumerate(text))
    numbers = _NUMBER.findall(fold(bare))
    if not all(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d%]|\.\d)", there) for number in numbers):
        return False
    if any(number not in there for number in _HAN_NUMBER.findall(fold(bare))):
        return False
    names = [*_QUOTED.findall(folded), *_LATIN.findall(folded), *_names(folded)]
    return all(name in there for name in names)


def _dates(text: str, stored: StoredPassage, span: Span) -> list[tuple[Span, bool]]:
    """Return the span of each date in a text, and whether the cited span has it or it is the document's own date."""
    document = stored.document
    there = [date.iso for date in find_dates(document.text, *span, document.date, document.year)] + [document.date]
    return [
        ((date.start, date.end), any(date.iso == other or (other and other.startswith(date.iso)) for other in there))
        for date in find_dates(text, 0, len(text), document.date, document.year)
        if date.iso
    ]


def _names(folded: str) -> list[str]:
    import rjieba

    places = [folded[mention.start : mention.end] for mention in mentions_in(folded)]
    return places + [word for word, tag in rjieba.tag(folded) if tag in _NAMES and len(word) > 1]
