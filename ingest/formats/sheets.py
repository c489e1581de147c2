"""Read sheets of cells (CSV, XLSX, XLSM, XLSB, XLS): each with its title and rows, every cell as a person sees it.

Hidden rows, columns and sheets are not read, which the sheet says; so are formulas whose value the file does not hold.
"""

from __future__ import annotations

import csv
import datetime
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import IO, Any

from ingest.errors import Unreadable
from ingest.formats.number_formats import CHINESE, plain_number, shown
from ingest.formats.plaintext import decode
from ingest.formats.tables import Cell, table_rows

_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")  # lines as the csv module counts them, unlike str.splitlines
_OTHERWISE = "请用 Excel/WPS 打开后另存为 .xlsx"
_NAMED = 5  # cells that a warning names
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Row = tuple[int, list[str]]  # (row number from 1, cells)
Area = tuple[int, int, int, int]  # first and last row, first and last column of a merged cell, from 1


@dataclass(slots=True)
class Sheet:
    """A sheet that a person sees: its rows, and what is not read of it and of the sheets before it."""

    title: str
    rows: Iterator[Row]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Shape:
    """What of a sheet is hidden or merged, and the cells whose formula has no value."""

    rows: set[int] = field(default_factory=set)  # hidden
    columns: set[int] = field(default_factory=set)  # hidden
    merged: list[Area] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def warnings(self) -> tuple[str, ...]:
        """Return what of the sheet is not read."""
        hidden = [f"{len(some)} {name}" for some, name in ((self.rows, "行"), (self.columns, "列")) if some]
        named = "、".join(self.missing[:_NAMED]) + ("等" if len(self.missing) > _NAMED else "")
        told = [f"有 {'、'.join(hidden)}是隐藏的，没有读"] if hidden else []
        if self.missing:
            told.append(f"有 {len(self.missing)} 个公式没有存下结果（{named}）：请用 Excel/WPS 打开后保存一次")
        return tuple(told)


def sheets_of(path: Path, kind: str) -> Iterator[Sheet]:
    """Yield the visible sheets of a CSV file or a workbook, as its kind (.xlsx) says; raise Unreadable if it is damaged."""
    hidden: list[str] = []
    seen = False
    for sheet in _READERS[kind](path):
        if isinstance(sheet, str):
            hidden.append(f"工作表“{sheet}”是隐藏的，没有读")
            continue
        seen = True
        yield replace(sheet, warnings=(*hidden, *sheet.warnings))
        hidden = []
    if not seen:
        raise Unreadable("工作表都是隐藏的，或一张也没有：请在 Excel/WPS 里取消隐藏后保存")


def _csv_sheet(path: Path) -> Iterator[Sheet | str]:
    text = decode(path.read_bytes())
    yield Sheet(path.stem, csv_rows(text, delimiter_of(text)))


def delimiter_of(text: str) -> str:
    """Return what stands between the cells of a CSV file, as its first line tells."""
    first = next((line[0] for line in _LINE.finditer(text) if line[0].strip()), "")
    return max(",;\t", key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows of a CSV file; raise Unreadable where it is none."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # the module's own is 128 KB
    rows = csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=delimiter)
    try:
        yield from enumerate(rows, 1)
    except csv.Error as error:
        raise Unreadable(f"第 {rows.line_num} 行起不是 CSV（{error}）：{_OTHERWISE}") from error


def _xlsx_sheets(path: Path) -> Iterator[Sheet | str]:
    """Yield the sheets of a workbook; of one that is hidden only the title, before the others."""
    from openpyxl import load_workbook

    try:
        book, drawn = load_workbook(path, read_only=True, data_only=True), _drawn(path)
    except Exception as error:  # openpyxl, zipfile, zlib and the XML parser each raise their own error for a damaged file
        raise Unreadable(f"内容不是 .xlsx，或已加密、已损坏：{_OTHERWISE}") from error
    try:
        for sheet in sorted(book.worksheets, key=lambda one: one.sheet_state == "visible"):
            if sheet.sheet_state != "visible":
                yield sheet.title
                continue
            try:
                with sheet._get_source() as source:  # openpyxl reads what is hidden and merged only with all cells in memory
                    shape = _xlsx_shape(source)
            except Exception as error:  # as above, where a sheet is damaged and the workbook is not
                raise Unreadable(f"工作表“{sheet.title}”已损坏：{_OTHERWISE}") from error
            yield Sheet(sheet.title, merged_rows(_xlsx_rows(sheet), shape), (*drawn, *shape.warnings()))
            drawn = ()
    finally:
        book.close()


