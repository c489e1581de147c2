"""JSON forms of answers, searches and documents, the same on the command line and over HTTP."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from answer.answer import Answer
from index.search.index import SearchIndex
from ingest.document import UNSURE, Date, Document, Doubt, Figure, Item, Measure, Region

MOST_DOCUMENTS = 1000  # in one list of the indexed documents


def answer_form(answer: Answer) -> dict[str, Any]:
    """Return the JSON form of an answer."""
    return asdict(answer)


def search_form(index: SearchIndex, query: str, k: int, conditions: Mapping[str, str]) -> dict[str, Any]:
    """Search and return {"query", "hits", "facets", "took_ms"}."""
    began = time.perf_counter()
    results = index.search(query, k, conditions)
    took = round((time.perf_counter() - began) * 1000, 1)
    return {"query": query, "hits": [asdict(hit) for hit in results.hits], "facets": results.facets.counts, "took_ms": took}


def document_form(document: Document) -> dict[str, Any]:
    """Return a document as it was read: its fields, its items with their text, its passages, its warnings."""
    fields = {k: v for k, v in asdict(document).items() if k not in ("text", "items", "warnings", "page_starts")}
    doubts = [
        {
            **_text_and_span(document, one),
            "pages": document.pages(one.start, one.end),
            "begins": one.begins,
            "chance": one.chance,
        }
        for one in document.doubts
    ]
    about = {"id": document.id, **fields, "unsure": document.certainty < UNSURE, "doubts": doubts}
    passages = [
        {
            "item": number,
            "role": passage.role,
            "text": document.text[passage.start : passage.end],
            "span": (passage.start, passage.end),
            "pages": document.pages(passage.start, passage.end),
            "confidence": document.confidence(passage.start, passage.end),
        }
        for number, item in enumerate(document.items)
        for passage in item.passages
    ]
    items = [item_facts(document, item) for item in document.items]
    return {"document": about, "items": items, "passages": passages, "warnings": document.warnings}


def item_facts(document: Document, item: Item) -> dict[str, Any]:
    """Return the facts of an item, each with its span in the document's text (characters, end exclusive)."""
    return {
        "title": item.title,
        "section": item.section,
        "contributors": item.contributors,
        "subheads": item.subheads,
        "regions": [region.name for region in item.regions],
        "places": [{**_text_and_span(document, region), "name": region.name} for region in item.regions],
        "measures": [{"head": m.head, **_text_and_span(document, m)} for m in item.measures],
        "figures": [{**_text_and_span(document, f), "value": f.value, "unit": f.unit, "about": f.about} for f in item.figures],
        "dates": [{**_text_and_span(document, d), "iso": d.iso} for d in item.dates],
        "span": (item.start, item.end),
        "pages": document.pages(item.start, item.end),
        "text": document.text[item.start : item.end],
    }


def _text_and_span(document: Document, fact: Date | Doubt | Figure | Measure | Region) -> dict[str, Any]:
    return {"text": document.text[fact.start : fact.end], "span": (fact.start, fact.end)}
