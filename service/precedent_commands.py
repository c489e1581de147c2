"""The commands for precedents: similar cases, and who was first."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.errors import BadRequest
from service.printing import marked, print_json
from service.settings import Settings

if TYPE_CHECKING:
    from cases.similar import Case
    from index.search import SearchIndex


def similar(options: argparse.Namespace, index: SearchIndex) -> int:
    """Print cases like an item, a file or a text."""
    from service.precedents import case_of_item, case_of_text, similar_form

    if options.item:
        case = case_of_item(index, options.item)
    elif options.file:
        case = _case_of_file(index, options.file)
    else:
        case = case_of_text(index, options.text)
    found = similar_form(index, case, options.k, vars(options), options.elsewhere)
    if options.json:
        print_json(found)
        return 0
    if not found["hits"]:
        print("没有找到相似的案例")
    for number, hit in enumerate(found["hits"], 1):
        citation = hit["citation"]
        why = f"\n   {hit['why']}" if hit["why"] else ""
        print(f"{number}. {citation['item']}{why}\n   出处：{citation['line']}\n   编号：{hit['item_id']}")
    return 0


def _case_of_file(index: SearchIndex, path: Path) -> Case:
    from ingest.document import Document
    from ingest.errors import Unreadable
    from ingest.workers import End, read_files
    from service.precedents import case_of_documents

    if not path.is_file():
        raise BadRequest("no_file", f"没有这个文件：{path}")
    news = [one for _, one in read_files([(path, path.name)])]
    if end := next((one for one in news if isinstance(one, End) and one.reason), None):
        raise Unreadable(end.reason)
    return case_of_documents(index, [one for one in news if isinstance(one, Document)])


def timeline(options: argparse.Namespace, index: SearchIndex) -> int:
    """Print the cases of a topic by date."""
    from service.precedents import timeline_form

    found = timeline_form(index, options.topic, vars(options))
    if options.json:
        print_json(found)
        return 0
    if not found["hits"] and not found["undated"]:
        print("没有找到")
    for hit in (*found["hits"], *found["undated"]):
        _print_event(hit, hit["item_id"] == found["first"])
    return 0


def export(options: argparse.Namespace, settings: Settings) -> int:
    """Write cases to a file, or text formats to stdout."""
    from service.items import export_of
    from service.upkeep import open_catalog

    if options.format == "docx" and not options.output:
        raise BadRequest("no_output", "Word 文件要用 --output 写明存到哪里，如 --output 案例.docx")
    body, _, _ = export_of(open_catalog(settings), options.items, options.format, options.title)
    if not options.output:
        print(body.decode().removeprefix("\ufeff"), end="")
        return 0
    try:
        options.output.write_bytes(body)
    except OSError as error:
        raise BadRequest("not_written", f"写不了 {options.output}：{error.strerror or error}") from error
    print(f"已写入 {options.output}", file=sys.stderr)
    return 0


def _print_event(hit: dict[str, Any], first: bool) -> None:
    citation = hit["citation"]
    mark = "  ← 收录中最早" if first else ""
    print(f"{citation['date'] or '未注明日期'}  {citation['item']}{mark}")
    print(f"   {marked(hit['text'], hit['highlights'])}\n   出处：{citation['line']}")
