"""Whether a passage is about the places and years that a question names."""

from __future__ import annotations

from collections.abc import Sequence

from index.store.records import StoredPassage
from index.text.query import Query
from ingest.facts.gazetteer import Place

_COUNTY = 3  # level of a place


def fit_place_and_year(query: Query, passages: Sequence[StoredPassage]) -> list[bool]:
    """Tell which passages can be about the counties and years that a question names.

    A county is told in the passage, its titles or the item's regions; a year there, or it is that of the document or the one
    before. Provinces and cities are left to the weights: a bulletin hardly names its own.
    """
    named = [(mention, query.text[mention.start : mention.end]) for mention in query.mentions]
    counties = [(name, mention.places) for mention, name in named if all(p.level == _COUNTY for p in mention.places)]
    return [
        all(name in _with_titles(stored) or _lies(places, stored) for name, places in counties) and _is_of(query.years, stored)
        for stored in passages
    ]


def _with_titles(stored: StoredPassage) -> str:
    """Return a passage with what stands above it."""
    return f"{stored.passage.context}\n{stored.document.title}\n{stored.text}"


def _lies(places: Sequence[Place], stored: StoredPassage) -> bool:
    return any(place.name in region.name for place in places for region in stored.item.regions)


def _is_of(years: frozenset[str], stored: StoredPassage) -> bool:
    if not years or not stored.document.date:
        return True
    own = int(stored.document.date[:4])
    return bool(years & {str(own), str(own - 1)}) or any(f"{year}年" in _with_titles(stored) for year in years)


def count_places(query: Query, stored: StoredPassage) -> tuple[float, float]:
    """Return how many of the places that a question names are the passage's, and how many are not."""
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
