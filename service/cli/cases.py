"""The commands for precedents: case search, similar cases, timelines, comparisons and exports."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.cli.printing import marked, print_json
from service.errors import Refused
from service.settings import Settings

if TYPE_CHECKING:
    from index.search.index import SearchIndex


def cases(options: argparse.Namespace, index: SearchIndex) -> int:
    """Print the cases that fit a topic and filters."""
    from service.actions.cases import cases_form, figures_form
    from service.actions.parameters import checked_conditions

    conditions = checked_conditions(vars(options))
    found = cases_form(index, options.topic, options.k, conditions, options.sort, options.figure, options.form)
    if options.json:
        print_json(found)
        return 0
    print(_counted(found))
    if options.figure and not found["cases"]:
        near = figures_form(index, options.topic, conditions, options.figure)["figures"]
        listed = "、".join(f"{one['figure']}（{one['cases']} 个）" for one in near)
        print(f"意思相近、案例里写到的：{listed}。可以用作 --figure" if near else "请换个说法，或写得短一些")
    for number, case in enumerate(found["cases"], 1):
        hit, outcome = case["hits"][0], case["outcome"]
        citation = outcome["citation"] if outcome else hit["citation"]
        texts = [outcome["text"]] if outcome else [_line(line) for line in case["lines"]]
        texts = texts or [marked(hit["text"], hit["highlights"])]
        print(f"{number}. {citation['item']}（{citation['date'] or '未注明日期'}）")
        print("".join(f"   {text}\n" for text in texts) + f"   出处：{citation['line']}")
        print(f"   编号：{case['item_id']}")
    if found["query"] and found["complete"] and 0 < len(found["cases"]) == found["total"]:
        print("没有更多相关的")
    return 0


def _counted(found: Mapping[str, Any]) -> str:
    """Return how many were found, in how many other ways."""
    many = {"case": "个案例", "file": "份文件", "all": "条"}[found["form"]]
    total = f"{'共' if found['complete'] else '至少'} {found['total']} {many}" if found["total"] else "没有找到"
    otherwise = f"，另有 {found['otherwise']} 个用别的单位或口径" if found["otherwise"] else ""
    files = f"，另有 {found['files']} 份文件（--form file）" if found["form"] == "case" and found["files"] else ""
    return total + otherwise + files


def similar(options: argparse.Namespace, index: SearchIndex) -> int:
    """Print cases like an item, a file or a text, each with what both say."""
    from cases.shared import NAMES
    from cases.summary import measure_line
    from service.actions.cases import similar_form
    from service.actions.drafts import case_of_file, case_of_item, case_of_text
    from service.actions.parameters import checked_conditions

    if options.item:
        case = case_of_item(index, options.item)
    elif options.file:
        case = case_of_file(index, options.file)
    else:
        case = case_of_text(index, options.text)
    found = similar_form(index, case, options.k, checked_conditions(vars(options)), options.elsewhere)
    if options.json:
        print_json(found)
        return 0
    if not found["hits"]:
        print("没有找到相似的案例")
    for number, hit in enumerate(found["hits"], 1):
        citation = hit["citation"]
        print(f"{number}. {citation['item']}")
        for one in hit["shared"]:
            here, there = (measure_line(side["head"], side["text"]) for side in (one["here"], one["there"]))
            print(f"   {NAMES[one['kind']]}相近：{here}\n   　　　　　{there}")
        print(f"   出处：{citation['line']}\n   编号：{hit['item_id']}")
    return 0


def timeline(options: argparse.Namespace, index: SearchIndex) -> int:
    """Print the cases of a topic by date."""
    from service.actions.cases import timeline_form
    from service.actions.parameters import checked_conditions

    found = timeline_form(index, options.topic, checked_conditions(vars(options)))
    if options.json:
        print_json(found)
        return 0
    if not found["hits"] and not found["undated"]:
        print("没有找到")
    for hit in (*found["hits"], *found["undated"]):
        _print_event(hit, hit["item_id"] == found["first"])
    return 0


def compare(options: argparse.Namespace, index: SearchIndex) -> int:
    """Print cases side by side: what they have in common in rows, then what each has alone."""
    from service.actions.cases import comparison_form

    found = comparison_form(index, options.items)
    if options.json:
        print_json(found)
        return 0
    names = [case["title"] for case in found["cases"]]
    for number, case in enumerate(found["cases"], 1):
        lines = "".join(f"   {_line(line)}\n" for line in case["lines"])
        print(f"{number}. {case['title']}\n{lines}   出处：{case['citation']['line']}")
    for heading, part in (("举措", "measures"), ("数据", "figures")):
        for row in found[part]["rows"]:
            print(f"\n{heading}（{sum(map(bool, row))} 个案例都有）")
            print("\n".join(f"   {number}. {_cell(cell)}" for number, cell in enumerate(row, 1) if cell))
        for number, (name, cells) in enumerate(zip(names, found[part]["alone"], strict=True), 1):
            if cells:
                print(f"\n{heading}，只见于 {number}. {name}\n" + "\n".join(f"   {_cell(cell)}" for cell in cells))
    return 0


def export(options: argparse.Namespace, settings: Settings, index: SearchIndex | None) -> int:
    """Write cases to a file, or text formats to stdout."""
    from service.actions.items import export_of
    from service.opening import open_catalog

    if options.format == "docx" and not options.output:
        raise Refused("no_output", "Word 文件要用 --output 写明存到哪里，如 --output 案例.docx")
    body, _, _ = export_of(open_catalog(settings), options.items, options.format, options.title, index)
    if not options.output:
        print(body.decode().removeprefix("\ufeff"), end="")
        return 0
    try:
        options.output.write_bytes(body)
    except OSError as error:
        raise Refused("not_written", f"写不了 {options.output}：{error.strerror or error}") from error
    print(f"已写入 {options.output}", file=sys.stderr)
    return 0


def _line(line: dict[str, Any]) -> str:
    """Return a sentence that sums a case up, with what it says of it."""
    from cases.summary import ROLES

    return f"{'、'.join(ROLES[role] for role in line['roles'])}：{marked(line['text'], line['highlights'])}"


def _cell(cell: dict[str, Any]) -> str:
    from cases.summary import measure_line

    return measure_line(cell["text"], cell["sentence"])


def _print_event(hit: dict[str, Any], first: bool) -> None:
    citation = hit["citation"]
    mark = "  ← 收录中最早" if first else ""
    print(f"{citation['date'] or '未注明日期'}  {citation['item']}{mark}")
    print(f"   {marked(hit['text'], hit['highlights'])}\n   出处：{citation['line']}")
