"""Chosen cases as an official brief for Word: quoted sentences, a comparison, notes with the sources, and the full text."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from docx.shared import Mm

from cases.comparison import Comparison
from cases.summary import measure_line
from service.export.pictures import Picture
from service.export.word import add, add_note_number, add_picture, add_table, clean, file_of, new_paper

_COLUMNS = 3  # cases side by side in one table: that leaves eleven characters to a line
_MOST_RESULTS, _MOST_REGIONS = 12, 3  # in one cell
_FIRST_COLUMN = Mm(23)  # fits 主要成效 on one line
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
    rest = _add_comparison(paper, items, comparison)
    add(paper, "Heading 1", "注释")
    for line, number in notes.items():
        add(paper, "List Number", f"［{number}］{line}")
    add(paper, "Annex", "附件").paragraph_format.page_break_before = True
    _add_rest(paper, items, rest)
    _add_excerpts(paper, items)
    return file_of(paper)


def _add_case(paper: Any, number: int, item: Mapping[str, Any], notes: dict[str, int]) -> None:
    add(paper, "Heading 1", f"{chinese(number)}、{item['title']}")
    about = _about(item)
    for names in (("地区", "供稿"), ("栏目", "日期")):
        if line := "　".join(f"{name}：{about[name]}" for name in names if about[name]):
            add(paper, "Caption", line).paragraph_format.keep_with_next = True
    quotes = [quote for quote in item["quotes"] if not item["measures"] or quote["roles"][0] != "how"]
    if quotes:
        _add_quoted(paper, "", [(quote["text"], quote["line"]) for quote in quotes], notes)
    if item["measures"]:
        add(paper, "Heading 2", "主要举措：")
    for place, measure in enumerate(item["measures"], 1):
        head = "" if measure["head"] in measure["sentence"] else f"{chinese(place)}是{measure['head']}。"
        _add_quoted(paper, head, [(measure["sentence"], measure["line"])] if measure["sentence"] else [], notes)


def _add_quoted(paper: Any, head: str, quotes: Sequence[tuple[str, str]], notes: dict[str, int]) -> None:
    """Add a paragraph of sentences, each with the number of the note that has its citation line."""
    paragraph = add(paper, "Body Text", head)
    for text, line in quotes:
        paragraph.add_run(clean(text))
        add_note_number(paragraph, notes.setdefault(line, len(notes) + 1))


def _add_pictures(paper: Any, pictures: Sequence[Picture]) -> None:
    if pictures:
        add(paper, "Heading 1", "图示")
    for number, picture in enumerate(pictures, 1):
        add_picture(paper, picture.png, picture.caption)
        add(paper, "Picture Caption", f"图{number}　{picture.caption}")
        add(paper, "Normal", "")


def _add_comparison(paper: Any, items: Sequence[Mapping[str, Any]], comparison: Comparison | None) -> list[list[str]]:
    """Add the tables; return for each case the clauses with figures that are not in its table."""
    add(paper, "Heading 1", "案例对照表")
    tables = -(-len(items) // _COLUMNS)
    each = -(-len(items) // tables)  # tables of even width: four cases make two and two
    rest: list[list[str]] = []
    for first in range(0, len(items), each):
        beside = items[first : first + each]
        about = [_about(item) for item in beside]
        rows = [["项目", *(f"{chinese(number)}、{item['title']}" for number, item in enumerate(beside, first + 1))]]
        rows += [[name, *(facts[name] or "—" for facts in about)] for name in ("地区", "供稿", "日期")]
        rows += _measure_rows(beside, comparison, slice(first, first + each))
        results, left = _result_rows(beside, comparison, slice(first, first + each))
        rest += left
        add_table(paper, [*rows, *results], _FIRST_COLUMN)
        add(paper, "Normal", "")
    return rest


def _measure_rows(beside: Sequence[Mapping[str, Any]], comparison: Comparison | None, columns: slice) -> list[list[str]]:
    if not comparison:
        return _aligned("举措", [], [[measure_line(m["head"], m["sentence"]) for m in item["measures"]] for item in beside])
    measures = comparison.measures
    common = [[measure_line(cell.text, cell.sentence) if cell else "" for cell in row[columns]] for row in measures.rows]
    alone = [[measure_line(cell.text, cell.sentence) for cell in cells] for cells in measures.alone[columns]]
    return _aligned("举措", common, alone)


def _result_rows(
    beside: Sequence[Mapping[str, Any]], comparison: Comparison | None, columns: slice
) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of what the cases reached, and for each case the clauses that these leave out."""
    rows = comparison.figures.rows if comparison else ()
    common = [[cell.text if cell else "" for cell in row[columns]] for row in rows if any(cell and cell.result for cell in row)]
    alone, left = [], []
    for column, item in enumerate(beside):
        shown = {row[column] for row in common}
        told = [quote["span"] for quote in item["quotes"] if "result" in quote["roles"]]
        clauses = [clause for clause in item["clauses"] if clause["text"] not in shown]
        clauses.sort(key=lambda one: not any(start <= one["span"][0] < end for start, end in told))
        results = list(dict.fromkeys(one["text"] for one in clauses if one["result"]))[:_MOST_RESULTS]
        more = [one for one in dict.fromkeys(clause["text"] for clause in item["clauses"]) if one not in {*shown, *results}]
        alone.append([*results, f"另有{len(more)}项数据见附件"] if more else results)
        left.append(more)
    return _aligned("成效", common, alone), left


def _aligned(name: str, common: Sequence[Sequence[str]], alone: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return a row for each thing that several cases have in common, then one of what each case has alone.

    Rows in common are numbered, so that they can be found again in a second table.
    """
    rows = [[f"相近{name}{number}", *(text or "—" for text in row)] for number, row in enumerate(common, 1) if any(row)]
    return [*rows, [f"其他{name}" if common else f"主要{name}", *("\n".join(texts) or "—" for texts in alone)]]


def _add_rest(paper: Any, items: Sequence[Mapping[str, Any]], rest: Sequence[Sequence[str]]) -> None:
    """Add the figures that the tables leave out."""
    if not any(rest):
        return
    add(paper, "Title", "其他数据")
    add(paper, "Normal", "")
    for number, (item, clauses) in enumerate(zip(items, rest, strict=True), 1):
        if clauses:
            add(paper, "Heading 1", f"{chinese(number)}、{item['title']}")
            add(paper, "Body Text", f"{'；'.join(clauses)}。")
    add(paper, "Normal", "")


def _add_excerpts(paper: Any, items: Sequence[Mapping[str, Any]]) -> None:
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


def _date(iso: str) -> str:
    year, month, day = iso.split("-") if iso else ("", "0", "0")
    return f"{year}年{int(month)}月{int(day)}日" if iso else ""


def chinese(number: int) -> str:
    """Return a number from 1 to 99 as headings have it: 一, 十, 二十三."""
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
