"""Whether a passage is about the places and years that a question names."""

from __future__ import annotations

import re

from index.stored import Stored
from ingest.mentions import mentions_in

_YEAR = re.compile(r"(?<!\d)(20\d\d)年")
_COUNTY = 3  # level of a place


def is_meant(question: str, stored: Stored) -> bool:
    """Tell whether a passage can be about the counties and years that a question names.

    A county is told in the passage, its titles or the item's regions; a year there, or it is that of the document or the one
    before. Provinces and cities are left to the weights: a bulletin hardly names its own.
    """
    told = f"{stored.passage.context}\n{stored.document.title}\n{stored.text}"
    regions = [region.name for region in stored.item.regions]
    for mention in mentions_in(question):
        county = all(place.level == _COUNTY for place in mention.places)
        here = any(place.name in region for place in mention.places for region in regions)
        if county and not here and question[mention.start : mention.end] not in told:
            return False
    years = set(_YEAR.findall(question))
    if not years or not stored.document.date:
        return True
    own = int(stored.document.date[:4])
    return bool(years & {str(own), str(own - 1)}) or any(f"{year}年" in told for year in years)


def places_told(question: str, stored: Stored) -> tuple[float, float]:
    """Return how many of the places that a question names are the passage's, and how many are not."""
    near = far = 0
    regions = [region.name for region in stored.item.regions]
    for mention in mentions_in(question):
        name = question[mention.start : mention.end]
        told = name in stored.text or name in stored.passage.context or name in stored.document.title
        if told or any(place.name in region or region in place.name for place in mention.places for region in regions):
            near += 1
        else:
            far += 1
    return float(near), float(far)
