"""Tell whether a passage is about the places and years that a question names."""

from __future__ import annotations

from collections.abc import Sequence

from index.store.records import StoredPassage
from index.text.query import Query
from ingest.facts.gazetteer import Place

_COUNTY = 3  # gazetteer level


def fit_place_and_year(query: Query, passages: Sequence[StoredPassage]) -> list[bool]:
    """Tell for each passage whether it can be about the counties and years that a question names.

    A county fits if the passage, its titles or the item's regions name it. A year fits if the passage or its titles name it, or
    if it is the document's year or the one before; without a date any year fits. Provinces and cities are left to the weights:
    a bulletin hardly names its own.
    """
    named = [(mention, query.text[mention.start : mention.end]) for mention in query.mentions]
    counties = [(name, mention.places) for mention, name in named if all(p.level == _COUNTY for p in mention.places)]
    return [
        all(name in _with_titles(stored) or _names(places, stored) for name, places in counties) and _is_of(query.years, stored)
        for stored in passages
    ]


def _with_titles(stored: StoredPassage) -> str:
    """Return a passage with its context line and its document's title above it."""
    return f"{stored.passage.context}\n{stored.document.title}\n{stored.text}"


def _names(places: Sequence[Place], stored: StoredPassage) -> bool:
    return any(place.name in region.name for place in places for region in stored.item.regions)


def _is_of(years: frozenset[str], stored: StoredPassage) -> bool:
    if not years or not stored.document.date:
        return True
    own = int(stored.document.date[:4])
    return bool(years & {str(own), str(own - 1)}) or any(f"{year}年" in _with_titles(stored) for year in years)


def count_places(query: Query, stored: StoredPassage) -> tuple[float, float]:
    """Return how many of the places in a question the passage is about, and how many it is not."""
    near = far = 0
    regions = [region.name for region in stored.item.regions]
    for mention in query.mentions:
        name = query.text[mention.start : mention.end]
        if name in _with_titles(stored) or any(
            place.name in region or region in place.name for place in mention.places for region in regions
        ):
            near += 1
        else:
            far += 1
    return float(near), float(far)
