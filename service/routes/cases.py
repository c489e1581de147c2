"""The routes for precedents: find cases, those like one or like a draft, those of a topic by date, several side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, cast, get_args

from fastapi import FastAPI, Request
from fastapi import Query as InAddress
from fastapi.concurrency import run_in_threadpool

from cases.comparison import LEAST, MOST, compare
from cases.find import Order, find_cases
from cases.similar import Case, Similar, similar
from cases.timeline import timeline
from index.search.index import SearchIndex
from service.access.caller import VisibleIndex
from service.actions.drafts import case_of_item, case_of_text, case_of_upload
from service.actions.parameters import Filtered, Query, Topic, checked_k, checked_query, plain
from service.audit.log import Note
from service.errors import Refused, no_item
from service.routes.items import Chosen, checked_ids


class Sorted(Query):
    """The parameters of a search for cases."""

    sort: str = ""
    figure: str = ""


class Near(Filtered):
    """How similar cases are asked for."""

    k: int = 10
    elsewhere: bool = False  # without cases of the same places


class Draft(Near):
    """The body of POST /api/similar: an item's id, or a text."""

    item: str = ""
    text: str = ""


def add_precedents(app: FastAPI) -> None:
    """Add the routes."""

    @app.get("/api/cases")
    def cases(asked: Annotated[Sorted, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = cases_form(index, asked.q, asked.k, asked.conditions, asked.sort, asked.figure)
        return note("cases", found, found["query"], figure=asked.figure, conditions=asked.conditions, found=found["total"])

    @app.post("/api/similar")
    def find(body: Draft, index: VisibleIndex, note: Note) -> dict[str, Any]:
        if bool(body.item) == bool(body.text.strip()):
            raise Refused("bad_draft", "item（案例编号）和 text（草稿全文）要写一个，且只写一个")
        case = case_of_item(index, plain(body.item)) if body.item else case_of_text(index, body.text)
        return note(
            "similar", similar_form(index, case, body.k, body.conditions, body.elsewhere), case.title, item=plain(body.item)
        )

    @app.post("/api/similar/file", openapi_extra={"requestBody": _FILE})
    async def find_file(
        request: Request, asked: Annotated[Near, InAddress()], index: VisibleIndex, note: Note
    ) -> dict[str, Any]:
        k, conditions = checked_k(asked.k), asked.conditions
        case = await case_of_upload(index, request)
        found = await run_in_threadpool(similar_form, index, case, k, conditions, asked.elsewhere)
        return note("similar", found, case.title)

    @app.get("/api/timeline")
    def in_time(asked: Annotated[Topic, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = timeline_form(index, asked.q, asked.conditions)
        return note("timeline", found, found["query"], conditions=asked.conditions, found=len(found["hits"]))

    @app.get("/api/compare")
    def side_by_side(asked: Annotated[Chosen, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        return note("compare", comparison_form(index, asked.items.split(",")))


_FILE = {
    "content": {
        "multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}
    }
}


def cases_form(index: SearchIndex, query: str, k: int, conditions: Mapping[str, str], sort: str, figure: str) -> dict[str, Any]:
    """Return {"query", "sort", "figure", "total", "otherwise", "cases", "facets", "areas", "took_ms"}."""
    began = time.perf_counter()
    query, figure = (checked_query(text) if text.strip() else "" for text in (query, figure))
    order = sort or ("figure" if figure else "relevance" if query else "date")
    if order not in get_args(Order):
        raise Refused("bad_sort", f"sort 只能是 {'、'.join(get_args(Order))}")
    if (order == "figure") != bool(figure):
        raise Refused("bad_figure", "按数据排序要写 sort=figure 和 figure=带动就业 这样的指标；别的排序不用写 figure")
    if order == "relevance" and not query:
        raise Refused("empty_query", "按相关度排序要写要查的内容（q）")
    found = find_cases(index, query, checked_k(k), conditions, cast(Order, order), figure)
    took = round((time.perf_counter() - began) * 1000, 1)
    cases = [asdict(case) for case in found.cases]
    facets, areas = found.facets.counts, [asdict(area) for area in found.facets.areas]
    return {
        "query": query, "sort": order, "figure": figure, "total": found.total, "otherwise": found.otherwise,
        "cases": cases, "facets": facets, "areas": areas, "took_ms": took,
    }  # fmt: skip


def timeline_form(index: SearchIndex, topic: str, conditions: Mapping[str, str]) -> dict[str, Any]:
    """Return {"query", "first", "hits", "undated"}: a hit for each case of the topic, the earliest first."""
    topic = checked_query(topic)
    found = timeline(index, topic, conditions)
    return {
        "query": topic,
        "first": found.first,
        "hits": list(map(asdict, found.dated)),
        "undated": list(map(asdict, found.undated)),
    }


def similar_form(index: SearchIndex, case: Case, k: int, conditions: Mapping[str, str], elsewhere: bool) -> dict[str, Any]:
    """Find and return {"title", "hits"}: of what was read, and what is like it; each hit also says why."""
    return {"title": case.title, "hits": [_form(one) for one in similar(index, case, checked_k(k), conditions, elsewhere)]}


def _form(one: Similar) -> dict[str, Any]:
    return {**asdict(one.hit), "why": one.why, "terms": one.terms, "measures": one.measures}


def comparison_form(index: SearchIndex, items: Sequence[str]) -> dict[str, Any]:
    """Return {"cases", "measures": {"rows", "alone"}, "figures": {"rows", "alone"}} of two to five items."""
    try:
        return asdict(compare(index, checked_ids(items, LEAST, MOST, "对比")))
    except KeyError as error:
        raise no_item(error.args[0]) from error
