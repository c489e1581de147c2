"""Files are read by what they are: names that promise another format, Word's odd parts, encodings, mails, layers that lie."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import reportlab
import xlwt
from conftest import DOCUMENTS
from docx import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from old_office import ole_file
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.containers import read_file
from ingest.document import Document, Skipped
from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.docx import read_docx
from ingest.formats.kinds import kind_of
from ingest.formats.plaintext import decode
from ingest.read import read_document

WORDS = "云溪县今年建成示例驿站36个，完成年度任务的92%，惠及群众2.1万人，各镇都有了自己的驿站。"
NOTICE = f"云溪县驿站建设情况\n{WORDS}"
TAIPEI = "臺北市政府公告，請民眾注意天氣變化與防颱準備工作。"
PAGE = f'<html><head><meta charset="utf-8"></head><body><h1>驿站建设情况</h1><p>{WORDS}</p></body></html>'


def texts(read: Extracted) -> list[str]:
    return [paragraph.text for paragraph in read.paragraphs]


def word(*paragraphs: str) -> bytes:
    made, out = WordDocument(), io.BytesIO()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(out)
    return out.getvalue()


def flat(data: bytes) -> bytes:
    """Return a Word file as the one XML text in which Word saves it as XML."""
    parts = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            inner = package.read(name)
            if name.endswith((".xml", ".rels")):
                body = f"<pkg:xmlData>{inner.decode().split('?>', 1)[1]}</pkg:xmlData>"
            else:
                body = f"<pkg:binaryData>{base64.b64encode(inner).decode()}</pkg:binaryData>"
            parts.append(f'<pkg:part pkg:name="/{name}">{body}</pkg:part>')
    space = 'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"'
    return f'<?xml version="1.0"?><pkg:package {space}>{"".join(parts)}</pkg:package>'.encode()


def strict(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as made:
        for name in package.namelist():
            inner = package.read(name)
            for usual in (b"wordprocessingml/2006/main", b"officeDocument/2006/relationships"):
                plain = usual.replace(b"/2006", b"")
                inner = inner.replace(b"http://schemas.openxmlformats.org/" + usual, b"http://purl.oclc.org/ooxml/" + plain)
            made.writestr(name, inner)
    return out.getvalue()


def old_workbook() -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("进度")
    for column, text in enumerate(("县", "完成率", "开工")):
        sheet.write(0, column, text)
    sheet.write_merge(1, 2, 0, 0, "云溪县")
    for row, (share, day) in enumerate(((0.853, 44986), (1, 45031)), 1):
        sheet.write(row, 1, share, xlwt.easyxf(num_format_str="0.0%"))
        sheet.write(row, 2, day, xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"'))
    book.add_sheet("旧").visibility = 1
    book.save(out)
    return out.getvalue()


def saved_mail() -> bytes:
    """Return a mail as Outlook saves it, with an attachment."""
    ticks = int((datetime(2023, 9, 6, 2) - datetime(1601, 1, 1)).total_seconds()) * 10**7
    sent = struct.pack("<IIQ", 0x00390040, 6, ticks)
    names = {
        "__substg1.0_0037001F": "驿站建设情况".encode("utf-16-le"),
        "__substg1.0_1000001F": WORDS.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "云溪县".encode("utf-16-le"),
        "__properties_version1.0": bytes(32) + sent,
    }
    inner = {"__substg1.0_3707001F": "附件.txt".encode("utf-16-le"), "__substg1.0_37010102": NOTICE.encode()}
    return ole_file(names, {"__attach_version1.0_#00000000": inner})


EXCEL_2003 = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表"><Table>'
    '<Row><Cell><Data ss:Type="String">县</Data></Cell><Cell><Data ss:Type="String">驿站</Data></Cell></Row>'
    '<Row><Cell ss:MergeDown="1"><Data ss:Type="String">云溪县</Data></Cell><Cell><Data ss:Type="Number">36</Data></Cell></Row>'
    '<Row><Cell ss:Index="2"><Data ss:Type="Number">28</Data></Cell></Row></Table></Worksheet></Workbook>'
)
WORD_2003 = (
    '<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body>'
    f"<w:p><w:r><w:t>{WORDS}</w:t></w:r></w:p></w:body></w:wordDocument>"
)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.doc", PAGE.encode(), ".html"), ("a.xls", b"\xef\xbb\xbf" + PAGE.encode(), ".html"), ("a.doc", word(WORDS), ".docx"),
        ("a.docm", word(WORDS), ".docm"), ("a.doc", flat(word(WORDS)), ".flatopc"), ("a.doc", WORD_2003.encode(), ".wordml"),
        ("a.xls", EXCEL_2003.encode(), ".spreadsheetml"), ("a.xls", old_workbook(), ".xls"), ("a.doc", old_workbook(), ".xls"),
        ("a.xls", "县,驿站\n云溪县,36\n".encode("gbk"), ".csv"), ("a.docx", NOTICE.encode(), ".txt"),
        ("a.txt", NOTICE.encode(), ".txt"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", ".png"), ("a.zip", word(WORDS), ".docx"), ("a.msg", saved_mail(), ".msg"),
        ("a.txt", "<html><body>".encode("utf-16"), ".html"), ("a.md", b"a < b and <html>", ".md"),
        ("a.txt", "BMI指数怎么算".encode(), ".txt"), ("a.md", b"Files begin with %PDF-1.7", ".md"),
        ("a.md", b"`<pkg:package>`", ".md"),
        ("a.txt", b"To: b@example.com\nMIME-Version: 1.0\n\ntext", ".eml"), ("a.txt", b"BM6\0\0\0\0\0\0\0", ".bmp"),
    ],
)  # fmt: skip
def test_what_a_file_is(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert kind_of(tmp_path / name) == kind


@pytest.mark.parametrize(
    "data", [PAGE.encode(), word(WORDS), strict(word(WORDS)), flat(word(WORDS)), WORD_2003.encode(), WORDS.encode("utf-16")]
)
def test_a_doc_that_is_something_else_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.doc").write_bytes(data)
    text = read_document(tmp_path / "a.doc", "a.doc").text
    assert WORDS in text and "<" not in text


def test_old_tables_are_read_as_they_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(old_workbook())
    (tmp_path / "b.xls").write_bytes(EXCEL_2003.encode())
    (one,) = (document for document in read_file(tmp_path / "a.xls", "a.xls") if isinstance(document, Document))
    assert one.text == "县 | 完成率 | 开工\n云溪县 | 85.3% | 2023年3月1日\n云溪县 | 100.0% | 2023年4月15日"
    assert one.warnings == ("工作表“旧”是隐藏的，没有读",)
    assert read_document(tmp_path / "b.xls", "b.xls").text == "县 | 驿站\n云溪县 | 36\n云溪县 | 28"


def test_a_mail_that_outlook_saved(tmp_path: Path) -> None:
    (tmp_path / "a.msg").write_bytes(saved_mail())
    body, attached = (one for one in read_file(tmp_path / "a.msg", "a.msg") if isinstance(one, Document))
    assert (body.title, body.date, body.text) == ("驿站建设情况", "2023-09-06", WORDS)
    assert (attached.file, attached.text) == ("a.msg/附件.txt", NOTICE)
    page = '<html><head><meta name="知悉范围" content="内部"></head><body></body></html>'.encode("utf-16-le")
    with_page = saved_mail().replace("0C1A001F".encode("utf-16-le"), "1013001F".encode("utf-16-le"))
    sender = "云溪县".encode("utf-16-le")
    (tmp_path / "b.msg").write_bytes(with_page.replace(sender + bytes(len(page) - len(sender)), page))
    assert {one.group for one in read_file(tmp_path / "b.msg", "b.msg") if isinstance(one, Document)} == {"内部"}


def edited(*xml: str) -> bytes:
    """Return a Word file with these paragraphs."""
    made, out = WordDocument(), io.BytesIO()
    for one in xml:
        made.element.body.insert(len(made.element.body) - 1, parse_xml(f"<w:p {nsdecls('w')}>{one}</w:p>"))
    made.save(out)
    return out.getvalue()


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_word_is_read_as_it_is_printed(tmp_path: Path) -> None:
    deleted = "<w:pPr><w:rPr><w:del w:id='1' w:author='a'/></w:rPr></w:pPr>"
    (tmp_path / "a.docx").write_bytes(
        edited(
            run("补助")
            + run("300元", "<w:strike/>")
            + run("450元")
            + run("（未定）", "<w:vanish/>")
            + run("。", '<w:strike w:val="0"/>'),
            deleted + run("新建站点"),
            run("36个，") + "<w:del w:id='2' w:author='a'><w:r><w:delText>99个</w:delText></w:r></w:del>" + run("12个在山区。"),
            run("面积3.6×10")
            + run("4", '<w:vertAlign w:val="superscript"/>')
            + run("亩，CO")
            + run("2", '<w:vertAlign w:val="subscript"/>'),
        )
    )
    assert texts(read_docx(tmp_path / "a.docx")) == ["补助450元。", "新建站点36个，12个在山区。", "面积3.6×10⁴亩，CO2"]


def test_a_part_from_another_file_is_text(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(edited(run("上文。")))) as package, zipfile.ZipFile(out, "w") as made:
        for name in package.namelist():
            data = package.read(name)
            if name == "word/document.xml":
                data = data.replace(b"<w:sectPr", b'<w:altChunk r:id="chunk"/><w:sectPr')
            if name == "word/_rels/document.xml.rels":
                kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
                data = data.replace(b"</Rel", b'<Relationship Id="chunk" Type="' + kind + b'" Target="chunk.html"/></Rel')
            made.writestr(name, data)
        made.writestr("word/chunk.html", PAGE)
    (tmp_path / "a.docx").write_bytes(out.getvalue())
    assert texts(read_docx(tmp_path / "a.docx")) == ["上文。", "驿站建设情况", WORDS]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (WORDS.encode("utf-16-le"), WORDS), (WORDS.encode("utf-16-be"), WORDS), (WORDS.encode("utf-16"), WORDS),
        (WORDS.encode("utf-32"), WORDS), (WORDS.encode("gbk") + b"\x80", WORDS + "€"), (WORDS.encode()[:-1], WORDS[:-1] + "�"),
        (WORDS.encode() + b"\xff\xfe\xfd" + WORDS.encode(), f"{WORDS}�{WORDS}"), (WORDS.encode() + b"\0", WORDS), (b"", ""),
        ("联通".encode("gbk"), "联通"), (TAIPEI.encode("big5"), TAIPEI),
    ],
)  # fmt: skip
def test_text_in_any_encoding(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_what_is_no_text_is_said_to_be_none() -> None:
    with pytest.raises(Unreadable, match="不是文本"):
        decode(bytes(range(256)) * 4)


def mail(plain: str, page: str, *attached: str) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Date"] = "a@example.com", "进度", "Wed, 06 Sep 2023 10:00:00 +0800"
    made.set_content(plain)
    if page:
        made.add_alternative(page, subtype="html")
    for name in attached:
        made.add_attachment(NOTICE.encode(), maintype="text", subtype="plain", filename=name)
    return made.as_bytes()


def test_a_mail_whose_plain_text_only_says_that_there_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail("请用支持 HTML 的程序查看。", PAGE))
    (tmp_path / "b.eml").write_bytes(mail(WORDS, "<p>短</p>"))
    (tmp_path / "c.eml").write_bytes(
        mail("县 36 28", "<table><tr><td>县</td><td>36</td><td>28</td></tr><tr><td>乙</td><td>1</td><td>2</td></tr></table>")
    )
    (one,), (two,), (three,) = (tuple(read_file(tmp_path / name, name)) for name in ("a.eml", "b.eml", "c.eml"))
    assert isinstance(one, Document) and one.text == f"驿站建设情况\n{WORDS}"
    assert isinstance(two, Document) and two.text == WORDS
    assert isinstance(three, Document) and three.text == "县 | 36 | 28\n乙 | 1 | 2"


def test_a_mail_without_a_body_still_has_its_attachments(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail("", "", "一.txt", "二.txt"))
    assert [one.file for one in read_file(tmp_path / "a.eml", "a.eml")] == ["a.eml/一.txt", "a.eml/二.txt"]
    (tmp_path / "b.eml").write_bytes(mail("", ""))
    with pytest.raises(Unreadable, match="没有正文，也没有附件"):
        list(read_file(tmp_path / "b.eml", "b.eml"))


def test_a_pdf_whose_digits_have_no_text_is_recognised(tmp_path: Path) -> None:
    """The font of the digits has no map to Unicode: a text layer would say 建成驿站个."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page, drawn = Canvas(str(tmp_path / "a.pdf"), pagesize=(420, 200)), b""
    lines = (("云溪县建成示例驿站", "36", "个，分布在山区各镇的村口，"), ("完成年度任务的", "92", "%，惠及群众很多人。"))
    glyphs = TTFont("Vera", "Vera.ttf").face.charToGlyph
    for y, (before, number, after) in zip((150, 120), lines, strict=True):
        page.setFont("STSong-Light", 14)
        page.drawString(30, y, before)
        at = 30 + 14 * len(before)
        page.drawString(at + 18, y, after)
        code = "".join(f"{glyphs[ord(digit)]:04x}" for digit in number)
        drawn += f" BT /Digits 14 Tf {at} {y} Td <{code}> Tj ET".encode()
    page.save()
    writer = PdfWriter(clone_from=PdfReader(tmp_path / "a.pdf"))
    content = StreamObject()
    content.set_data(writer.pages[0].get_contents().get_data() + drawn)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    writer.pages[0]["/Resources"]["/Font"].get_object()[NameObject("/Digits")] = font_without_map(writer)
    writer.write(tmp_path / "b.pdf")
    assert "36" not in PdfReader(tmp_path / "b.pdf").pages[0].extract_text()
    read = read_document(tmp_path / "b.pdf", "b.pdf")
    assert "驿站36个" in read.text and "任务的92%" in read.text and read.recognised


