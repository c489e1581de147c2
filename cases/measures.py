"""Measures that do the same: those of two cases aligned by meaning, each with one of the other's at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.alike import apart
from index.encoder import Encoder
from index.segment import Vectors
from ingest.document import Document, Item

# Cosine of the measures' whole texts, less what all passages have in common. Of the pairs of 129 measures of the sample
# corpus one in 200 is above 0.52, and nearly all of these do the same thing (doctors posted to islands, meals delivered on
# the way, shares in kind); around 0.4 they share a word or two.
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """A measure: its head, and all that is said of it."""

    head: str
    text: str


def measures_of(document: Document, item: Item) -> tuple[Told, ...]:
    """Return the measures of an item."""
    return tuple(Told(measure.head, document.text[measure.start : measure.end]) for measure in item.measures)


def aligned(
    encoder: Encoder, common: Vectors, own: Sequence[Told], others: Sequence[Sequence[Told]]
) -> list[list[tuple[int, int]]]:
    """Return for each of the others which of our measures goes with which of its, the likest pair first.

    `common`, `(d,)`, is the mean of all passages' vectors.
    """
    texts = list(dict.fromkeys(told.text for some in (own, *others) for told in some))
    if not own or not any(others):
        return [[] for _ in others]
    rows = dict(zip(texts, apart(encoder.passages(texts), common), strict=True))
    return [_pairs([[float(rows[a.text] @ rows[b.text]) for b in some] for a in own]) for some in others]


def _pairs(cosines: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return pairs of row and column, none of which comes twice, from the greatest value down to SAME."""
    order = sorted(((value, a, b) for a, row in enumerate(cosines) for b, value in enumerate(row)), reverse=True)
    pairs: list[tuple[int, int]] = []
    for value, a, b in order:
        if value >= SAME and all(a != one and b != other for one, other in pairs):
            pairs.append((a, b))
    return pairs
