"""JSON forms of case search, similar cases, timelines and comparisons, the same on every interface."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any, cast, get_args

from cases.comparison import LEAST, MOST, compare
from cases.find import Order, find_cases, measured_in
from cases.similar import Case, Similar, similar
from cases.stories import COUNTY, same_stories
from cases.timeline import timeline
from index.search.index import SearchIndex
from index.store.documents import item_of
from ingest.facts.gazetteer import level_of
from service.actions.items import checked_ids
from service.actions.parameters import checked_form, checked_k, checked_query
from service.errors import Refused, no_item

MOST_MEASURES = 12  # that are offered to order cases by
MOST_LIKE = 6  # where what is asked for is told by none
MOST_TOLD = 100  # items in one request for stories told twice
MOST_COMPARED = 12  # of them that are compared with those most like them: each costs as much as a search or two


def cases_form(
    index: SearchIndex, query: str, k: int, conditions: Mapping[str, str], sort: str, figure: str, form: str = ""
) -> dict[str, Any]:
    """Return what was asked, and {"total", "complete", "files", "otherwise", "cases", "facets", "areas", "took_ms"}."""
    began = time.perf_counter()
    query, figure = (checked_query(text) if text.strip() else "" for text in (query, figure))
    order = sort or ("figure" if figure else "relevance" if query else "date")
    if order not in get_args(Order):
        raise Refused("bad_sort", f"sort 只能是 {'、'.join(get_args(Order))}")
    if (order == "figure") != bool(figure):
        raise Refused("bad_figure", "按数据排序要写 sort=figure 和 figure=带动就业 这样的指标；别的排序不用写 figure")
    if order == "relevance" and not query:
        raise Refused("empty_query", "按相关度排序要写要查的内容（q）")
    of_form = checked_form(form, conditions)
    found = find_cases(index, query, checked_k(k), conditions, cast(Order, order), figure, of_form)
    took = round((time.perf_counter() - began) * 1000, 1)
    cases = list(map(asdict, found.cases))
    facets, areas = found.facets.counts, [asdict(area) for area in found.facets.areas]
    return {
        "query": query, "sort": order, "figure": figure, "form": of_form or "all", "total": found.total,
        "complete": found.complete, "files": found.files, "otherwise": found.otherwise, "cases": cases,
        "facets": facets, "areas": areas, "took_ms": took,
    }  # fmt: skip


def figures_form(index: SearchIndex, query: str, conditions: Mapping[str, str], like: str = "") -> dict[str, Any]:
    """Return {"query", "figures": [{"figure", "cases"}]}: what results measure, the most frequent first, to order cases by.

    With `like` it is what comes nearest to that, the nearest first.
    """
    query, like = (checked_query(text) if text.strip() else "" for text in (query, like))
    found = measured_in(index, query, conditions, MOST_LIKE if like else MOST_MEASURES, like)
    return {"query": query, "figures": [{"figure": figure, "cases": cases} for figure, cases in found]}


def timeline_form(index: SearchIndex, topic: str, conditions: Mapping[str, str], form: str = "") -> dict[str, Any]:
    """Return {"query", "first", "hits", "undated"}: a hit for each case of the topic, the earliest first."""
    topic = checked_query(topic)
    found = timeline(index, topic, conditions, checked_form(form, conditions))
    return {
        "query": topic,
        "first": found.first,
        "hits": list(map(asdict, found.dated)),
        "undated": list(map(asdict, found.undated)),
    }


def stories_form(index: SearchIndex, items: Sequence[str]) -> dict[str, Any]:
    """Return {"pairs"}: which of these items tell the same story, each pair once.

    Only items of different documents about a county in common may; of each such pair one is compared with what is most like it.
    """
    about = {one: _counties(index, one) for one in checked_ids(items, LEAST, MOST_TOLD, "找同一件事的报道")}
    near = [
        (one, other)
        for one, other in combinations(about, 2)
        if about[one] & about[other] and one.rpartition("-")[0] != other.rpartition("-")[0]
    ]
    pairs: set[tuple[str, ...]] = set()
    for _ in range(MOST_COMPARED):
        if not near:
            break
        most = Counter(one for pair in near for one in pair).most_common(1)[0][0]
        told = {story.hit.item_id for story in same_stories(index, most)}
        pairs |= {tuple(sorted(pair)) for pair in near if most in pair and told & set(pair)}
        near = [pair for pair in near if most not in pair]
    return {"pairs": sorted(pairs)}


def _counties(index: SearchIndex, item_id: str) -> set[str]:
    found = item_of(index.catalog, item_id)
    return {region.name for region in found[1].regions if level_of(region.name) == COUNTY} if found else set()


def similar_form(index: SearchIndex, case: Case, k: int, conditions: Mapping[str, str], elsewhere: bool) -> dict[str, Any]:
    """Return {"title", "hits"}: the title of `case` and the cases similar to it; each hit also says why."""
    return {"title": case.title, "hits": [_form(found) for found in similar(index, case, checked_k(k), conditions, elsewhere)]}


def _form(found: Similar) -> dict[str, Any]:
    shared = [asdict(one) for one in found.shared]
    return {**asdict(found.hit), "why": found.why, "shared": shared, "terms": found.terms, "measures": found.measures}


def comparison_form(index: SearchIndex, items: Sequence[str]) -> dict[str, Any]:
    """Return {"cases", "measures": {"rows", "alone"}, "figures": {"rows", "alone"}} of two to five items."""
    try:
        return asdict(compare(index, checked_ids(items, LEAST, MOST, "对比")))
    except KeyError as error:
        raise no_item(error.args[0]) from error