@pytest.mark.parametrize("shift", [0, 0x13, 0x29])
def test_a_pdf_whose_map_to_unicode_is_wrong_is_recognised(tmp_path: Path, shift: int) -> None:
    """The map gives other Chinese characters than are printed; with a shift of 0 it is right, and the layer is read."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    page.setFont("STSong-Light", 14)
    for row in range(0, len(WORDS), 20):
        page.drawString(60, 700 - row, WORDS[row : row + 20])
    page.save()
    writer = PdfWriter(clone_from=PdfReader(tmp_path / "a.pdf"))
    ranges = [f"<{high:02x}00> <{high:02x}ff> <{0x4E + (high - 0x4E + shift) % 0x51:02x}00>" for high in range(0x4E, 0x9F)]
    ranges += ["<0000> <00ff> <0000>", "<3000> <30ff> <3000>", "<ff00> <ffff> <ff00>"]
    listed = f"{len(ranges)} beginbfrange\n" + "\n".join(ranges) + "\nendbfrange"
    space = "1 begincodespacerange <0000> <ffff> endcodespacerange"
    stream = StreamObject()
    stream.set_data(f"/CIDInit /ProcSet findresource begin begincmap {space} {listed} endcmap end".encode())
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        if "STSong" in font.get_object()["/BaseFont"]:
            font.get_object()[NameObject("/ToUnicode")] = writer._add_object(stream)
    writer.write(tmp_path / "b.pdf")
    read = read_document(tmp_path / "b.pdf", "b.pdf")
    assert read.text == WORDS and bool(read.recognised) == bool(shift)


def font_without_map(writer: PdfWriter) -> DictionaryObject:
    """Return a font whose codes are the numbers of its glyphs, and of which no one says what they mean."""
    file = StreamObject()
    file.set_data((Path(reportlab.__file__).parent / "fonts" / "Vera.ttf").read_bytes())
    inner = {"/Type": "/Font", "/Subtype": "/CIDFontType2", "/BaseFont": "/Vera", "/CIDToGIDMap": "/Identity"}
    own = DictionaryObject({NameObject(key): NameObject(value) for key, value in inner.items()})
    own[NameObject("/DW")] = NumberObject(636)
    box = ArrayObject([NumberObject(edge) for edge in (-183, -236, 1287, 928)])
    numbers = {"/Flags": 4, "/ItalicAngle": 0, "/Ascent": 928, "/Descent": -236, "/CapHeight": 729, "/StemV": 80}
    descriptor = DictionaryObject({NameObject(key): NumberObject(value) for key, value in numbers.items()})
    descriptor |= {NameObject("/Type"): NameObject("/FontDescriptor"), NameObject("/FontName"): NameObject("/Vera")}
    descriptor |= {NameObject("/FontBBox"): box, NameObject("/FontFile2"): writer._add_object(file)}
    own[NameObject("/FontDescriptor")] = writer._add_object(descriptor)
    system = {"/Registry": TextStringObject("Adobe"), "/Ordering": TextStringObject("Identity"), "/Supplement": NumberObject(0)}
    own[NameObject("/CIDSystemInfo")] = DictionaryObject({NameObject(key): value for key, value in system.items()})
    outer = {"/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": "/Vera", "/Encoding": "/Identity-H"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in outer.items()})
    font[NameObject("/DescendantFonts")] = ArrayObject([writer._add_object(own)])
    return font


def test_words_that_lines_part_with_a_hyphen_are_no_gaps(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = Canvas(str(tmp_path / "a.pdf"), pagesize=(420, 300))
    for row, (text, english) in enumerate(
        [("云溪县与平台公司合作开展", "local pro-"), ("", "duction"), ("进展", "Af-"), ("", "filiate")]
    ):
        page.setFont("STSong-Light", 12)
        page.drawString(30, 250 - 20 * row, text)
        page.setFont("Helvetica", 12)
        page.drawString(30 + 12 * len(text), 250 - 20 * row, english)
    page.save()
    read = read_document(tmp_path / "a.pdf", "a.pdf")
    assert not read.recognised and "\ufffe" not in read.text and "pro-" in read.text


def test_the_sample_corpus_is_read_without_a_word_lost() -> None:
    for path in sorted((DOCUMENTS / "简报").iterdir()):
        assert not [one for one in read_file(path, path.name) if isinstance(one, Skipped)]
