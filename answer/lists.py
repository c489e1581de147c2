"""Answers that are lists: cases (哪些县市做过…), one line per item; or the heads of an item's measures (怎么做的)."""

from __future__ import annotations

from answer.features import share
from answer.judge import Judged
from answer.question import Order
from answer.sentences import Sentence, sentences_of
from index.store.records import StoredPassage
from ingest.document import Measure
from ingest.facts.gazetteer import level_of

PASSAGES = 40  # retrieved passages in which cases are looked for
MOST_CASES = 10
# A case is listed if its best sentence, with its title, contains at least this share of the IDF that the best case's contains.
_CASE = 0.6
MOST_MEASURES = 8

Line = tuple[StoredPassage, int, int]  # a passage and a span of its document


def cases(judged: Judged) -> list[Line]:
    """Return the best sentence of each item that fits the question, one per county, in the order that the question asks for."""
    idf = judged.evidence.idf
    best: dict[str, tuple[float, StoredPassage, Sentence]] = {}
    for stored in judged.evidence.retrieved.passages:
        about = f"{stored.item.title} {stored.document.title if stored.document.kind == 'news' else ''}"
        sentence = max(sentences_of([stored]), key=lambda one: share(idf, one.text), default=None)
        if sentence is None:
            continue
        covered = share(idf, f"{about} {sentence.text}")
        if covered > best.get(stored.item_id, (0.0,))[0]:
            best[stored.item_id] = (covered, stored, sentence)
    most = max((covered for covered, *_ in best.values()), default=0.0)
    kept = [(stored, sentence) for covered, stored, sentence in best.values() if covered and covered >= _CASE * most]
    distinct: dict[str, Line] = {}
    for stored, sentence in _ordered(kept, judged.evidence.question.order):
        distinct.setdefault(_county_or_item(stored), (stored, sentence.start, sentence.end))
    return list(distinct.values())[:MOST_CASES]


def _county_or_item(stored: StoredPassage) -> str:
    """Return what identifies a case: the place that its item is about, a county before its province, else the item."""
    return max(stored.item.regions, key=lambda region: level_of(region.name)).name if stored.item.regions else stored.item_id


def _ordered(found: list[tuple[StoredPassage, Sentence]], order: Order) -> list[tuple[StoredPassage, Sentence]]:
    if order == "largest":
        return sorted(found, key=lambda one: -_largest(*one))
    if order:
        dated = sorted((one for one in found if one[0].document.date), key=lambda one: one[0].document.date)
        undated = [one for one in found if not one[0].document.date]
        return (dated if order == "first" else dated[::-1]) + undated
    return found


def _largest(stored: StoredPassage, quote: Sentence) -> float:
    inside = (
        figure for figure in stored.item.figures if quote.start <= figure.start < quote.end and figure.unit not in ("%", "年")
    )
    return max((figure.value for figure in inside), default=0.0)


def measures(judged: Judged) -> list[Line]:
    """Return the heads of the measures of the item that answers, [] unless the question asks for all of them."""
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
        return []  # the question is about one measure, not all of them
    return [(stored, *_head(stored, measure)) for measure in listed[:MOST_MEASURES]]


def _head(stored: StoredPassage, measure: Measure) -> tuple[int, int]:
    """Return the span of a measure's head with the punctuation mark behind it: 一是政策支持。."""
    at = stored.document.text.find(measure.head, measure.start, measure.end)
    end = at + len(measure.head) if at >= 0 else measure.end
    return measure.start, end + (stored.document.text[end : end + 1] in tuple("。；，：") and end < measure.end)
