"""Request parameters: the filters that every request takes, and the limits of all input."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import get_args

from pydantic import BaseModel, ConfigDict

from answer.followup import MOST_TURNS
from index.store.conditions import FILE, Form
from ingest.document import Kind
from service.errors import Refused

LONGEST_QUERY = 1000  # characters
LONGEST_CONDITION = 200
MOST_HITS = 100


class FilterParameters(BaseModel):
    """The filters of a request; an unknown field is refused, since a filter must not be ignored silently."""

    model_config = ConfigDict(extra="forbid")

    kind: str = ""
    region: str = ""
    section: str = ""
    contributor: str = ""
    series: str = ""
    year: str = ""
    since: str = ""
    until: str = ""
    document: str = ""
    folder: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """The filters that are set, as a search takes them; raise Refused."""
        return checked_conditions({name: getattr(self, name) for name in CONDITIONS})


CONDITIONS = tuple(FilterParameters.model_fields)


class TopicParameters(FilterParameters):
    """The parameters of lists without a `k`: a timeline, a feed."""

    q: str = ""


class SearchParameters(TopicParameters):
    """The parameters of a search."""

    k: int = 10


def checked_query(query: str) -> str:
    """Return the query, stripped and with lone surrogates replaced; raise Refused."""
    query = plain(query).strip()
    if not any(map(str.isalnum, query)):
        raise Refused("empty_query", "请输入要查的内容")
    if len(query) > LONGEST_QUERY:
        raise Refused("query_too_long", f"问题太长（{len(query)} 字，上限 {LONGEST_QUERY} 字）")
    return query


def checked_k(k: int) -> int:
    """Return the requested number of results; raise Refused."""
    if not 1 <= k <= MOST_HITS:
        raise Refused("bad_k", f"结果条数 k 要在 1 到 {MOST_HITS} 之间")
    return k


def checked_conditions(conditions: Mapping[str, str | None]) -> dict[str, str]:
    """Return the filters that are set, without other entries; raise Refused."""
    filters = {name: plain(value) for name in CONDITIONS if (value := conditions.get(name))}
    if too_long := [name for name, value in filters.items() if len(value) > LONGEST_CONDITION]:
        raise Refused("condition_too_long", f"{'、'.join(too_long)} 太长（上限 {LONGEST_CONDITION} 字）")
    if filters.get("kind", "other") not in get_args(Kind):
        raise Refused("bad_kind", f"kind 只能是 {'、'.join(get_args(Kind))}")
    if not re.fullmatch(r"[0-9]{4}", filters.get("year", "2024")):
        raise Refused("bad_year", "year 要写成 2024 这样的年份")
    for name in ("since", "until"):
        if name in filters and not is_date(filters[name]):
            raise Refused("bad_date", f"{name} 要写成 2024-01-31 这样的日期")
    return filters


def checked_form(form: str, conditions: Mapping[str, str]) -> Form:
    """Return the form of what is listed; cases, unless the filters ask for one document or for files; raise Refused."""
    if form not in ("", "case", "file", "all"):
        raise Refused("bad_form", "form 只能是 case（案例）、file（文件：通知、法规、报告、表格）、all（全部）")
    usual = "file" if conditions.get("kind") == FILE else "all" if "document" in conditions else "case"
    forms: dict[str, Form] = {"case": "case", "file": "file", "all": ""}
    return forms[form or usual]


def checked_turns(before: Sequence[str]) -> list[str]:
    """Return the earlier questions of a conversation, each checked; raise Refused."""
    if len(before) > MOST_TURNS:
        raise Refused("too_many_turns", f"前面的问题最多 {MOST_TURNS} 个")
    return [checked_query(turn) for turn in before]


def plain(text: str) -> str:
    """Return text with each lone surrogate, which UTF-8 cannot encode, replaced by "?"."""
    return text.encode(errors="replace").decode()


def is_date(text: str) -> bool:
    """Tell whether a text is a day in ISO 8601, as 2024-01-31."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
