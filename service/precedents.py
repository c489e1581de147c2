"""POST /api/similar and GET /api/timeline: cases like one of the index or like a draft; those of a topic by date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request

from cases.similar import Case, Similar, draft_case, similar, stored_case
from cases.timeline import timeline
from index.search import SearchIndex
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.read import read_record, structure
from service.errors import BadRequest
from service.forms import Filtered, checked_query, refuse_unknown
from service.items import no_item

LONGEST_DRAFT = 50_000  # characters


class Draft(Filtered):
    """The body of POST /api/similar: an item's id, or a text."""

    item: str = ""
    text: str = ""
    k: int = 10
    elsewhere: bool = False  # without cases of the same places


def add_precedents(app: FastAPI, index: SearchIndex) -> None:
    """Add the routes."""

    @app.post("/api/similar")
    def find(body: Draft) -> dict[str, Any]:
        if bool(body.item) == bool(body.text.strip()):
            raise BadRequest("bad_draft", "item（案例编号）和 text（草稿全文）要写一个，且只写一个")
        case = case_of_item(index, body.item) if body.item else case_of_text(index, body.text)
        return similar_form(index, case, body.k, body.conditions, body.elsewhere)

    @app.get("/api/timeline")
    def in_time(
        request: Request,
        q: str = "",
        kind: str = "",
        region: str = "",
        section: str = "",
        contributor: str = "",
        since: str = "",
        until: str = "",
        document: str = "",
        folder: str = "",
    ) -> dict[str, Any]:
        refuse_unknown(request.query_params.keys())
        return timeline_form(index, q, request.query_params)


def timeline_form(index: SearchIndex, topic: str, conditions: Mapping[str, str | None]) -> dict[str, Any]:
    """Return {"query", "first", "hits", "undated"}: a hit for each case of the topic, the earliest first."""
    topic, _, given = checked_query(topic, 1, conditions)
    found = timeline(index, topic, given)
    return {
        "query": topic,
        "first": found.first,
        "hits": list(map(asdict, found.dated)),
        "undated": list(map(asdict, found.undated)),
    }


def case_of_item(index: SearchIndex, item_id: str) -> Case:
    """Return an item as a case; raise BadRequest if there is none."""
    if case := stored_case(index, item_id):
        return case
    raise no_item()


def case_of_text(index: SearchIndex, text: str) -> Case:
    """Return a draft as a case; raise BadRequest if nothing can be read in it."""
    if len(text) > LONGEST_DRAFT:
        raise BadRequest("draft_too_long", f"草稿太长（{len(text)} 字，上限 {LONGEST_DRAFT} 字）", 413)
    if not re.search(r"\w", text):
        raise BadRequest("bad_draft", "草稿里没有文字")
    try:
        return case_of_documents(index, [structure(read_record({"text": text.encode(errors="replace").decode()}), "草稿.txt")])
    except Unreadable as error:
        raise BadRequest("bad_draft", f"草稿读不出来：{error}") from error


def case_of_documents(index: SearchIndex, documents: list[Document]) -> Case:
    """Return the first document that was read in a draft as a case; raise BadRequest if there is none."""
    for document in documents:
        if any(item.passages for item in document.items):
            return draft_case(index, document)
    raise BadRequest("bad_draft", "草稿里没有正文")


def similar_form(
    index: SearchIndex, case: Case, k: int, conditions: Mapping[str, str | None], elsewhere: bool
) -> dict[str, Any]:
    """Find and return {"hits"}; each hit also says why it is similar."""
    _, k, given = checked_query("相似案例", k, conditions)
    return {"hits": [_form(one) for one in similar(index, case, k, given, elsewhere)]}


def _form(one: Similar) -> dict[str, Any]:
    return {**asdict(one.hit), "why": one.why, "terms": one.terms, "measures": one.measures}
