"""What a question says beside its words: the places and years that it names."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from index.store.passages import when_and_where
from ingest.facts.mentions import mentions_in

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")


def fitting(db: sqlite3.Connection, query: str, numbers: Sequence[int]) -> list[float]:
    """Return for each passage how many of two things fit: its item's places the question's, its document's year the question's.

    A place fits what lies in it and what it lies in. It is a boost and no filter: 余姚的经验 may be told elsewhere.
    """
    places = {place.name for mention in mentions_in(query) for place in mention.places}
    years = set(_YEAR.findall(query))
    if not places and not years:
        return [0.0] * len(numbers)
    known = when_and_where(db, numbers)
    fits = []
    for number in numbers:
        date, regions = known.get(number, ("", set()))
        near = any(place.startswith(region) or region.startswith(place) for place in places for region in regions)
        fits.append(float(near) + float(date[:4] in years))
    return fits
