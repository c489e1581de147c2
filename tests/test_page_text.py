"""Running heads and page numbers are left out of pages; what says something once, counts otherwise or is a table stays."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS
from test_office_formats import ofd_page, write_ofd

from ingest.containers import read_file
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.formats.clean import clean_text
from ingest.formats.ofd import read_ofd
from ingest.formats.page_text import Page, assemble
from ingest.formats.reading_order import PageLine
from ingest.formats.word_numbering import picture


def read(*pages: tuple[str, ...]) -> str:
    """Return the text of pages of lines; a line with a bar is a row of a table."""
    made = [Page(tuple(PageLine(text, 50.0 if "|" in text else 74.0, row="|" in text) for text in lines)) for lines in pages]
    return "\n".join(paragraph.text for paragraph in assemble(made).paragraphs)


def test_a_line_that_counts_something_else_on_each_page_is_no_running_head() -> None:
    pages = [(f"第{n}段说的是不同的事。", f"本页小计 | {300 + 7 * n * n} | {64000 + n * 991}", str(n)) for n in range(1, 6)]
    text = read(*pages)
    assert [text.count(f"本页小计 | {300 + 7 * n * n}") for n in range(1, 6)] == [1] * 5
    assert not {*text.split("\n")} & set("12345")


def test_a_table_whose_rows_differ_in_digits_is_read() -> None:
    pages = [tuple(f"{25 * p + n} | 玉米 | {2.1 + n / 10:.1f} | {n * 7 % 5}" for n in range(25)) for p in range(5)]
    assert read(*pages).count("玉米") == 125


def test_what_a_repeated_line_says_stays_where_it_stands_first() -> None:
    pages = [("开票日期 2020年08月05日", "县名 | 面积", f"第{n}段说的是不同的事。", f"示例公报 · {n + 3}") for n in range(1, 6)]
    text = read(*pages)
    assert (text.count("2020年08月05日"), text.count("县名 | 面积"), text.count("公报")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("pages", "kept"),
    [
        ([("统计表。", "35"), ("2024", "人。")], ["35", "2024"]),
        ([("甲。", "8"), ("乙。", "9")], []),
        ([("甲。", "— 3 —"), ("乙。", "— 4 —")], []),
        ([("57", "甲。"), ("61", "乙。"), ("59", "丙。")], []),
        ([("1 | ", "甲。")], ["1 |"]),
    ],
)
def test_a_number_alone_is_left_out_where_it_counts_pages(pages: list[tuple[str, ...]], kept: list[str]) -> None:
    text = read(*pages)
    assert [one for one in ("35", "2024", "1 |", "57", "— 3 —", "8") if one in text] == kept


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("**知悉范围**：内部", "知悉范围：内部"), ("138****5678", "138****5678"),
        ("证号384932********1234", "证号384932********1234"),
        ("见**第三章**和**第四章**。", "见第三章和第四章。"),
    ],
)  # fmt: skip
def test_marks_of_bold_go_and_masked_numbers_stay(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(("number", "shown"), [(31, "2015年7月1日"), (58, "7月1日"), (57, "2015年7月"), (27, "2015年7月")])
def test_days_in_the_formats_of_chinese_excel(tmp_path: Path, number: int, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    book.active.append(["项目", "完成"])
    book.active.append(["示例驿站", 42186])
    with monkeypatch.context() as patched:  # so that openpyxl writes the number of a format that it does not know
        patched.setitem(BUILTIN_FORMATS, number, "示例")
        book.active["B2"].style = "Normal"
        book.active["B2"]._style.numFmtId = number
        out = io.BytesIO()
        book.save(out)
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    (one,) = (document for document in read_file(tmp_path / "a.xlsx", "a.xlsx") if isinstance(document, Document))
    assert f"示例驿站 | {shown}" in one.text


def test_symbols_are_what_they_show() -> None:
    assert [picture(chr(0xF000 + code), font) for code, font in ((0x52, "wingdings 2"), (0x53, "wingdings 2"))] == ["☑", "☒"]
    assert [picture(one, "symbol") for one in "³£±"] == ["≥", "≤", "±"]
    assert (picture("\uf001", "wingdings"), picture("\uf001", "wingdings", "\ufffd")) == ("●", "\ufffd")


def test_ofd_codes_that_mean_nothing_are_told(tmp_path: Path) -> None:
    some, most = (ofd_page([(30, 40, text)]) for text in ("示例\ue101站共有36个", "\ue101\ue102\ue103示例"))
    read = read_ofd(write_ofd(tmp_path / "a.ofd", some))
    assert "有 1 个字没有对应的编码，读不出来" in read.warnings
    with pytest.raises(Unreadable, match="3 个字没有对应的编码.*另存为 PDF"):
        read_ofd(write_ofd(tmp_path / "b.ofd", most))


def test_text_in_shapes_of_a_workbook_is_told(tmp_path: Path) -> None:
    out, book = io.BytesIO(), Workbook()
    book.active.append(["名称", "数量"])
    book.active.append(["示例驿站", 36])
    book.save(out)
    shape = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>示例组织图</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    space = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    space += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/drawings/drawing1.xml", f"<xdr:wsDr {space}>{shape}{shape}</xdr:wsDr>")
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    (one,) = (document for document in read_file(tmp_path / "a.xlsx", "a.xlsx") if isinstance(document, Document))
    assert "2 个图形里的文字没有读（共 10 字）" in one.warnings
