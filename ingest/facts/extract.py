"""Add to each item the facts that it states: regions, dates, figures and measures, each with the span that proves it."""

from __future__ import annotations

from dataclasses import replace

from ingest.document import Document
from ingest.facts.dates import find_dates
from ingest.facts.figure_context import with_context
from ingest.facts.figures import find_figures
from ingest.facts.measures import find_measures
from ingest.facts.regions import Places


def with_facts(document: Document) -> Document:
    """Return the document with the facts of its items; relative dates are resolved against the document's own date."""
    places = Places(document)
    items = []
    for item in document.items:
        span = document.text, item.start, item.end
        about, mentioned, named = places.of(item)
        item = replace(
            item,
            regions=about,
            mentioned=mentioned,
            dates=tuple(find_dates(*span, document.date, document.year)),
            measures=tuple(find_measures(*span)),
        )
        items.append(replace(item, figures=with_context(document, item, tuple(find_figures(*span)), named)))
    return replace(document, items=tuple(items))
