"""Add to each item the facts that it states: regions, dates, figures and measures, each with the span that proves it."""

from __future__ import annotations

from dataclasses import replace

from ingest.document import Document
from ingest.facts.dates import find_dates
from ingest.facts.figures import find_figures
from ingest.facts.measures import find_measures
from ingest.facts.regions import Places


def with_facts(document: Document) -> Document:
    """Return the document with the facts of its items; relative dates are resolved against the document's own date."""
    places = Places(document)
    items = []
    for item in document.items:
        span = document.text, item.start, item.end
        about, mentioned = places.of(item)
        items.append(
            replace(
                item,
                regions=about,
                mentioned=mentioned,
                dates=tuple(find_dates(*span, document.date, document.year)),
                figures=tuple(find_figures(*span)),
                measures=tuple(find_measures(*span)),
            )
        )
    return replace(document, items=tuple(items))
