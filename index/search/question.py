"""What a question states beside its words: the places and years that it names."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from index.store.passages import when_and_where
from ingest.facts.mentions import mentions_in

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")


def fitting(db: sqlite3.Connection, query: str, numbers: Sequence[int]) -> list[float]:
    """Return for each passage 0, 1 or 2: 1 if a place of its item fits the question's, and 1 if its document's year does.

    A place fits those in it and those it is in. This is a boost, not a filter: 余姚的经验 may be reported elsewhere.
    """
    places = {place.name for mention in mentions_in(query) for place in mention.places}
    years = set(_YEAR.findall(query))
    if not places and not years:
        return [0.0] * len(numbers)
    facts = when_and_where(db, numbers)
    fits = []
    for number in numbers:
        date, regions = facts.get(number, ("", set()))
        near = any(place.startswith(region) or region.startswith(place) for place in places for region in regions)
        fits.append(float(near) + float(date[:4] in years))
    return fits
