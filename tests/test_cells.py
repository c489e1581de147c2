"""Tables of every format: merged cells, headings of two rows, and cells as a person sees them."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import openpyxl
import pytest
from docx import Document as WordDocument
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import SimpleDocTemplate, Table

from ingest.extracted import Extracted
from ingest.formats.docx import read_docx
from ingest.formats.number_formats import shown
from ingest.formats.pdf import read_pdf
from ingest.formats.records import read_records
from ingest.formats.slides import read_slides
from ingest.formats.tables import Cell, table_rows
from ingest.formats.webpage import read_webpage, whole_page

ROWS = [
    ["县区", "2022年", "", "2023年", ""],
    ["", "计划", "完成", "计划", "完成"],
    ["云溪县", "100", "92", "130", "141"],
    ["", "10", "9", "13", "14"],
    ["苍岭县", "80", "81", "95", "60"],
]
MERGED = [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4), (2, 0, 3, 0)]  # first row and column, last row and column
RIGHT = [
    "县区 | 2022年 计划 | 2022年 完成 | 2023年 计划 | 2023年 完成",
    "云溪县 | 100 | 92 | 130 | 141",
    "云溪县 | 10 | 9 | 13 | 14",
    "苍岭县 | 80 | 81 | 95 | 60",
]


def rows_of(read: Extracted) -> list[str]:
    return [paragraph.text for paragraph in read.paragraphs if paragraph.form == "row"]


def markup() -> str:
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in MERGED}
    covered = {
        (row, column)
        for top, left, bottom, right in MERGED
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - spans.keys()
    lines = []
    for number, row in enumerate(ROWS):
        cells = (
            (spans.get((number, column), (1, 1)), text) for column, text in enumerate(row) if (number, column) not in covered
        )
        lines.append("".join(f'<td rowspan="{down}" colspan="{across}">{text}</td>' for (down, across), text in cells))
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def test_a_web_page(tmp_path: Path) -> None:
    prose = "<p>全市养老床位建设情况如下，请各县对照检查，进度慢的要说明原因，按时报送整改情况。</p>"
    (tmp_path / "a.html").write_text(f"<html><body><h1>床位</h1>{prose}{markup()}{prose}</body></html>")
    assert rows_of(read_webpage(tmp_path / "a.html")) == RIGHT
    assert [paragraph.text for paragraph in whole_page(markup())] == RIGHT


def test_a_word_file(tmp_path: Path) -> None:
    word = WordDocument()
    table = word.add_table(len(ROWS), 5)
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    for top, left, bottom, right in MERGED:
        text = table.cell(top, left).text
        table.cell(top, left).merge(table.cell(bottom, right)).text = text
    word.save(str(tmp_path / "a.docx"))
    assert rows_of(read_docx(tmp_path / "a.docx")) == RIGHT


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append([int(text) if text.isdigit() else text for text in row])
    for top, left, bottom, right in MERGED:
        book.active.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    book.save(tmp_path / "a.xlsx")
    (record,) = read_records(tmp_path / "a.xlsx", ".xlsx")
    assert rows_of(record.extracted) == RIGHT


def test_a_slide(tmp_path: Path) -> None:
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    slide.shapes.title.text = "床位建设"
    table = slide.shapes.add_table(len(ROWS), 5, Inches(1), Inches(2), Inches(6), Inches(3)).table
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    for top, left, bottom, right in MERGED:
        table.cell(top, left).merge(table.cell(bottom, right))
    slide.notes_slide.notes_text_frame.text = "讲到这里停一下。"
    slides.save(str(tmp_path / "a.pptx"))
    read = read_slides(tmp_path / "a.pptx")
    assert [p.text for p in read.paragraphs if p.form != "row"] == ["床位建设", "备注：讲到这里停一下。"]
    assert rows_of(read) == RIGHT


@pytest.mark.parametrize("boxed", [True, False], ids=["boxes", "lines"])
def test_a_ruled_table_of_a_pdf(tmp_path: Path, boxed: bool) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = [("FONT", (0, 0), (-1, -1), "STSong-Light"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    spans = [("SPAN", (left, top), (right, bottom)) for top, left, bottom, right in MERGED]
    inner = "GRID" if boxed else "INNERGRID"
    grid = [(inner, (0, 0), (-1, -1), 0.5, colors.black), ("BOX", (0, 0), (-1, -1), 1, colors.black)]
    table = Table(ROWS, colWidths=[80] * 5, style=[*style, *grid, *spans])
    SimpleDocTemplate(str(tmp_path / "a.pdf"), pagesize=A4).build([table])
    assert rows_of(read_pdf(tmp_path / "a.pdf")) == RIGHT


def test_cells_of_several_lines_are_whole(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = [["任务", "时限"], ["改造渔港两座，\n配套建设冷链", "2023年\n10月"], ["提升民宿", "2023年11月"]]
    style = [("FONT", (0, 0), (-1, -1), "STSong-Light"), ("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
    SimpleDocTemplate(str(tmp_path / "a.pdf"), pagesize=A4).build([Table(rows, colWidths=[120, 90], style=style)])
    assert rows_of(read_pdf(tmp_path / "a.pdf")) == [
        "任务 | 时限", "改造渔港两座，配套建设冷链 | 2023年10月", "提升民宿 | 2023年11月",
    ]  # fmt: skip


def test_a_form_has_no_headings_of_two_rows() -> None:
    form = [[Cell("项目"), Cell("渔港改造", columns=3)], [Cell("负责人"), Cell("王示例"), Cell("电话"), Cell("123")]]
    assert [cells for _, cells in table_rows(form)] == [["项目", "渔港改造", "", ""], ["负责人", "王示例", "电话", "123"]]


def test_a_merge_that_leads_out_of_the_table_ends_with_it() -> None:
    table = [[Cell("县", rows=900), Cell("户数")], [Cell("3")]]
    assert [cells for _, cells in table_rows(table)] == [["县", "户数"], ["县", "3"]]


DAY = datetime.datetime(2023, 3, 1, 9, 5)


@pytest.mark.parametrize(
    ("value", "form", "seen"),
    [
        (0.853, "0.0%", "85.3%"), (1, "0%", "100%"), (0.07000000000000001, "0.00%", "7.00%"), (-0.25, "0.0%", "-25.0%"),
        (7, "000", "007"), (3, '"第"0"号"', "第3号"), (12345.5, "#,##0.00", "12,345.50"), (5, '0"万元"', "5万元"),
        (12345678, '0.00,,"百万"', "12.35百万"), (1234567, '0.0,"千元"', "1234.6千元"), (1200, "[$¥-804]#,##0", "¥1,200"),
        (-5, "0.00;(0.00)", "(5.00)"), (0, '0;-0;"—"', "—"), (12.5, "#.##", "12.5"), (0.1 + 0.2, "General", "0.3"),
        (5000, '[>=10000]0.0,"万";0', "5000"), (12345, '0!.0,"万"', "12345"), (85548213, "0000-0000", "85548213"),
        (57100001111, "0", "57100001111"), (0.5, "# ?/?", "0.5"), (2, "@", "2"),
        (DAY, 'yyyy"年"m"月"d"日"', "2023年3月1日"), (DAY, '[$-804]yyyy"年"m"月";@', "2023年3月"),
        (DAY, "mm-dd-yy", "2023/3/1"),
        (DAY, "h:mm:ss", "9:05:00"), (DAY, "yyyy-mm-dd", "2023-03-01"), (datetime.time(14, 30), "h:mm", "14:30"),
        (DAY.replace(hour=0, minute=0), "General", "2023-03-01"), (DAY, "[$-F800]dddd, mmmm dd, yyyy", "2023年3月1日"),
    ],
)  # fmt: skip
def test_a_cell_as_a_person_sees_it(value: float | datetime.datetime, form: str, seen: str) -> None:
    assert shown(value, form) == seen


def test_what_of_a_workbook_is_not_seen_is_told_and_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["县", "户数", "内部"], ["云溪县", 12, "密"], ["旧县", 99, "密"], ["合计", "=SUM(B2:B3)", ""]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.create_sheet("旧数据").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    (record,) = read_records(tmp_path / "a.xlsx", ".xlsx")
    assert rows_of(record.extracted) == ["县 | 户数", "云溪县 | 12", "合计"]
    assert record.extracted.warnings == (
        "工作表“旧数据”是隐藏的，没有读",
        "有 1 行、1 列是隐藏的，没有读",
        "有 1 个公式没有存下结果（B4）：请用 Excel/WPS 打开后保存一次",
    )
