"""What a PDF says of itself is used where its text says nothing: title, day, bookmarks; passwords, forms and notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import Unreadable
from ingest.formats.information import day_of, usable_title
from ingest.formats.pdf import read_pdf
from ingest.read import read_document

PROSE = "云溪县今年建成示例驿站，分布在山区各镇的村口，惠及群众很多人，各镇都有了自己的驿站，群众都说好，办事不出镇。"
NO_TITLES = ["Microsoft Word - 文档1", "文档1", "通知.doc", "untitled", "无标题", "", "Report", "一", "WPS 演示", "新建 文本"]


@pytest.mark.parametrize("title", NO_TITLES)
def test_what_programs_put_in_place_of_a_title_is_none(title: str) -> None:
    assert usable_title(title) == ""


def test_days_as_files_write_them() -> None:
    days = ["D:20240305101500+08'00'", "2024-03-05T10:15:00", "20240305", "D:2024", "今天", "", "D:20241305", "202403051"]
    assert [day_of(text) for text in days] == ["2024-03-05"] * 3 + [""] * 4 + ["2024-03-05"]


def pages(path: Path, *lines: str, size: int = 12) -> PdfWriter:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = Canvas(str(path), pagesize=(595, 842))
    page.setFont("STSong-Light", size)
    for row, line in enumerate(lines):
        page.drawString(60, 760 - 24 * row, line)
    page.save()
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.metadata = None
    return writer


def xmp(title: str, made: str) -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f'<xmp:CreateDate>{made}</xmp:CreateDate></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


@pytest.mark.parametrize("newer", [False, True])
def test_a_text_without_title_and_day_has_the_title_of_its_file_and_the_day_is_told(tmp_path: Path, newer: bool) -> None:
    writer = pages(tmp_path / "a.pdf", PROSE[:40], PROSE[40:])
    if newer:
        stated = StreamObject()
        stated.set_data(xmp("山区驿站建设的做法", "2024-03-05T10:00:00+08:00"))
        stated |= {NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")}
        writer.root_object[NameObject("/Metadata")] = writer._add_object(stated)
    else:
        writer.add_metadata({"/Title": "山区驿站建设的做法", "/CreationDate": "D:20240305100000+08'00'"})
    writer.write(tmp_path / "b.pdf")
    read = read_document(tmp_path / "b.pdf", "b.pdf")
    assert (read.title, read.date) == ("山区驿站建设的做法", "")
    assert read.warnings[-1] == "没有找到日期；文件信息里的创建日期是 2024-03-05，可能不是成文日期，没有采用"
    assert "没有找到标题，以文件信息里的标题代替" in read.warnings


def test_what_the_text_says_comes_first(tmp_path: Path) -> None:
    head = "清屏市示例局关于驿站建设的通知"
    writer = pages(tmp_path / "a.pdf", head, "清示发〔2023〕33号", PROSE[:40], PROSE[40:], "清屏市示例局", "2023年9月6日")
    writer.add_metadata({"/Title": "别的标题在文件信息里", "/CreationDate": "D:20240305100000"})
    writer.write(tmp_path / "b.pdf")
    read = read_document(tmp_path / "b.pdf", "b.pdf")
    assert (read.title, read.date) == (head, "2023-09-06")


def test_bookmarks_are_headings(tmp_path: Path) -> None:
    writer = pages(tmp_path / "a.pdf", "驿站建设的做法", "选址", PROSE[:40], PROSE[40:], "管理", PROSE[:40], PROSE[40:])
    for title in ("选 址", "管理", "没有的一节"):
        writer.add_outline_item(title, 0)
    writer.write(tmp_path / "b.pdf")
    forms = {one.text: one.form for one in read_pdf(tmp_path / "b.pdf").paragraphs}
    assert {text for text, form in forms.items() if form == "heading"} == {"选址", "管理"}


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_passwords(tmp_path: Path, algorithm: str) -> None:
    """A file that only forbids changes is read as any other, also its attachments; one that asks for a password is told."""
    for name, asked in (("free.pdf", ""), ("closed.pdf", "geheim")):
        writer = pages(tmp_path / "a.pdf", PROSE[:40], PROSE[40:])
        writer.add_attachment("名单.txt", b"a")
        writer.encrypt(asked, "owner", algorithm=algorithm)
        writer.write(tmp_path / name)
    read = read_pdf(tmp_path / "free.pdf")
    assert read.paragraphs[0].text.startswith(PROSE[:40]) and "有 1 个附件没有读（名单.txt）" in read.warnings[0]
    with pytest.raises(Unreadable, match="已加密，需要密码"):
        read_pdf(tmp_path / "closed.pdf")
