"""How sure it is where a document's items begin, and at which lines another reader might see it otherwise."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from math import prod

from ingest.document import Document, Doubt
from ingest.extracted import Line
from ingest.grammars.collection import is_law
from ingest.grammars.roles import Read

_DOUBTED = 0.1  # probability that a line of a collection was taken wrongly, from which it is worth a look
_SEVERAL = 0.5  # mean probability of titles in a document that was not taken for several cases, from which it is doubted


def with_certainty(document: Document, lines: Sequence[Line], read: Read) -> Document:
    """Add how likely all items begin where the document says they do, and the doubtful lines.

    A document that is no collection is judged as a whole: how likely is it several cases, and at which lines.
    """
    first = min(item.start for item in document.items)
    starts = {item.start for item in document.items if item.start > first}
    if document.kind == "bulletin" or (document.kind == "news" and starts):
        spans = [(item.start, item.end) for item in document.items]  # what lies in no item is no item's border
        held = (row for row, line in enumerate(lines) if any(line.start < end and start < line.end for start, end in spans))
        chances = (_judged(lines[row], read.chance(row, "TR"), starts, first) for row in held)
        doubts = [doubt for doubt in chances if doubt.chance > _DOUBTED]
        certainty = prod(1 - doubt.chance for doubt in doubts)
    else:
        rows = [row for row, role in enumerate(read.chosen) if role == "T" and lines[row].start > first]
        doubts = [Doubt(lines[row].start, lines[row].end, round(read.chance(row, "TR"), 3), False) for row in rows]
        several = sum(doubt.chance for doubt in doubts) / len(doubts) if len(doubts) > 1 else 0.0
        certainty, doubts = (1 - several, doubts) if several > _SEVERAL and not is_law(lines) else (1.0, [])
    return replace(document, certainty=round(certainty, 3), doubts=tuple(doubts))


def _judged(line: Line, chance: float, starts: Container[int], first: int) -> Doubt:
    """Return how likely a line of a collection was taken wrongly; where the first item begins is no border."""
    begins = any(start in starts for start in range(line.start, line.end))
    wrong = 1 - chance if begins else 0.0 if line.start <= first < line.end else chance
    return Doubt(line.start, line.end, round(wrong, 3), begins)
