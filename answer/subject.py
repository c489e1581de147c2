"""Whom and when a passage speaks of: whether it can answer a question that names places, years and issues.

The reader judges what the words say. What the catalog knows of a passage and its words do not say (the year of its document,
the place of its item) is added to the context line that the reader sees: its day, title and heading row always, the
rest where the question names it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from answer.metrics import bare
from answer.short import heading_row
from index.search.spelling import sounds_in
from index.store.records import StoredPassage
from index.text.query import Query
from index.text.words import fold
from ingest.document import Document
from ingest.facts.gazetteer import Place
from ingest.facts.mentions import Mention, mentions_in

_PROVINCE = 1  # gazetteer level
_WIDER = re.compile(r"全省|全国|我省|我国")
# as what a clause speaks of: no rank, and not whom it is for
_OF_WIDER = re.compile(rf"(?<![在居列向为占])(?:{_WIDER.pattern})(?!第|首|前列|各地|推广|率先)")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月")
_QUOTED = re.compile(r"(?<=[“《])[^“”《》]{2,20}(?=[”》])")


def fits(query: Query, stored: StoredPassage) -> bool:
    """Tell whether a passage can be about the counties, cities, years and quoted names that a question names.

    A place fits if the passage, its titles, the office or the item's regions name it, or if it is the only one of its level in
    a document that is no bulletin. A year fits if the passage or its titles name it, or if it is the document's year or the one
    before, and a month likewise; without a date any fits. A name in quotation marks fits if it stands anywhere in the document.
    Provinces are left to the reader: a bulletin hardly names its own.
    """
    in_time = _is_of(query.years, stored) and _is_of_months(query, stored)
    return in_time and not missing_places(query, stored) and not unknown_names(query, stored.document)


def unknown_names(query: Query, document: Document) -> list[str]:
    """Return the names in quotation marks in a question that stand nowhere in a document."""
    names = [name for found in _QUOTED.finditer(query.text) if (name := bare(found[0]))]
    whole = bare(f"{document.title}{document.series}{document.text}") if names else ""
    return [name for name in names if name not in whole and not sounds_in(name, whole)]


def missing_places(query: Query, stored: StoredPassage) -> list[Mention]:
    """Return the counties and cities that a question names and a passage is not about."""
    return [mention for mention in query.mentions if is_local(mention) and not _is_named(query, mention, stored)]


def is_of_others(query: Query, sentence: str) -> bool:
    """Tell whether a sentence speaks of other counties and cities than a question, or of the whole province or country.

    Only names with their suffix count: short ones may be part of something else.
    """
    asked = [mention for mention in query.mentions if is_local(mention)]
    if not asked or any(query.text[mention.start : mention.end] in sentence for mention in asked):
        return False
    places = {place.name: place for mention in asked for place in mention.places}
    told = [place for mention in mentions_in(sentence) if mention.formal and is_local(mention) for place in mention.places]
    if told:
        return not any(place.name in places or any(place.lies_in(own) for own in places.values()) for place in told)
    return bool(_OF_WIDER.search(sentence)) and not _WIDER.search(query.text)


def is_local(mention: Mention) -> bool:
    """Tell whether a mention names a county or a city, not a province or the country."""
    return all(place.level > _PROVINCE for place in mention.places)


def _is_named(query: Query, mention: Mention, stored: StoredPassage) -> bool:
    named = query.text[mention.start : mention.end] in said(stored) or _is_in(mention.places, stored)
    return named or any(_is_only(place, stored.document) for place in mention.places)


def _is_in(places: Sequence[Place], stored: StoredPassage) -> bool:
    """Tell whether an item's region is one of some places, or lies in one."""
    return any(place.name in region.name for place in places for region in stored.item.regions)


def _is_only(place: Place, document: Document) -> bool:
    """Tell whether a place is the only one of its level in a document of one matter."""
    named = _places_in(f"{document.title}\n{document.text}").get(place.level)
    return document.kind != "bulletin" and named == {place.name}


@lru_cache(64)
def _places_in(text: str) -> dict[int, set[str]]:
    """Return the places that a text may name, by their level."""
    found: dict[int, set[str]] = {}
    for mention in mentions_in(text):
        for place in mention.places:
            found.setdefault(place.level, set()).add(place.name)
    return found


def said(stored: StoredPassage) -> str:
    """Return a passage with its context line, and its document's title and office above it."""
    document = stored.document
    return f"{stored.passage.context}\n{document.title}\n{document.issuer}\n{document.source}\n{stored.text}"


def _is_of(years: frozenset[str], stored: StoredPassage) -> bool:
    if not years or not stored.document.date:
        return True
    own = int(stored.document.date[:4])
    return bool(years & {str(own), str(own - 1)}) or any(f"{year}年" in said(stored) for year in years)


def _is_of_months(query: Query, stored: StoredPassage) -> bool:
    """Tell whether a passage or its titles name a month of a question, or its document is of that month or the next."""
    own = int(stored.document.date[5:7]) if stored.document.date else 0
    months = [int(found[1]) for found in _MONTH.finditer(query.folded)]
    named = {int(found[1]) for found in _MONTH.finditer(fold(said(stored)))} if months and own else set()
    return not own or not months or any(month in named or own in (month, month % 12 + 1) for month in months)


def context_for(query: Query, stored: StoredPassage) -> str:
    """Return a passage's context line with its day, title and heading row, and with what the question names of it."""
    document, words = stored.document, f"{stored.passage.context}\n{stored.text}"
    known = [f"{year}年" for year in sorted(query.years) if str(document.year) == year != document.date[:4]]
    if document.date:
        year, month, day = (int(part) for part in document.date.split("-"))
        known.append(f"{year}年{month}月{day}日")
    for mention in query.mentions:
        if _is_in(mention.places, stored):
            known.append(query.text[mention.start : mention.end])
    if document.series and document.series in query.text:
        known.append(document.series)
    if document.issue and f"第{document.issue}期" in query.folded:
        known.append(f"第{document.issue}期")
    if document.title and document.title not in words:
        known.append(document.title)
    if heading := heading_row(document.text, stored.passage.start):
        known.append(heading)
    added = [one for one in dict.fromkeys(known) if one not in words]
    return " ".join([*added, stored.passage.context]).strip()
