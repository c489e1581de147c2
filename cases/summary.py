"""Summarise a case in its own words: at most five of its sentences that say what was done, how, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from index.text.sentences import LINE_OR_SENTENCE, STOPS
from ingest.citation import cite
from ingest.document import Document, Item
from ingest.facts.figure_context import clauses_in

Role = Literal["did", "how", "result"]
Span = tuple[int, int]

ROLES: dict[Role, str] = {"did": "做了什么", "how": "怎么做", "result": "成效"}
MOST_LINES = 5  # read at a glance
_SHORTEST, _LONGEST = 15, 260  # characters: shorter ones are heads of measures, longer ones lists of them
# An unbalanced pair shows that a sentence is only half of something.
_PAIRS = (("“", "”"), ("‘", "’"), ("「", "」"), ("『", "』"), ("《", "》"), ("（", "）"))
_SAID = re.compile(r"^[“‘「][^”’」]*[，。！？…][”’」]|告诉记者|记得|回忆|坦言|说[，。：]|[？！?!]”?$")
_OTHER = re.compile(r"会[^，。]{0,4}在[^，。]{2,12}(?:召开|举行|举办)|供图|摄$|[^。！；;”]$")  # meetings, credits, headings
_DONE = re.compile(
    "建[成立设起]|[开增]?设[立置了]|成立|组建|推[行出广]|推进(?!会)|实施|[开加][展设办通发]|启[动用]|出台|印发|制定|打造|探索"
    "|创新|整合|引[进入导]|配[备发齐]|安排|改造[成为]|统一|组织|联合|集中|抽调|依托|牵头|划定|派驻|换上|添[了置]"
)
_AGAINST = re.compile(r"(?:破解|缓解|解决|回应|防止|针对|面对)[^，。；：！？,;:!?\n]{3,40}")
_MOST_BEFORE = 2  # sentences that lead to what was done


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a case, verbatim, and what it says of it; characters of the document's text, end exclusive."""

    text: str
    span: Span
    roles: tuple[Role, ...]
    line: str  # its citation line
    highlights: tuple[Span, ...] = ()  # spans of text: words of a query


def result_of(document: Document, item: Item) -> tuple[Line, ...]:
    """Return at most MOST_LINES sentences in the order of the text: what was done, the measures, what came of it.

    What was done is the first sentence before the measures that says so, what came of it the one with the most figures that
    were reached; of each measure it is the first sentence behind its bare head. What place is left gets further sentences with
    figures. A text without measures tells all of it in any sentence. Titles, captions, tables and what somebody said do not
    count, and notices and laws tell of nothing done.
    """
    if document.kind == "other":
        return ()
    sentences = _sentences(document, item)
    found = [figure for figure in item.figures if figure.kind == "result"]
    reached = {(start, end): sum(start <= figure.start < end for figure in found) for start, end in sentences}
    done = [one for one in sentences if _DONE.search(document.text, *one)]
    most = sorted(filter(reached.get, sentences), key=lambda one: -reached[one])
    roles: dict[Span, tuple[Role, ...]] = {}

    def take(spans: list[Span], role: Role) -> None:
        for one in spans:
            had = roles.get(one, ())
            if role not in had and (role == "result" if had else len(roles) < MOST_LINES):
                roles[one] = (*had, role)

    if item.measures:
        begin = item.measures[0].start
        take([one for one in done if one[0] < begin][:1], "did")
        take([one for one in most if one[0] < begin][:1], "result")
        take([one for one in _told(document, item, sentences) if one and not _overlaps(one, roles)], "how")
        take(most, "result")
    else:
        take(done[:1], "did")
        take(most[:2], "result")
        take(done[1:], "how")
        take(most, "result")
        take([(start, end) for start, end in sentences if any(start <= one.start < end for one in item.figures)], "how")
    return tuple(
        Line(document.text[start:end], (start, end), roles[start, end], cite(document, item, start, end).line)
        for start, end in sorted(roles)
    )


def measure_line(head: str, sentence: str) -> str:
    """Return a measure as its head and the sentence that tells it, without the head if this sentence says it again."""
    return sentence if head in sentence else f"{head}：{sentence}" if sentence else head


def told_of(document: Document, item: Item) -> list[Span | None]:
    """Return for each measure its first sentence that can stand alone: the one behind a bare head (一是叫车不犯难。).

    Of one that is part of a sentence it is this part, None if that is no more than its head.
    """
    return _told(document, item, _sentences(document, item))


def _told(document: Document, item: Item, sentences: Sequence[Span]) -> list[Span | None]:
    told: list[Span | None] = []
    for measure in item.measures:
        own = measure.start, measure.start + len(document.text[measure.start : measure.end].rstrip())
        inside = (one for one in sentences if own[0] <= one[0] and one[1] <= own[1])
        telling = len(measure.head) + _SHORTEST <= own[1] - own[0] <= _LONGEST
        told.append(next(inside, own if telling else None))
    return told


def _overlaps(one: Span, others: Iterable[Span]) -> bool:
    return any(start < one[1] and one[0] < end for start, end in others)


def problems_of(document: Document, item: Item) -> list[Span]:
    """Return what a case was done against: the sentences that lead to what was done, and clauses such as 破解…难."""
    begin = item.measures[0].start if item.measures else item.end
    lead = [one for one in _sentences(document, item) if one[0] < begin]
    done = next((place for place, one in enumerate(lead) if _DONE.search(document.text, *one)), len(lead))
    before = lead[:done] if done < min(len(lead), _MOST_BEFORE + 1) else []  # else a story is told first, or nothing was done
    named = [one.span() for one in _AGAINST.finditer(document.text, item.start, begin)]
    apart = [one for one in named if not _overlaps(one, before)]
    return sorted([*before, *apart[:_MOST_BEFORE]])


def clauses_of(document: Document, item: Item) -> list[dict[str, Any]]:
    """Return the clauses that contain an item's figures, verbatim: text, span and whether they say what was reached.

    从46%提高到81% is not cut to 提高81%.
    """
    clauses = clauses_in(document.text, item)
    reached: dict[Span, bool] = {}
    for figure in item.figures:
        span = clauses.around(figure.start, figure.end)
        reached[span] = reached.get(span, False) or document.kind != "other" and figure.kind == "result"
    return [{"text": document.text[slice(*span)].strip(), "span": span, "result": found} for span, found in reached.items()]


def _sentences(document: Document, item: Item) -> list[Span]:
    """Return the sentences that can stand alone."""
    apart = [(passage.start, passage.end) for passage in item.passages if passage.role != "body"]
    found = []
    for match in LINE_OR_SENTENCE.finditer(document.text, item.start, item.end):
        text = match[0].strip()
        start = match.end() - len(match[0].lstrip())
        end = start + len(text)
        if (
            _SHORTEST <= len(text) <= _LONGEST
            and text.rstrip(STOPS) != item.title.rstrip(STOPS)
            and not _SAID.search(text)
            and not _OTHER.search(text)
            and all(text.count(left) == text.count(right) for left, right in _PAIRS)
            and not _overlaps((start, end), apart)
        ):
            found.append((start, end))
    return found
