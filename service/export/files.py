"""Export of chosen cases: Word, Markdown, CSV or JSON, every case with its source."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cases.comparison import Comparison
from cases.summary import measure_line
from service.export.pictures import Picture

FORMATS = ("markdown", "csv", "json", "docx")
LONGEST_TITLE = 100  # characters
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_COLUMNS = ("标题", "地区", "供稿", "栏目", "日期", "概要", "举措", "成效", "数据", "出处", "原文")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # first characters that make a spreadsheet compute a cell


def exported(
    items: Sequence[Mapping[str, Any]],
    form: str,
    title: str = "案例汇编",
    comparison: Comparison | None = None,
    pictures: Sequence[Picture] = (),
) -> tuple[bytes, str, str]:
    """Return the cases in one of FORMATS: the bytes, their media type and a name for the file; pictures go into Word only."""
    if form == "docx":
        from service.export.brief import brief

        return brief(items, title, datetime.date.today(), comparison, pictures), _WORD, "案例.docx"
    text, media_type, name = _as_text(items, form, title)
    return text.encode(), media_type, name


def _as_text(items: Sequence[Mapping[str, Any]], form: str, title: str) -> tuple[str, str, str]:
    if form == "csv":
        return "\ufeff" + _table(items), "text/csv; charset=utf-8", "案例.csv"  # the BOM, without which Excel reads GBK
    if form == "json":
        return json.dumps({"items": items}, ensure_ascii=False, indent=2), "application/json", "案例.json"
    return _markdown(items, title), "text/markdown; charset=utf-8", "案例.md"


def _markdown(items: Sequence[Mapping[str, Any]], title: str) -> str:
    parts = [f"# {_plain(title)}", ""]
    for number, item in enumerate(items, 1):
        parts += [f"## {number}. {_plain(item['title'])}", ""]
        for name, value in _about(item).items():
            parts += [f"- {name}：{_plain(value)}"] if value else []
        for name, lines in _told(item).items():
            parts += ["", f"**{name}**", "", *(f"- {_plain(line)}" for line in lines)] if lines else []
        parts += [""]
        for line in item["text"].split("\n"):
            parts += [f"> {_plain(line)}", ">"]
        parts[-1] = ""
        parts += [f"出处：{_plain(item['citation']['line'])}", ""]
    return "\n".join(parts)


def _table(items: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for item in items:
        about = _about(item)
        *told, _ = ["；".join(lines) for lines in _told(item).values()]
        told.append("；".join(clause["text"] for clause in item["clauses"]))
        row = [item["title"], *about.values(), *told, item["citation"]["line"], item["text"]]
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def _about(item: Mapping[str, Any]) -> dict[str, str]:
    return {
        "地区": "、".join(dict.fromkeys(item["regions"])),
        "供稿": "、".join(item["contributors"]),
        "栏目": item["section"],
        "日期": item["document"]["date"],
    }


def _told(item: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what a case says of itself: the sentences that sum it up, its measures, what it reached, its other figures."""
    return {
        "概要": [quote["text"] for quote in item["quotes"]],
        "举措": [measure_line(one["head"], one["sentence"]) for one in item["measures"]],
        "成效": [clause["text"] for clause in item["clauses"] if clause["result"]],
        "其他数据": [clause["text"] for clause in item["clauses"] if not clause["result"]],
    }


def _plain(text: str) -> str:
    """Escape text so that Markdown shows it unchanged."""
    return _MARKUP.sub(r"\\\1", text)