def _drawn(path: Path) -> tuple[str, ...]:
    """Return a warning if a workbook has shapes with text, which no cell holds."""
    from lxml.etree import iterparse

    shapes = letters = 0
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if re.fullmatch(r"xl/drawings/[^/]+\.xml", name):
                with package.open(name) as part:
                    for _, element in iterparse(part, tag="{*}sp", resolve_entities=False, huge_tree=True):
                        said = len("".join(text.text or "" for text in element.iter("{*}t")).strip())
                        shapes, letters = shapes + bool(said), letters + said
                        element.clear()
    return (f"{shapes} 个图形里的文字没有读（共 {letters} 字）",) if shapes else ()


def _xlsx_shape(source: IO[bytes]) -> Shape:
    from lxml.etree import iterparse
    from openpyxl.utils import range_boundaries

    shape = Shape()
    tags = [f"{_MAIN}{name}" for name in ("row", "c", "col", "mergeCell")]
    for _, element in iterparse(source, tag=tags, resolve_entities=False, huge_tree=True):
        kind = element.tag.removeprefix(_MAIN)
        if kind == "c":
            value = element.find(f"{_MAIN}v")
            if element.find(f"{_MAIN}f") is not None and (value is None or not value.text):
                shape.missing.append(element.get("r") or "")
            continue
        is_hidden = element.get("hidden") in ("1", "true")
        if kind == "row" and is_hidden and element.get("r"):
            shape.rows.add(int(element.get("r")))
        elif kind == "col" and is_hidden:
            shape.columns.update(range(int(element.get("min")), min(int(element.get("max")), 16_384) + 1))
        elif kind == "mergeCell":
            left, top, right, bottom = range_boundaries(element.get("ref"))
            shape.merged.append((top, bottom, left, right))
        element.clear()
    return shape


