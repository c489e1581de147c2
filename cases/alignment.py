"""What cases tell that can be set beside each other: measures by meaning, figures by what they measure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cases.summary import clauses_of
from index.arrays import Vectors
from index.models.encoder import Encoder
from index.search.more_like_this import apart
from ingest.document import Document, Figure, Item

# Cosine of the measures' whole texts, less what all passages have in common. Of the pairs of 129 measures of the sample
# corpus one in 200 is above 0.52, and nearly all of these do the same thing (doctors posted to islands, meals delivered on
# the way, shares in kind); around 0.4 they share a word or two.
SAME = 0.5
# The same of clauses without their figures. Of the clauses of the five stories that the sample corpus tells twice those
# above 0.74 measure the same (日均供餐, 募集资金, 送餐线路), and nearly all of the cases of one topic in different counties;
# below, more and more do not.
SAME_FIGURE = 0.74
_TIMES = 300  # between a county's figure and a province's; what differs by more is something else
_UNITS = {"名": ("人", 1.0), "％": ("%", 1.0)} | {
    name: ("平方米", times)
    for name, times in {"亩": 2000 / 3, "公顷": 10_000.0, "平方公里": 1e6, "平方千米": 1e6, "平方": 1.0, "平米": 1.0}.items()
}
_EACH = re.compile(r"(?P<each>[户人亩村月日])均|每(?P<per>[户人亩村月天年件份])|(?P<home>家庭)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A measure or a clause with figures: how it is headed, all that tells what it is about, and where it stands."""

    head: str
    text: str
    span: tuple[int, int]
    figures: tuple[Figure, ...] = ()

    def fits(self, other: Statement) -> bool:
        """Tell whether the two can be the same thing: of figures some are of one unit and like size, for each of the same."""
        if not self.figures:
            return True
        return base_of(self.head) == base_of(other.head) and any(
            unit == another and max(value, others) <= _TIMES * min(value, others)
            for unit, value in map(in_unit, self.figures)
            for another, others in map(in_unit, other.figures)
        )


def measures_of(document: Document, item: Item) -> tuple[Statement, ...]:
    """Return the measures of an item."""
    return tuple(
        Statement(measure.head, document.text[measure.start : measure.end], (measure.start, measure.end))
        for measure in item.measures
    )


def figures_of(document: Document, item: Item) -> tuple[Statement, ...]:
    """Return the clauses of an item that hold figures; their texts are without these: 日均供餐4200份 is about 日均供餐份."""
    told: dict[str, Statement] = {}  # what is said twice is told once
    for clause in clauses_of(document, item):
        start, end = clause["span"]
        figures = tuple(figure for figure in item.figures if start <= figure.start and figure.end <= end)
        kept, at = [], start
        for figure in figures:
            kept += [document.text[at : figure.start], figure.unit]
            at = figure.end
        about = "".join([*kept, document.text[at:end]]).strip()
        told.setdefault(clause["text"], Statement(clause["text"], about, (start, end), figures))
    return tuple(told.values())


def in_unit(figure: Figure) -> tuple[str, float]:
    """Return the unit in which a figure is compared, and its value in it: 名 are 人, 亩 are 平方米."""
    unit, times = _UNITS.get(figure.unit, (figure.unit, 1.0))
    return unit, figure.value * times


def base_of(clause: str) -> str:
    """Return what a figure is for each of, "" for all together: 户, 人, 亩."""
    found = _EACH.search(clause)
    return next(filter(None, found.groups())) if found else ""


def vectors_of(encoder: Encoder, common: Vectors, cases: Sequence[Sequence[Statement]]) -> dict[str, Vectors]:
    """Return the vector, `(d,)`, of each text told; `common`, `(d,)`, is the mean of all passages' vectors."""
    texts = list(dict.fromkeys(told.text for some in cases for told in some))
    return dict(zip(texts, apart(encoder.passages(texts), common), strict=True)) if texts else {}


def rows_of(vectors: Mapping[str, Vectors], cases: Sequence[Sequence[Statement]], least: float) -> list[list[Statement | None]]:
    """Return what cases tell in rows, a cell for each case; what the same is in several is one row.

    The likest are put together first, and each cell of a row is like each other. The rows with the most cells come first,
    then in the cases' order.
    """
    cells = [(case, told) for case, some in enumerate(cases) for told in some]
    rows = [{case: told} for case, told in cells]
    row_of = list(range(len(rows)))
    for one, other in _likest(vectors, cells, least):
        into, of = sorted((row_of[one], row_of[other]))
        if rows[into].keys().isdisjoint(rows[of]) and all(
            _cosine(vectors, a, b, least) for a in rows[into].values() for b in rows[of].values()
        ):
            rows[into] |= rows[of]
            row_of = [into if row == of else row for row in row_of]
    kept = [rows[row] for row in dict.fromkeys(row_of)]
    return [[row.get(column) for column in range(len(cases))] for row in sorted(kept, key=lambda row: -len(row))]


def _likest(vectors: Mapping[str, Vectors], cells: Sequence[tuple[int, Statement]], least: float) -> list[tuple[int, int]]:
    """Return which cells of different cases may be the same, the likest first."""
    found = [
        (cosine, a, b)
        for (a, (case, one)), (b, (another, other)) in combinations(enumerate(cells), 2)
        if case != another and (cosine := _cosine(vectors, one, other, least))
    ]
    return [(a, b) for _, a, b in sorted(found, key=lambda pair: -pair[0])]


def _cosine(vectors: Mapping[str, Vectors], one: Statement, other: Statement, least: float) -> float:
    """Return how alike two are, 0 if they cannot be the same."""
    cosine = float(vectors[one.text] @ vectors[other.text])
    return cosine if cosine >= least and one.fits(other) else 0.0


def pairs_of(
    vectors: Mapping[str, Vectors], own: Sequence[Statement], other: Sequence[Statement], least: float
) -> list[tuple[Statement, Statement]]:
    """Return which of ours goes with which of the other's, in our order."""
    return [(one, same) for one, same in rows_of(vectors, (own, other), least) if one and same]
