"""Corrections as callers make and see them: checked against the document, with what is wrong said in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from index.store.corrections import Stored
from ingest.corrections import BETWEEN, OF_DOCUMENT, Correction, Kind, anchor_at, line_start, place_in
from ingest.document import Document
from ingest.facts.gazetteer import MEMBERS, level_of
from ingest.facts.regions import regions_called
from service.actions.parameters import is_date, plain
from service.errors import Refused

LONGEST_TITLE = 200  # characters
MOST_REGIONS = 50
_PLACES = {
    "merge": "那一行不在任何条目里，或者前面没有条目可以合并",
    "split": "那一行不在任何条目里，不能从那里分开",
    "title": "那一行不是条目的开头，没有标题可改",
    "regions": "那一行不是条目的开头，没有地区可改",
}


def checked_correction(document: Document, kind: str, at: int | None, line: str, value: str) -> Correction:
    """Return the correction of the line at an offset of a document's text; raise Refused.

    `line`: what the caller takes to stand there, "" if it does not say; something else means that it saw an older document.
    """
    if kind not in get_args(Kind):
        raise Refused("bad_kind", f"kind 只能是 {'、'.join(get_args(Kind))}")
    sort, value = cast(Kind, kind), _checked_value(kind, " ".join(plain(value).split()))
    if sort in OF_DOCUMENT:
        return Correction(sort, value=value)
    if at is None or not 0 <= at < len(document.text):
        raise Refused("bad_place", f"at 要写那一行在正文里的位置，从 0 到 {len(document.text) - 1}")
    anchor = anchor_at(document.text, at)
    there = document.text[line_start(document.text, at) :].partition("\n")[0]
    if "".join(plain(line).split()) not in "".join(there.split()):
        raise Refused("document_changed", "这份文件刚刚更新过，那一行已不在原处：请刷新网页再改", 409)
    correction = Correction(sort, anchor, value)
    if place_in(document, correction) is None:
        raise Refused("bad_place", _PLACES[kind])
    return correction


def _checked_value(kind: str, value: str) -> str:
    if kind in ("merge", "split"):
        return ""
    if kind == "date":
        if not is_date(value):
            raise Refused("bad_date", "日期要写成 2024-01-31 这样")
        return value
    if kind == "regions":
        return _checked_regions(value)
    if not value:
        raise Refused("empty_title", "标题不能是空的")
    if len(value) > LONGEST_TITLE:
        raise Refused("title_too_long", f"标题太长（{len(value)} 字，上限 {LONGEST_TITLE} 字）")
    return value


def _checked_regions(value: str) -> str:
    names = list(dict.fromkeys(name for part in value.split(BETWEEN) if (name := part.strip())))
    if len(names) > MOST_REGIONS:
        raise Refused("too_many_regions", f"地区最多写 {MOST_REGIONS} 个（收到 {len(names)} 个）")
    for name in names:
        if not level_of(name) and name not in MEMBERS:
            meant = "、".join(regions_called(name)[:5])
            hint = f"是不是 {meant}？" if meant else ""
            raise Refused("no_region", f"没有叫“{name[:30]}”的地区：{hint}请写全名，如 浙江省杭州市临安区")
    return BETWEEN.join(names)


def correction_forms(document: Document, stored: Sequence[Stored]) -> list[dict[str, Any]]:
    """Return the JSON form of a document's corrections; `at` is the offset of their line, None where it is not there."""
    return [
        {
            "number": one.number,
            "kind": one.correction.kind,
            "where": one.correction.anchor.words,
            "at": place_in(document, one.correction),
            "value": one.correction.value,
            "who": one.made_by,
            "when": one.made_when,
            "undone_by": one.undone_by,
            "undone_when": one.undone_when,
        }
        for one in stored
    ]
