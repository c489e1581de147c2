"""Read sheets of cells (CSV, XLSX): each with its title and its rows, every cell as a person reads it."""

from __future__ import annotations

import csv
import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.formats.plaintext import decode

_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")  # lines as the csv module counts them, unlike str.splitlines
_DIGITS = 15  # digits of a number that a spreadsheet shows; those after them are rounding errors
_OTHERWISE = "请用 Excel/WPS 打开后另存为 .xlsx"

Row = tuple[int, list[str]]  # (row number from 1, cells)


def csv_sheet(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the one sheet of a CSV file, titled as the file; raise Unreadable if it is no text."""
    text = decode(path.read_bytes())
    first = next((line[0] for line in _LINE.finditer(text) if line[0].strip()), "")
    delimiter = max(",;\t", key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
    yield path.stem, _csv_rows(text, delimiter)


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # the module's own is 128 KB
    rows = csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=delimiter)
    try:
        yield from enumerate(rows, 1)
    except csv.Error as error:
        raise Unreadable(f"第 {rows.line_num} 行起不是 CSV（{error}）：{_OTHERWISE}") from error


def xlsx_sheets(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook; raise Unreadable if it is damaged or encrypted."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl, zipfile, zlib and the XML parser each raise their own error for a damaged file
        raise Unreadable(f"内容不是 .xlsx，或已加密、已损坏：{_OTHERWISE}") from error
    try:
        for sheet in book.worksheets:
            yield sheet.title, _xlsx_rows(sheet)
    finally:
        book.close()


def _xlsx_rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # some programs write wrong ones
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [plain(value) for value in row]
    except Exception as error:  # as above, where a sheet is damaged and the workbook is not
        raise Unreadable(f"工作表“{sheet.title}”已损坏：{_OTHERWISE}") from error


def plain(value: Any) -> str:
    """Return the value of a cell, or of a field of JSON, as a person reads it."""
    if value is None or value == {}:
        return ""
    if isinstance(value, list):
        return "\n".join(plain(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    return str(value).removesuffix(" 00:00:00") if isinstance(value, datetime.datetime) else str(value)
