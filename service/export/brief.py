"""Chosen cases as an official brief for Word: quoted sentences, a comparison, notes with the sources, and the full text."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from docx.shared import Mm

from cases.comparison import Comparison, Table
from service.export.pictures import Picture
from service.export.word import add, add_note_number, add_picture, add_table, clean, file_of, new_paper

_COLUMNS = 3  # cases side by side in one table: that leaves eleven characters to a line
_MOST_FIGURES, _MOST_REGIONS = 6, 3  # shown for one case
_FIRST_COLUMN = Mm(23)  # fits 主要数据 on one line
_LONGEST_FIGURE = 30  # characters of a clause in a cell: three lines
_DIGITS = "〇一二三四五六七八九"


def brief(
    items: Sequence[Mapping[str, Any]],
    title: str,
    today: datetime.date,
    comparison: Comparison | None = None,
    pictures: Sequence[Picture] = (),
) -> bytes:
    """Return a .docx file of cases in the JSON form of items; a comparison aligns the rows of its tables."""
    paper = new_paper(clean(title))
    notes: dict[str, int] = {}  # citation line: its number
    add(paper, "Title", title)
    add(paper, "Subtitle", f"（{_date(today.isoformat())}　共{len(items)}个案例）")
    add(paper, "Normal", "")
    for number, item in enumerate(items, 1):
        _add_case(paper, number, item, notes)
    _add_pictures(paper, pictures)
    _add_comparison(paper, items, comparison)
    add(paper, "Heading 1", "注释")
    for line, number in notes.items():
        add(paper, "List Number", f"［{number}］{line}")
    _add_excerpts(paper, items)
    return file_of(paper)


def _add_case(paper: Any, number: int, item: Mapping[str, Any], notes: dict[str, int]) -> None:
    add(paper, "Heading 1", f"{chinese(number)}、{item['title']}")
    about = _about(item)
    for names in (("地区", "供稿"), ("栏目", "日期")):
        if line := "　".join(f"{name}：{about[name]}" for name in names if about[name]):
            add(paper, "Caption", line).paragraph_format.keep_with_next = True
    if item["quotes"]:
        summary = add(paper, "Body Text", "")
        for quote in item["quotes"]:
            summary.add_run(clean(quote["text"]))
            add_note_number(summary, notes.setdefault(quote["line"], len(notes) + 1))
    heads = _heads(item)
    if heads:
        add(paper, "Heading 2", "主要举措：")
    for place, head in enumerate(heads, 1):
        add(paper, "Body Text", f"{chinese(place)}是{head}。")


def _add_pictures(paper: Any, pictures: Sequence[Picture]) -> None:
    if pictures:
        add(paper, "Heading 1", "图示")
    for number, picture in enumerate(pictures, 1):
        add_picture(paper, picture.png, picture.caption)
        add(paper, "Picture Caption", f"图{number}　{picture.caption}")
        add(paper, "Normal", "")


def _add_comparison(paper: Any, items: Sequence[Mapping[str, Any]], comparison: Comparison | None) -> None:
    add(paper, "Heading 1", "案例对照表")
    tables = -(-len(items) // _COLUMNS)
    each = -(-len(items) // tables)  # tables of even width: four cases make two and two
    for first in range(0, len(items), each):
        beside = items[first : first + each]
        about = [_about(item) for item in beside]
        rows = [["项目", *(f"{chinese(number)}、{item['title']}" for number, item in enumerate(beside, first + 1))]]
        rows += [[name, *(facts[name] or "—" for facts in about)] for name in ("地区", "供稿", "日期")]
        if comparison:
            columns = slice(first, first + each)
            rows += [*_aligned("举措", comparison.measures, columns), *_aligned("数据", comparison.figures, columns)]
        else:
            rows += [["举措", *("\n".join(_heads(item)) or "—" for item in beside)]]
            rows += [["主要数据", *("\n".join(_figures(item)) or "—" for item in beside)]]
        add_table(paper, rows, _FIRST_COLUMN)
        add(paper, "Normal", "")


def _aligned(name: str, table: Table, columns: slice) -> list[list[str]]:
    """Return a row for each thing that several cases have in common, then one of what each case has alone.

    Rows in common are numbered, so that they can be found again in a second table.
    """
    rows = [
        [f"相近{name}{number}", *(cell.text if cell else "—" for cell in row[columns])]
        for number, row in enumerate(table.rows, 1)
        if any(row[columns])
    ]
    alone = [[cell.text for cell in cells if len(cell.text) <= _LONGEST_FIGURE] for cells in table.alone[columns]]
    return [*rows, [f"其他{name}", *("\n".join(texts[:_MOST_FIGURES]) or "—" for texts in alone)]]


def _add_excerpts(paper: Any, items: Sequence[Mapping[str, Any]]) -> None:
    add(paper, "Annex", "附件").paragraph_format.page_break_before = True
    add(paper, "Title", "原文摘录")
    add(paper, "Normal", "")
    for number, item in enumerate(items, 1):
        add(paper, "Heading 1", f"{chinese(number)}、{item['title']}")
        for line in filter(None, item["text"].split("\n")):
            add(paper, "Body Text", line)
        add(paper, "Caption", f"出处：{item['citation']['line']}")


def _about(item: Mapping[str, Any]) -> dict[str, str]:
    regions = list(dict.fromkeys(item["regions"]))
    more = f"等{len(regions)}地" if len(regions) > _MOST_REGIONS else ""
    return {
        "地区": "、".join(regions[:_MOST_REGIONS]) + more,
        "供稿": "、".join(item["contributors"]),
        "栏目": item["section"],
        "日期": _date(item["document"]["date"]),
    }


def _heads(item: Mapping[str, Any]) -> list[str]:
    return [measure["head"].strip().rstrip("。；，：") for measure in item["measures"]]


def _figures(item: Mapping[str, Any]) -> list[str]:
    """Return the first clauses with figures that are short enough for a cell."""
    return [clause["text"] for clause in item["clauses"] if len(clause["text"]) <= _LONGEST_FIGURE][:_MOST_FIGURES]


def _date(iso: str) -> str:
    year, month, day = iso.split("-") if iso else ("", "0", "0")
    return f"{year}年{int(month)}月{int(day)}日" if iso else ""


def chinese(number: int) -> str:
    """Return a number from 1 to 99 as headings have it: 一, 十, 二十三."""
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
