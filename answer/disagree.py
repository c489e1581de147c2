"""Sources that disagree: 11145家 here, 1万家 there. Both are shown, each with its date and place."""

from __future__ import annotations

from answer.judge import Judged
from answer.quotes import figures_in, mark_of
from ingest.document import Figure

MOST = 2  # others shown beside the best
# Another sentence answers too when its probability is at least this share of the best one's, and the reader thinks its span
# likelier than none.
_LIKELY = 0.25


def disagreeing(judged: Judged) -> list[int]:
    """Return the sentences whose answering figure has the unit of the best one's and another value, each value once."""
    evidence, best = judged.evidence, judged.best
    readings = evidence.readings
    if evidence.asked.sought != "quantity" or best not in readings:
        return []
    own = _answering(judged, best)
    if own is None:
        return []
    seen, others = {own.value}, []
    for number in sorted(readings, key=lambda one: -judged.holds[one]):
        if readings[number].answer <= 0 or judged.holds[number] < _LIKELY * judged.holds[best]:
            continue
        figure = _answering(judged, number)
        if figure and figure.unit == own.unit and figure.value not in seen:
            seen.add(figure.value)
            others.append(number)
    return others[:MOST]


def _answering(judged: Judged, number: int) -> Figure | None:
    """Return the figure in what is marked of a sentence."""
    start, end = mark_of(judged, number)
    begin = judged.evidence.sentences[number].start
    return next((f for f in figures_in(judged, number) if f.start < begin + end and begin + start < f.end), None)
