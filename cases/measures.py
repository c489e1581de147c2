"""What cases tell that can be set beside each other: measures by meaning, figures by what they measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cases.quoted import clauses_of
from index.alike import apart
from index.encoder import Encoder
from index.segment import Vectors
from ingest.document import Document, Figure, Item

# Cosine of the measures' whole texts, less what all passages have in common. Of the pairs of 129 measures of the sample
# corpus one in 200 is above 0.52, and nearly all of these do the same thing (doctors posted to islands, meals delivered on
# the way, shares in kind); around 0.4 they share a word or two.
SAME = 0.5
# The same of clauses without their figures. Of the clauses of the five stories that the sample corpus tells twice those
# above 0.74 measure the same (日均供餐, 募集资金, 送餐线路), and nearly all of the cases of one topic in different counties;
# below, more and more do not.
SAME_FIGURE = 0.74
_TIMES = 1000  # between a county's figure and a province's; what differs by more is something else


@dataclass(frozen=True, slots=True)
class Told:
    """A measure or a clause with figures: how it is headed, all that tells what it is about, and where it stands."""

    head: str
    text: str
    span: tuple[int, int]
    figures: tuple[Figure, ...] = ()

    def fits(self, other: Told) -> bool:
        """Tell whether the two can be the same thing: of figures some must be of one unit and of like size."""
        return not self.figures or any(
            unit_of(one) == unit_of(another) and max(one.value, another.value) <= _TIMES * min(one.value, another.value)
            for one in self.figures
            for another in other.figures
        )


def measures_of(document: Document, item: Item) -> tuple[Told, ...]:
    """Return the measures of an item."""
    return tuple(
        Told(measure.head, document.text[measure.start : measure.end], (measure.start, measure.end))
        for measure in item.measures
    )


def figures_of(document: Document, item: Item) -> tuple[Told, ...]:
    """Return the clauses of an item that hold figures; their texts are without these: 日均供餐4200份 is about 日均供餐份."""
    told = []
    for clause in clauses_of(document, item):
        start, end = clause["span"]
        figures = tuple(figure for figure in item.figures if start <= figure.start and figure.end <= end)
        kept, at = [], start
        for figure in figures:
            kept += [document.text[at : figure.start], figure.unit]
            at = figure.end
        told.append(Told(clause["text"], "".join([*kept, document.text[at:end]]).strip(), (start, end), figures))
    return tuple(told)


def unit_of(figure: Figure) -> str:
    """Return the unit in which a figure is compared: 5380名 and 5380人 are the same."""
    return "人" if figure.unit == "名" else figure.unit


def vectors_of(encoder: Encoder, common: Vectors, cases: Sequence[Sequence[Told]]) -> dict[str, Vectors]:
    """Return the vector, `(d,)`, of each text told; `common`, `(d,)`, is the mean of all passages' vectors."""
    texts = list(dict.fromkeys(told.text for some in cases for told in some))
    return dict(zip(texts, apart(encoder.passages(texts), common), strict=True)) if texts else {}


def rows_of(vectors: Mapping[str, Vectors], cases: Sequence[Sequence[Told]], least: float) -> list[list[Told | None]]:
    """Return what cases tell in rows, a cell for each case; what the same is in several is one row.

    The likest are put together first. The rows with the most cells come first, then in the cases' order.
    """
    cells = [(case, told) for case, some in enumerate(cases) for told in some]
    rows = [[told if case == column else None for column in range(len(cases))] for case, told in cells]
    row_of = list(range(len(rows)))
    for one, other in _likest(vectors, cells, least):
        into, of = sorted((row_of[one], row_of[other]))
        if not any(a and b for a, b in zip(rows[into], rows[of], strict=True)):
            rows[into] = [a or b for a, b in zip(rows[into], rows[of], strict=True)]
            row_of = [into if row == of else row for row in row_of]
    kept = [rows[row] for row in dict.fromkeys(row_of)]
    return sorted(kept, key=lambda row: -sum(map(bool, row)))


def _likest(vectors: Mapping[str, Vectors], cells: Sequence[tuple[int, Told]], least: float) -> list[tuple[int, int]]:
    """Return which cells of different cases may be the same, the likest first."""
    found = []
    for (a, (case, one)), (b, (another, other)) in combinations(enumerate(cells), 2):
        cosine = float(vectors[one.text] @ vectors[other.text])
        if case != another and cosine >= least and one.fits(other):
            found.append((cosine, a, b))
    return [(a, b) for _, a, b in sorted(found, key=lambda pair: -pair[0])]


def pairs_of(
    vectors: Mapping[str, Vectors], own: Sequence[Told], other: Sequence[Told], least: float
) -> list[tuple[Told, Told]]:
    """Return which of ours goes with which of the other's, in our order."""
    return [(one, same) for one, same in rows_of(vectors, (own, other), least) if one and same]