def xlsx_tables(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield title and rows of every sheet of a workbook (.xlsx), also of what is hidden."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        yield from ((sheet.title, _xlsx_rows(sheet)) for sheet in book.worksheets)
    finally:
        book.close()


def formulas_without_value(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield sheet, row and column of each formula of a workbook (.xlsx) whose value the file does not hold."""
    from openpyxl import load_workbook
    from openpyxl.utils.cell import coordinate_to_tuple

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            with sheet._get_source() as source:
                yield from ((sheet.title, *coordinate_to_tuple(cell)) for cell in _xlsx_shape(source).missing if cell)
    finally:
        book.close()


def _xlsx_rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # some programs write wrong ones
    try:
        for number, row in enumerate(sheet.iter_rows(), 1):
            yield number, [_xlsx_cell(cell) for cell in row]
    except Exception as error:  # as above
        raise Unreadable(f"工作表“{sheet.title}”已损坏：{_OTHERWISE}") from error


def _xlsx_cell(cell: Any) -> str:
    """Return a cell as a person sees it; openpyxl does not know the formats that Chinese Excel has built in."""
    from openpyxl.utils.datetime import from_excel

    value, form = cell.value, getattr(cell, "number_format", "")
    known = CHINESE.get(cell.style_array.numFmtId) if isinstance(value, int | float) and form == "General" else None
    if known and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            return _shown(from_excel(value, cell.parent.parent.epoch), known)
    return _shown(value, form)


def _xls_sheets(path: Path) -> Iterator[Sheet | str]:
    """Yield the sheets of an old workbook, whose formats and merged cells xlrd knows."""
    import xlrd

    try:
        book = xlrd.open_workbook(str(path), formatting_info=True, on_demand=True, logfile=StringIO())
    except Exception as error:  # xlrd raises anything on a damaged file
        raise Unreadable(f"内容不是 .xls，或已加密、已损坏：{_OTHERWISE}") from error
    hidden = book._sheet_visibility  # type: ignore[attr-defined]  # a sheet tells it only once all of its cells are read
    yield from (name for name, unseen in zip(book.sheet_names(), hidden, strict=True) if unseen)
    for number in (number for number in range(book.nsheets) if not hidden[number]):
        sheet = book.sheet_by_index(number)
        shape = Shape(
            {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden},
            {column + 1 for column, info in sheet.colinfo_map.items() if info.hidden},
            [(top + 1, bottom, left + 1, right) for top, bottom, left, right in sheet.merged_cells],
        )
        yield Sheet(sheet.name, merged_rows(_xls_rows(book, sheet), shape), shape.warnings())
        book.unload_sheet(number)


def _xls_rows(book: Any, sheet: Any) -> Iterator[Row]:
    for number in range(sheet.nrows):
        yield number + 1, [_xls_cell(book, cell) for cell in sheet.row(number)]


def _xls_cell(book: Any, cell: Any) -> str:
    import xlrd

    form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str if cell.xf_index is not None else ""
    if cell.ctype == xlrd.XL_CELL_DATE:
        form = form or CHINESE.get(book.xf_list[cell.xf_index].format_key, "")
        try:
            return _shown(xlrd.xldate_as_datetime(cell.value, book.datemode), form)
        except (ValueError, OverflowError):
            return plain_number(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, ""))
    return _shown(bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value, form)


def _xlsb_sheets(path: Path) -> Iterator[Sheet | str]:
    """Yield the sheets of a binary workbook; its number formats are not known."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(path)
        for meta in book.sheets_metadata:
            if meta.visible != SheetVisibleEnum.Visible:
                yield meta.name
            elif meta.typ == SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(meta.name)
                shape = Shape(merged=[(a[0] + 1, b[0] + 1, a[1] + 1, b[1] + 1) for a, b in sheet.merged_cell_ranges or ()])
                values = sheet.to_python(skip_empty_area=False)  # so that rows have their own numbers, as for the marks
                rows = ((number, [plain(value) for value in row]) for number, row in enumerate(values, 1))
                yield Sheet(meta.name, merged_rows(rows, shape), ("数字按原样读，没有百分号等格式",))
    except Unreadable:
        raise
    except BaseException as error:  # calamine raises errors of its own, and panics, on damaged files
        if not is_damage(error):
            raise
        raise Unreadable(f"内容不是 .xlsb，或已加密、已损坏：{_OTHERWISE}") from error


def is_damage(error: BaseException) -> bool:
    """Tell whether an error is one of reading: a panic of calamine, which is written in Rust, is no Exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def merged_rows(rows: Iterator[Row], shape: Shape) -> Iterator[Row]:
    """Yield the rows that are not hidden, merged cells in each row that they cover; heading rows are one."""
    numbers: list[int] = []
    for at, cells in table_rows(_cells(rows, shape, numbers)):
        yield numbers[at], cells


def _cells(rows: Iterator[Row], shape: Shape, numbers: list[int]) -> Iterator[Sequence[Cell]]:
    """Yield the cells of each row that is not hidden, and note its number."""
    waiting, open_ = sorted(shape.merged, reverse=True), list[Area]()
    for number, texts in rows:
        while waiting and waiting[-1][0] <= number:
            open_.append(waiting.pop())
        open_ = [area for area in open_ if area[1] >= number]
        if number in shape.rows:
            continue
        numbers.append(number)
        cells = []
        for column, text in enumerate(texts, 1):
            area = next((one for one in open_ if one[2] <= column <= one[3]), (number, number, column, column))
            if column not in shape.columns and (number, column) == (area[0], area[2]):
                cells.append(Cell(text, _seen(area[0], area[1], shape.rows), _seen(area[2], area[3], shape.columns)))
        yield cells


def _seen(first: int, last: int, hidden: set[int]) -> int:
    return sum(number not in hidden for number in range(first, min(last, first + 100_000) + 1)) if hidden else last - first + 1


def _shown(value: Any, form: str) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | datetime.date | datetime.time):
        return shown(value, form or "General")
    return plain(value)


def plain(value: Any) -> str:
    """Return a value without a format, such as that of a field of JSON, as a person reads it."""
    if value is None or value == {}:
        return ""
    if isinstance(value, list):
        return "\n".join(plain(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return plain_number(value)
    return str(value).removesuffix(" 00:00:00") if isinstance(value, datetime.datetime) else str(value)


_READERS: dict[str, Callable[[Path], Iterator[Sheet | str]]] = {
    ".csv": _csv_sheet,
    **dict.fromkeys((".xlsx", ".xlsm"), _xlsx_sheets),
    **dict.fromkeys((".xls", ".et"), _xls_sheets),
    ".xlsb": _xlsb_sheets,
}
