"""Answers that are lists: cases (哪些县市做过…), one line for each item; and the heads of an item's measures (怎么做的)."""

from __future__ import annotations

from answer.features import share
from answer.judge import Judged
from answer.question import Order
from answer.sentences import Sentence, sentences_of
from index.store.records import StoredPassage
from ingest.document import Measure

PASSAGES = 40  # that cases are looked for in
MOST_CASES = 10
# A case is listed when its best sentence, with its title, holds at least this share of what the best one's holds.
_CASE = 0.6
MOST_MEASURES = 8

Line = tuple[StoredPassage, int, int]  # a stretch of a passage's document


def cases(judged: Judged) -> list[Line]:
    """Return the sentence of each item that tells of what is asked for, one for each county, in the order asked for."""
    idf = judged.evidence.idf
    best: dict[str, tuple[float, StoredPassage, Sentence]] = {}
    for stored in judged.evidence.retrieved.passages:
        about = f"{stored.item.title} {stored.document.title if stored.document.kind == 'news' else ''}"
        told = max(sentences_of([stored]), key=lambda sentence: share(idf, sentence.text), default=None)
        if told is None:
            continue
        held = share(idf, f"{about} {told.text}")
        if held > best.get(stored.item_id, (0.0,))[0]:
            best[stored.item_id] = (held, stored, told)
    most = max((held for held, *_ in best.values()), default=0.0)
    kept = [(stored, told) for held, stored, told in best.values() if held and held >= _CASE * most]
    distinct: dict[str, Line] = {}
    for stored, told in _ordered(kept, judged.evidence.question.order):
        distinct.setdefault(_whose(stored), (stored, told.start, told.end))
    return list(distinct.values())[:MOST_CASES]


def _whose(stored: StoredPassage) -> str:
    """Return what tells cases apart: the county that an item is about, else the item."""
    return stored.item.regions[0].name if stored.item.regions else stored.item_id


def _ordered(found: list[tuple[StoredPassage, Sentence]], order: Order) -> list[tuple[StoredPassage, Sentence]]:
    if order == "largest":
        return sorted(found, key=lambda one: -_largest(*one))
    if order:
        dated = sorted((one for one in found if one[0].document.date), key=lambda one: one[0].document.date)
        undated = [one for one in found if not one[0].document.date]
        return (dated if order == "first" else dated[::-1]) + undated
    return found


def _largest(stored: StoredPassage, told: Sentence) -> float:
    inside = (
        figure for figure in stored.item.figures if told.start <= figure.start < told.end and figure.unit not in ("%", "年")
    )
    return max((figure.value for figure in inside), default=0.0)


def measures(judged: Judged) -> list[Line]:
    """Return the heads of the measures of the item that answers, if it is they that are asked for, else nothing."""
    evidence = judged.evidence
    if evidence.question.sought != "measures":
        return []
    sentence = evidence.sentences[judged.best]
    stored = evidence.retrieved.passages[sentence.passage]
    listed = stored.item.measures
    if len(listed) < 2 or sentence.end > listed[-1].end:
        return []
    inside = next((measure for measure in listed if measure.start <= sentence.start < measure.end), None)
    whole = share(evidence.idf, f"{stored.item.title} {stored.document.text[stored.item.start : listed[0].start]}")
    if inside and share(evidence.idf, stored.document.text[inside.start : inside.end]) > whole:
        return []  # one of them is asked about
    return [(stored, *_head(stored, measure)) for measure in listed[:MOST_MEASURES]]


def _head(stored: StoredPassage, measure: Measure) -> tuple[int, int]:
    """Return the span of a measure's first words, with the mark behind them: 一是政策支持。."""
    at = stored.document.text.find(measure.head, measure.start, measure.end)
    end = at + len(measure.head) if at >= 0 else measure.end
    return measure.start, end + (stored.document.text[end : end + 1] in tuple("。；，：") and end < measure.end)
