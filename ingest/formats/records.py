"""Read tables and corpora (CSV, JSONL, XLSX): one record for each row that has a text, or the whole table as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

from ingest.access.words import is_heading
from ingest.errors import Unreadable
from ingest.extracted import Extracted, Paragraph
from ingest.facts.dates import find_date
from ingest.formats.clean import clean_text
from ingest.formats.looks import HAN
from ingest.formats.marks import Marks, marks_of
from ingest.formats.plaintext import json_lines
from ingest.formats.sheets import Row, Sheet, plain, sheets_of
from ingest.formats.tables import table_row

_FIELDS = {  # field → names of its column; if several columns match, the name listed first wins
    "title": ("title", "标题", "题目", "名称", "主题"),
    "text": ("text", "content", "body", "正文", "内容", "全文"),
    "date": ("date", "time", "日期", "发布日期", "发布时间", "时间"),
    "source": ("source", "来源", "媒体", "单位"),
    "reporter": ("author", "reporter", "作者", "记者"),
    "url": ("url", "link", "网址", "链接"),
    "id": ("_id", "id", "编号", "序号"),
}  # a Chinese name also matches the end of a longer one: 信息正文
_NAMED_LINES = 5  # skipped lines that a warning names, so that it stays one line


@dataclass(frozen=True, slots=True)
class Record:
    """One text of a file with many; its name is unique in the file."""

    name: str
    extracted: Extracted


def begins_records(cells: tuple[str, ...]) -> bool:
    """Tell whether a row of a table is the heading row of records: one of its columns has texts."""
    return "text" in _columns(cells)


def read_records(path: Path, kind: str, marks: Marks | None = None) -> Iterator[Record]:
    """Yield the records of a CSV, JSONL or Excel file, as its kind (.xlsx) says; raise Unreadable if there are none.

    `marks`: which access groups the file states where; None: they are looked for.
    """
    marks = marks_of(path, kind, begins_records) if marks is None else marks
    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    lines = kind in (".jsonl", ".ndjson")
    sheets = () if lines else sheets_of(path, kind)
    found = _json_records(path, marks) if lines else chain.from_iterable(_sheet_records(sheet, marks) for sheet in sheets)
    seen: set[str] = set()
    for row, record in found:
        name = record.name
        while name in seen:
            name = f"{name}-{row}"
        seen.add(name)
        yield replace(record, name=name)
    if not seen:
        raise Unreadable(f"没有一行有正文：正文那一列的名称要是 {'、'.join(_FIELDS['text'])} 之一")


def _json_records(path: Path, marks: Marks) -> Iterator[tuple[int, Record]]:
    """Yield the record of each line; the last one comes at the end, with a warning about the lines that are not JSON."""
    last: tuple[int, Record] | None = None
    good = False
    bad: list[int] = []
    for number, fields in json_lines(path):
        if fields is None:
            bad.append(number)
            continue
        good = True
        if record := _record(number, tuple(fields), [plain(value) for value in fields.values()]):
            if last:
                yield last
            last = number, _with(record, groups=marks.of("", number))
    if bad and not good:
        raise Unreadable(f"第 {_listed(bad)} 行不是 JSON：每行要是一个完整的 JSON 对象")
    if last:
        warnings = (f"第 {_listed(bad)} 行不是 JSON，已跳过",) if bad else ()
        yield last[0], _with(last[1], warnings=warnings)


def _sheet_records(sheet: Sheet, marks: Marks) -> Iterator[tuple[int, Record]]:
    """Yield the records of a sheet, the first with what of the sheet is not read, or says nothing of its access group."""
    carried = sorted(set(marks.tables[sheet.title].carried)) if sheet.title in marks.tables else []
    told = (f"第 {_listed(carried)} 行没有写知悉范围，按上面一行的算：公开的请写“公开”",) if carried else ()
    for number, (row, record) in enumerate(_records_of(sheet.title, sheet.rows)):
        warnings = () if number else (*sheet.warnings, *told)
        yield row or 1, _with(record, warnings=warnings, groups=marks.of(sheet.title, row))


def _with(record: Record, **more: Any) -> Record:
    return replace(record, extracted=replace(record.extracted, **more))


def _records_of(title: str, rows: Iterator[Row]) -> Iterator[tuple[int, Record]]:
    """Yield the records below the heading row of a table, or as row 0 the whole table if no column has texts."""
    above: list[Row] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if begins_records(tuple(cells)):
            names = tuple(accumulate(cells, _or_left))  # a merged cell is the heading of several columns
            found = ((number, _record(number, names, cells)) for number, cells in rows)
            yield from ((number, record) for number, record in found if record)
            return
        above.append((number, cells))
        if sum(bool(cell.strip()) for cell in cells) > 1:  # a single cell is a title above the heading row
            break
    paragraphs = tuple(paragraph for _, cells in chain(above, rows) for paragraph in table_row(cells))
    if paragraphs:
        yield 0, Record(title, Extracted(paragraphs, clean_text(title)))


def _record(number: int, names: tuple[str, ...], cells: Sequence[str]) -> Record | None:
    """Return the record of a row, None if it has no text; other columns are added at the end of the text.

    A column whose name and value are not Chinese is none of it: hits, is_summary.
    """
    columns = _columns(names)
    own = {field: cells[index].strip() for field, index in columns.items() if index < len(cells)}
    text = _paragraphs(own.get("text", "").splitlines())
    if not text:
        return None
    date = find_date(own.get("date", ""))
    taken = {index for field, index in columns.items() if date or field != "date"}
    taken |= {index for index, name in enumerate(names) if is_heading(name)}
    more = [
        f"{name}：{value}" if (name := names[min(index, len(names) - 1)].strip()) else value
        for index, cell in enumerate(cells)
        if index not in taken and (value := " ".join(cell.split())) and HAN.search(names[min(index, len(names) - 1)] + value)
    ]  # fmt: skip
    title, source, reporter = (clean_text(" ".join(own.get(field, "").split())) for field in ("title", "source", "reporter"))
    extracted = Extracted(
        (*text, *_paragraphs(more)),
        title,
        date,
        source,
        reporter,
        own.get("url", ""),
    )
    return Record(own.get("id") or str(number), extracted)


@lru_cache(maxsize=64)
def _columns(names: tuple[str, ...]) -> dict[str, int]:
    """Return the index of each field's column."""
    plain = ["".join(name.split()).lower() for name in names]
    columns: dict[str, int] = {}
    for field, aliases in _FIELDS.items():
        found = next((plain.index(name) for name in aliases if name in plain), None)
        if found is None:  # 信息正文, 报送日期
            ends = [index for name in aliases if not name.isascii() for index, own in enumerate(plain) if own.endswith(name)]
            found = next((index for index in ends if index not in columns.values()), None)
        if found is not None:
            columns[field] = found
    return columns


def _or_left(left: str, own: str) -> str:
    return own or left


def _paragraphs(lines: Iterable[str]) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(clean) for line in lines if (clean := clean_text(line)))


def _listed(numbers: Sequence[int]) -> str:
    named = "、".join(map(str, numbers[:_NAMED_LINES]))
    return named if len(numbers) <= _NAMED_LINES else f"{named} 等 {len(numbers)}"
