"""The public JSON forms, the same on the command line and over HTTP."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict

from answer.answer import Answer
from answer.followup import MOST_TURNS
from index.search import SearchIndex
from ingest.document import Date, Document, Figure, Item, Kind, Measure, Region
from service.errors import BadRequest

LONGEST_QUERY = 1000  # characters
LONGEST_CONDITION = 200
MOST_HITS = 100
MOST_DOCUMENTS = 1000  # in the list of what is held
CONDITIONS = ("kind", "region", "section", "contributor", "since", "until", "document", "folder")


class Filtered(BaseModel):
    """A request's body with filters; a field that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    kind: str = ""
    region: str = ""
    section: str = ""
    contributor: str = ""
    since: str = ""
    until: str = ""
    document: str = ""
    folder: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """The filters as a search takes them."""
        return {name: getattr(self, name) for name in CONDITIONS}


def checked_query(query: str, k: int, conditions: Mapping[str, str | None]) -> tuple[str, int, dict[str, str]]:
    """Return a search request with its bounds checked and unset conditions left out; raise BadRequest."""
    query = _text(query).strip()
    if not query:
        raise BadRequest("empty_query", "请输入要查的内容")
    if len(query) > LONGEST_QUERY:
        raise BadRequest("query_too_long", f"问题太长（{len(query)} 字，上限 {LONGEST_QUERY} 字）")
    if not 1 <= k <= MOST_HITS:
        raise BadRequest("bad_k", f"结果条数 k 要在 1 到 {MOST_HITS} 之间")
    given = {name: _text(value) for name in CONDITIONS if (value := conditions.get(name))}
    if too_long := [name for name, value in given.items() if len(value) > LONGEST_CONDITION]:
        raise BadRequest("condition_too_long", f"{'、'.join(too_long)} 太长（上限 {LONGEST_CONDITION} 字）")
    if given.get("kind", "other") not in get_args(Kind):
        raise BadRequest("bad_kind", f"kind 只能是 {'、'.join(get_args(Kind))}")
    for name in ("since", "until"):
        if name in given and not _is_date(given[name]):
            raise BadRequest("bad_date", f"{name} 要写成 2024-01-31 这样的日期")
    return query, k, given


def _text(value: str) -> str:
    return value.encode(errors="replace").decode()  # half a surrogate pair is no text


def refuse_unknown(parameters: Iterable[str]) -> None:
    """Raise BadRequest for a parameter of a search that does not exist: a filter that is not applied must not go unseen."""
    if unknown := sorted(set(parameters) - {"q", "k", *CONDITIONS}):
        raise BadRequest("unknown_parameter", f"没有这个参数：{'、'.join(unknown)}")


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def checked_question(
    question: str, before: Sequence[str], conditions: Mapping[str, str | None]
) -> tuple[str, list[str], dict[str, str]]:
    """Return a question with its bounds checked, and the questions before it; raise BadRequest."""
    text, _, given = checked_query(question, 1, conditions)
    if len(before) > MOST_TURNS:
        raise BadRequest("too_many_turns", f"前面的问题最多 {MOST_TURNS} 个")
    return text, [checked_query(turn, 1, {})[0] for turn in before], given


def answer_form(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is sent."""
    return asdict(answer)


def search_form(index: SearchIndex, query: str, k: int, conditions: Mapping[str, str]) -> dict[str, Any]:
    """Search and return {"query", "hits", "facets", "took_ms"}."""
    began = time.perf_counter()
    results = index.search(query, k, conditions)
    took = round((time.perf_counter() - began) * 1000, 1)
    return {"query": query, "hits": [asdict(hit) for hit in results.hits], "facets": results.facets, "took_ms": took}


def document_form(document: Document) -> dict[str, Any]:
    """Return a document as it was read: its fields, its items with their text, its passages, its warnings."""
    fields = {k: v for k, v in asdict(document).items() if k not in ("text", "items", "warnings", "page_starts")}
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
    return {"document": {"id": document.id, **fields}, "items": items, "passages": passages, "warnings": document.warnings}


def item_facts(document: Document, item: Item) -> dict[str, Any]:
    """Return what an item says of itself, each fact with the span of the document's text that shows it."""
    return {
        "title": item.title,
        "section": item.section,
        "contributors": item.contributors,
        "subheads": item.subheads,
        "regions": [region.name for region in item.regions],
        "places": [{**_shown(document, region), "name": region.name} for region in item.regions],
        "measures": [{"head": m.head, **_shown(document, m)} for m in item.measures],
        "figures": [{**_shown(document, f), "value": f.value, "unit": f.unit, "about": f.about} for f in item.figures],
        "dates": [{**_shown(document, d), "iso": d.iso} for d in item.dates],
        "span": (item.start, item.end),
        "pages": document.pages(item.start, item.end),
        "text": document.text[item.start : item.end],
    }


def _shown(document: Document, fact: Date | Figure | Measure | Region) -> dict[str, Any]:
    return {"text": document.text[fact.start : fact.end], "span": (fact.start, fact.end)}
