"""How sure it is where a document's items begin, and at which lines another reader might see it otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from ingest.document import Document, Doubt
from ingest.extracted import Line
from ingest.grammars.roles import Read

_DOUBTED = 0.2  # probability that a line was taken wrongly, from which it is worth a look
_MOST = 20  # lines named for one document


def with_certainty(document: Document, lines: Sequence[Line], read: Read) -> Document:
    """Add how likely all items begin where the document says they do, and the doubtful lines.

    The parts of a notice or a plan begin at its headings, those of an issue at titles.
    """
    starts = {item.start for item in document.items}
    first = min(starts)
    opening = "TR" if document.kind == "bulletin" else "TRHS"
    chances: list[tuple[float, Line, bool]] = []  # of being wrong, the line, whether an item begins there
    for row, line in enumerate(lines):
        begins = any(line.start <= start < line.end for start in starts)
        if begins and not line.start <= first < line.end:
            chances.append((1 - read.chance(row, opening), line, True))
        elif not begins and (line.start > first or document.kind == "bulletin"):
            chances.append((read.chance(row, "TR"), line, False))
    doubts = [Doubt(line.start, line.end, round(wrong, 3), begins) for wrong, line, begins in chances if wrong > _DOUBTED]
    doubts = sorted(doubts, key=lambda doubt: -doubt.chance)[:_MOST]
    return replace(
        document,
        certainty=round(prod(1 - wrong for wrong, _, _ in chances), 3),
        doubts=tuple(sorted(doubts, key=lambda doubt: doubt.start)),
    )
