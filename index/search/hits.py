"""What a search returns: Hits with citations, without one item crowding out the others, and facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from index.arrays import Scores
from index.search.facets import Facets, facets_of
from index.store.handle import Connection
from index.store.passages import items_of, other_places, passages_at
from index.store.records import StoredPassage
from index.text.phrases import highlights
from index.text.query import Query
from ingest.citation import cite
from ingest.document import Citation

PASSAGES_OF_ITEM = 3  # an item's further passages come after all other items


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score, and everything needed to show and cite it."""

    passage_id: str
    item_id: str
    text: str
    highlights: tuple[tuple[int, int], ...]  # spans of text
    score: float  # higher is closer; comparable within one query only
    citation: Citation


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of a query, and the facets of all items that were considered."""

    hits: list[Hit]
    facets: Facets


def results_of(db: Connection, query: Query, ranked: Scores, k: int) -> Results:
    """Return the first `k` ranked passages as hits, and the facets of all of them."""
    numbers, score = ranked[0].tolist(), dict(zip(ranked[0].tolist(), ranked[1].tolist(), strict=True))
    items = items_of(db, numbers)
    order = _spread(numbers, items)[:k]
    stored = passages_at(db, order)
    places = other_places(db, {passage.item_id: passage.document.file for passage in stored.values()})
    hits = [hit_of(query, stored[n], score[n], places[stored[n].item_id]) for n in order if n in stored]
    return Results(hits, facets_of(db, sorted(set(items.values()))))


def _spread(numbers: list[int], items: Mapping[int, str]) -> list[int]:
    """Move an item's passages after its first PASSAGES_OF_ITEM behind those of other items."""
    counts: Counter[str] = Counter()
    first: list[int] = []
    further: list[int] = []
    for number in filter(items.__contains__, numbers):
        counts[items[number]] += 1
        (first if counts[items[number]] <= PASSAGES_OF_ITEM else further).append(number)
    return first + further


def hit_of(query: Query, stored: StoredPassage, score: float, also: tuple[str, ...]) -> Hit:
    """Return a stored passage as a Hit with a query's highlights; `also`: where else its item is printed."""
    citation = replace(cite(stored.document, stored.item, stored.passage.start, stored.passage.end), also=also)
    spans = tuple(highlights(query, stored.text))
    return Hit(stored.id, stored.item_id, stored.text, spans, round(score, 4), citation)
