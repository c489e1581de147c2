"""What the formats themselves hide: text boxes and insertions in Word, columns and running heads in PDF."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import Unreadable
from ingest.formats.docx import read_docx
from ingest.formats.pdf import read_pdf
from ingest.formats.plaintext import read_plaintext

WORDS = "某县推广稻渔综合种养两千余亩惠及一千二百余户农户人均增收三千元带动就业五百人"


def test_word_tables_insertions_controls_and_boxes(tmp_path: Path) -> None:
    word = WordDocument()
    word.add_paragraph("第一段。")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["县", "家数", "缙云县", "126"], strict=True):
        cell.text = text
    inserted = f"<w:p {nsdecls('w')}><w:r><w:t>原有</w:t></w:r><w:ins w:id='1'><w:r><w:t>插入的</w:t></w:r></w:ins>"
    inserted += "<w:del w:id='2'><w:r><w:delText>删去的</w:delText></w:r></w:del></w:p>"
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>控件里的。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    box = f"<w:p {nsdecls('w')}><w:r><w:t>外面</w:t></w:r><w:r><w:pict><w:txbxContent>"
    box += "<w:p><w:r><w:t>文本框里的。</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
    for xml in (inserted, control, box):
        word.element.body.insert(len(word.element.body) - 1, parse_xml(xml))
    path = tmp_path / "word.docx"
    word.save(str(path))
    texts = [paragraph.text for paragraph in read_docx(path).paragraphs]
    assert texts == ["第一段。", "县 | 家数", "缙云县 | 126", "原有插入的", "控件里的。", "外面", "文本框里的。"]


def canvas(path: Path) -> Canvas:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = Canvas(str(path), pagesize=(600, 400))
    made.setFont("STSong-Light", 12)
    return made


def test_columns_of_a_page_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "columns.pdf"
    page = canvas(path)
    for column, left in enumerate((50, 320)):
        for line in range(6):
            page.drawString(left + (24 if line in (0, 3) else 0), 340 - 20 * line, WORDS[: 16 if line in (0, 3) else 18])
        page.drawString(left, 340 - 20 * 6, f"第{column}栏完。")
    page.save()
    texts = [paragraph.text for paragraph in read_pdf(path).paragraphs]
    first, second = WORDS[:16] + WORDS[:18] * 2, WORDS[:16] + WORDS[:18] * 2
    assert texts == [first, second + "第0栏完。", first, second + "第1栏完。"]


def test_running_heads_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "heads.pdf"
    pages = canvas(path)
    for number in range(1, 5):
        pages.setFont("STSong-Light", 12)
        pages.drawString(50, 380, f"示例公报 2024年第{number}号")
        pages.drawString(74, 320, f"第{'一二三四'[number - 1]}段是正文，说的是不同的事情，")
        pages.drawString(50, 300, f"共有{number}句话。")
        pages.drawString(280, 20, f"— {number} —")
        pages.showPage()
    pages.save()
    original = read_pdf(path)
    assert [paragraph.page for paragraph in original.paragraphs] == [1, 2, 3, 4]
    assert all("公报" not in p.text and "—" not in p.text for p in original.paragraphs)


def test_wrapped_text_is_joined(tmp_path: Path) -> None:
    lines = [f"　　{WORDS[:20]}", WORDS[:22], WORDS[:22], f"{WORDS[:9]}。"] * 3
    path = tmp_path / "wrapped.txt"
    path.write_text("\r\n".join(lines), encoding="utf-16")
    texts = [paragraph.text for paragraph in read_plaintext(path).paragraphs]
    assert texts == [WORDS[:20] + WORDS[:22] * 2 + WORDS[:9] + "。"] * 3


def test_a_picture_only_document_says_so(tmp_path: Path) -> None:
    out = io.BytesIO()
    WordDocument().save(out)
    (tmp_path / "empty.docx").write_bytes(out.getvalue())
    with pytest.raises(Unreadable, match="没有文字"):
        read_docx(tmp_path / "empty.docx")
