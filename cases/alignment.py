"""Align the statements of several cases: measures by meaning, figures by what they measure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cases.summary import Span, clauses_of, problems_of, result_of, told_of
from index.arrays import Vectors
from index.models.encoder import Encoder
from index.search.more_like_this import apart
from ingest.document import Document, Figure, Item
from ingest.facts.figure_context import counted_per
from ingest.facts.units import in_unit

# Least cosine of the whole texts of two measures that do the same, after the mean vector of all passages is subtracted. Of the
# pairs of 129 measures of the sample corpus one in 200 is above 0.52, and nearly all of these do the same thing (doctors posted
# to islands, meals delivered on the way, shares in kind); around 0.4 they share a word or two.
SAME = 0.5
# The same for two clauses without their figures. Of the clauses of the five stories that the sample corpus tells twice, pairs
# above 0.74 measure the same (日均供餐, 募集资金, 送餐线路), and so do nearly all of the cases of one topic in different
# counties; below, more and more do not.
SAME_FIGURE = 0.74
_TIMES = 300  # largest ratio of a province's figure to a county's; two that differ by more measure different things
# Two clauses of which nothing else remains (增长14%) may measure anything.
_CHANGE = re.compile(r"[同环]比|增[长加幅]|提[高升]|上升|下降|降[低到至]|减少|[达到至了约超为共已其中占比]|[^\u4e00-\u9fff]")
# Says only that something is a problem.
_FRAME = re.compile(r"^(?:破解|缓解|解决|回应|防止|针对|面对)|的?(?:新?问题|难题|实际|困难|需求)$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A measure, a clause with figures, or what a case was done against."""

    head: str  # of a measure; or all of it
    text: str  # what is encoded: the whole measure, or the clause without its numbers
    span: Span  # characters of the document's text, end exclusive
    figures: tuple[Figure, ...] = ()  # of a clause
    sentence: str = ""  # of a measure with a head: the first sentence that tells it
    told: Span | None = None  # where that stands
    reached: bool = False  # whether a clause says what came of something

    def fits(self, other: Statement) -> bool:
        """Tell whether the two can measure the same; a measure fits any other.

        Two clauses fit if they say what they measure, both are totals or count per the same thing, and two of their figures
        have one unit and like size.
        """
        if not self.figures:
            return True
        return (
            self._says_what
            and other._says_what
            and counted_per(self.head) == counted_per(other.head)
            and any(
                unit == another and max(value, others) <= _TIMES * min(value, others)
                for unit, value in _amounts(self)
                for another, others in _amounts(other)
            )
        )

    @property
    def _says_what(self) -> bool:
        rest = _CHANGE.sub("", self.text)
        for figure in self.figures:
            rest = rest.replace(figure.unit, "", 1)
        return len(rest) > 1


def measures_of(document: Document, item: Item) -> tuple[Statement, ...]:
    """Return the measures of an item; of one that lists none, the sentences that say what was done and how."""
    text = document.text
    if not item.measures:
        done = [line for line in result_of(document, item) if line.roles != ("result",)]
        return tuple(Statement(line.text, line.text, line.span) for line in done)
    return tuple(
        Statement(one.head, text[one.start : one.end], (one.start, one.end), (), text[slice(*told)] if told else "", told)
        for one, told in zip(item.measures, told_of(document, item), strict=True)
    )


def problems_in(document: Document, item: Item) -> tuple[Statement, ...]:
    """Return what an item's case was done against."""
    texts = [(document.text[slice(*span)], span) for span in problems_of(document, item)]
    return tuple(Statement(text, _FRAME.sub("", text) or text, span) for text, span in texts)


def results_of(document: Document, item: Item) -> tuple[Statement, ...]:
    """Return the clauses of an item with figures that were reached."""
    return tuple(one for one in figures_of(document, item) if one.reached)


def figures_of(document: Document, item: Item) -> tuple[Statement, ...]:
    """Return the clauses of an item that contain figures, their texts without the numbers: 日均供餐4200份 → 日均供餐份."""
    statements: dict[str, Statement] = {}  # by text: a repeated clause counts once
    for clause in clauses_of(document, item):
        start, end = clause["span"]
        figures = tuple(figure for figure in item.figures if start <= figure.start and figure.end <= end)
        kept, at = [], start
        for figure in figures:
            kept += [document.text[at : figure.start], figure.unit]
            at = figure.end
        about = "".join([*kept, document.text[at:end]]).strip()
        statements.setdefault(clause["text"], Statement(clause["text"], about, (start, end), figures, reached=clause["result"]))
    return tuple(statements.values())


def _amounts(statement: Statement) -> list[tuple[str, float]]:
    return [in_unit(figure.unit, figure.value) for figure in statement.figures]


def vectors_of(encoder: Encoder, common: Vectors, cases: Sequence[Sequence[Statement]]) -> dict[str, Vectors]:
    """Return the vector, `(d,)`, of each statement's text, less `common`, `(d,)`, the mean vector of all passages."""
    texts = list(dict.fromkeys(statement.text for statements in cases for statement in statements))
    return dict(zip(texts, apart(encoder.passages(texts), common), strict=True)) if texts else {}


def rows_of(vectors: Mapping[str, Vectors], cases: Sequence[Sequence[Statement]], least: float) -> list[list[Statement | None]]:
    """Return the statements in rows, a cell for each case; statements of several cases that say the same share a row.

    The pairs with the highest cosines are joined first, and any two cells of a row have a cosine of at least `least`. Rows with
    the most cells come first, then the order is that of the cases.
    """
    cells = [(case, statement) for case, statements in enumerate(cases) for statement in statements]
    rows = [{case: statement} for case, statement in cells]
    row_of = list(range(len(rows)))
    for one, other in _same_pairs(vectors, cells, least):
        into, of = sorted((row_of[one], row_of[other]))
        if rows[into].keys().isdisjoint(rows[of]) and all(
            _cosine(vectors, a, b, least) for a in rows[into].values() for b in rows[of].values()
        ):
            rows[into] |= rows[of]
            row_of = [into if row == of else row for row in row_of]
    kept = [rows[row] for row in dict.fromkeys(row_of)]
    return [[row.get(column) for column in range(len(cases))] for row in sorted(kept, key=lambda row: -len(row))]


def _same_pairs(vectors: Mapping[str, Vectors], cells: Sequence[tuple[int, Statement]], least: float) -> list[tuple[int, int]]:
    """Return the pairs of cells of different cases that may say the same, the highest cosine first."""
    pairs = [
        (cosine, a, b)
        for (a, (case, one)), (b, (another, other)) in combinations(enumerate(cells), 2)
        if case != another and (cosine := _cosine(vectors, one, other, least))
    ]
    return [(a, b) for _, a, b in sorted(pairs, key=lambda pair: -pair[0])]


def _cosine(vectors: Mapping[str, Vectors], one: Statement, other: Statement, least: float) -> float:
    """Return the cosine of two statements, 0 if it is below `least` or they cannot say the same."""
    cosine = float(vectors[one.text] @ vectors[other.text]) if one.fits(other) else 0.0
    return cosine if cosine >= least else 0.0


def pairs_of(
    vectors: Mapping[str, Vectors], own: Sequence[Statement], other: Sequence[Statement], least: float
) -> list[tuple[Statement, Statement]]:
    """Return the pairs of statements of two cases that say the same."""
    return [(one, same) for one, same in rows_of(vectors, (own, other), least) if one and same]
