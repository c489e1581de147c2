"""What two cases share: what they were done against, measures and results that say the same, as quoted clauses side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cases.alignment import SAME, Statement, measures_of, pairs_of, problems_in, results_of, vectors_of
from cases.summary import Span
from index.arrays import Vectors
from index.models.encoder import Encoder
from ingest.document import Document, Item

Kind = Literal["problem", "measure", "result"]
# Least cosines of what two similar cases were done against, and of what they reached, beside SAME of their measures.
SAME_PROBLEM, SAME_RESULT = 0.46, 0.7
NAMES: dict[Kind, str] = {"problem": "问题", "measure": "做法", "result": "成效"}
_MOST: dict[Kind, int] = {"problem": 1, "measure": 2, "result": 2}  # pairs of two cases that are shown
_LEAST: dict[Kind, float] = {"problem": SAME_PROBLEM, "measure": SAME, "result": SAME_RESULT}
_MOST_OF_ONE = 30  # statements of a kind that are compared, for each case; more take long to encode

Told = dict[Kind, tuple[Statement, ...]]  # the statements of a case


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a case, verbatim, and where they stand in its document; `head` is that of a measure, "" without one."""

    text: str
    span: Span
    head: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """What two cases share: of the given case, and of the other."""

    kind: Kind
    here: Quote
    there: Quote


def told_by(document: Document, items: Sequence[Item]) -> Told:
    """Return what items of a document say that is compared."""
    ways: dict[Kind, Callable[[Document, Item], tuple[Statement, ...]]]
    ways = {"problem": problems_in, "measure": measures_of, "result": results_of}
    return {kind: tuple(one for item in items for one in way(document, item))[:_MOST_OF_ONE] for kind, way in ways.items()}


def shared_with(encoder: Encoder, common: Vectors, own: Told, others: Sequence[Told]) -> list[tuple[Shared, ...]]:
    """Return what a case shares with each of the others, the likest first; `common` is as in cases.alignment.vectors_of."""
    pairs = [(kind, *_fitting(own[kind], other[kind])) for other in others for kind in _MOST]
    vectors = vectors_of(encoder, common, [statements for _, *both in pairs for statements in both])
    found: list[tuple[Shared, ...]] = []
    for at in range(0, len(pairs), len(_MOST)):
        shared: list[Shared] = []
        for kind, here, there in pairs[at : at + len(_MOST)]:
            same = pairs_of(vectors, here, there, _LEAST[kind])
            same.sort(key=lambda pair: -float(vectors[pair[0].text] @ vectors[pair[1].text]))
            shared += [Shared(kind, _quote(one), _quote(other)) for one, other in same[: _MOST[kind]]]
        found.append(tuple(shared))
    return found


def _fitting(here: Sequence[Statement], there: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that can say the same as any of the other case: only these need be encoded."""
    return [one for one in here if any(map(one.fits, there))], [one for one in there if any(map(one.fits, here))]


def _quote(statement: Statement) -> Quote:
    if statement.told:
        return Quote(statement.sentence, statement.told, statement.head)
    return Quote(statement.head, statement.span)
