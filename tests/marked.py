"""Files that state an access group, in every form that was thought of: for tests of who sees their text and their original."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docx import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from old_office import OWN_PROPERTIES, ole_file, own_property
from olefile import OleFileIO
from openpyxl import Workbook
from openpyxl.comments import Comment
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from test_office_formats import ofd_page, write_ofd
from xlwt import Workbook as OldWorkbook

SECRET = "蟠龙"  # stands in each of them; {} below is a word that stands in one file alone
TEXT = "云溪县拟撤并蟠龙水电站{}号机组，安置移民347户，由县水利局黎明远经办。"
OPEN = "云溪县共享食堂{}号店开张，老人每餐只付六元，已有1200位老人吃上热饭。"


@dataclass(frozen=True)
class Form:
    """A file that states a group: what is in it, who sees the marked text, and whether other texts of it are for everybody."""

    name: str  # of the file
    make: Callable[[str], bytes]  # from the word that stands in it alone
    group: str = "内部"  # it takes this group, "" where nobody but who sees everything does
    others: bool = False


def filled(content: str, own: str) -> str:
    """Write the marked text for a T, the open one for an O, and the word that stands in one file alone."""
    texts = {"T": TEXT.format(own), "O": OPEN.format(own)}
    return re.sub("(?<![A-Za-z])[TO](?![A-Za-z])", lambda found: texts[found[0]], content.replace("{}", own))


FORMS: dict[str, Form] = {}


def form(about: str, suffix: str, make: Callable[[str], bytes], group: str = "内部", others: bool = False) -> None:
    FORMS[about] = Form(f"{len(FORMS) + 1:02}{suffix}", make, group, others)


def csv(*rows: str) -> Callable[[str], bytes]:
    return text("\n".join(rows))


def text(content: str) -> Callable[[str], bytes]:
    return lambda own: filled(content, own).encode()


def jsonl(*rows: Mapping[str, Any] | str) -> Callable[[str], bytes]:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    return text("\n".join(lines))


def book(fill: Callable[[Workbook, Any], None], *rows: Sequence[object]) -> Callable[[str], bytes]:
    def make(own: str) -> bytes:
        workbook = Workbook()
        sheet = workbook.active
        for row in rows:
            sheet.append([filled(str(one), own) if one else None for one in row])
        fill(workbook, sheet)
        out = io.BytesIO()
        workbook.save(out)
        return out.getvalue()

    return make


def word(fill: Callable[[Any], None]) -> Callable[[str], bytes]:
    def make(own: str) -> bytes:
        document = WordDocument()
        document.add_heading(f"云溪县情况{own}", 1)
        document.add_paragraph(TEXT.format(own))
        fill(document)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return make


def packed(*members: tuple[str, Callable[[str], bytes]]) -> Callable[[str], bytes]:
    def make(own: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in members:
                archive.writestr(name, content(own))
        return out.getvalue()

    return make


def page(head: str, body: str = "<h1>云溪县情况</h1><p>T</p>") -> Callable[[str], bytes]:
    return text(f"<html><head><title>云溪县情况{{}}</title>{head}</head><body>{body}</body></html>")


def mail(body: str, attached: Mapping[str, Callable[[str], bytes]], **headers: str) -> Callable[[str], bytes]:
    def make(own: str) -> bytes:
        message = EmailMessage()
        message["Subject"], message["From"] = f"云溪县情况{own}", "a@b.cn"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(filled(body, own))
        for name, content in attached.items():
            message.add_attachment(content(own), maintype="application", subtype="octet-stream", filename=name)
        return message.as_bytes()

    return make


def nothing(*_of: object) -> None:
    """Change nothing."""


HEAD, ROW, OTHER = "标题,正文,知悉范围", "电站,T,内部", "食堂,O,公开"
form("a column of a table", ".csv", csv(HEAD, ROW, OTHER), others=True)
form("a heading that says it must be filled in", ".csv", csv("标题,正文,知悉范围（必填）", ROW, OTHER), others=True)
form("a heading with spaces", ".csv", csv("标题,正文, 知 悉 范 围 ", ROW, OTHER), others=True)
form("a heading in full-width letters", ".csv", csv("标题,正文,ＡＣＣＥＳＳ", ROW, OTHER), others=True)
form("a heading in capitals and two words", ".csv", csv("title,text,Access Level", ROW, OTHER), others=True)
form("a heading in traditional characters", ".csv", csv("标题,正文,知悉範圍", ROW, OTHER), others=True)
form("how secret it is", ".csv", csv("标题,正文,密级及保密期限", "电站,T,内部★1年", "食堂,O,无"), others=True)
form("a table without a column of texts", ".csv", csv("名称,情况,知悉范围", ROW))
form("a heading below another row of several cells", ".csv", csv("填报单位,云溪县,", "标题,正文,知悉范围", ROW))
form("a heading below a title", ".csv", csv("云溪县情况汇总,,", HEAD, ROW, OTHER), others=True)
form("a heading on two rows", ".csv", csv("标题,正文,管理", ",,知悉范围", ROW, OTHER), others=True)
form("a marked row without a text", ".csv", csv("标题,正文,摘要,知悉范围", "食堂,O,,公开", "电站,,T,内部"), others=True)
form("a second table below the first", ".csv", csv("标题,正文", "食堂,O", "", "名称,摘要,知悉范围", "电站,T,内部"), others=True)
form("a value that was merged over rows", ".csv", csv(HEAD, "茶叶,云溪县茶叶{}开秤。,内部", "电站,T,"))
form("a value of two groups", ".csv", csv(HEAD, "电站,T,内部、农业处"), group="")
form("a value with a space", ".csv", csv(HEAD, "电站,T,内 部", OTHER), others=True)
form("a value that nobody knows", ".csv", csv(HEAD, "电站,T,厅里几个人", OTHER), group="", others=True)
form("a value of marks", ".csv", csv(HEAD, "电站,T,？？？", OTHER), group="", others=True)
form("a value that is a sentence", ".csv", csv(HEAD, "电站,T,请承办单位阅知后保管。不得外传。", OTHER), "", True)
form("a form with labels beside their values", ".csv", csv("标题,电站", "知悉范围,内部", "内容,T"))
form("semicolons below a title with commas", ".csv", csv("汇总,一,二,三,四", "标题;正文;知悉范围", "电站;T;内部"), group="")
form("a line above the table", ".csv", csv("知悉范围：内部", "标题,正文", "电站,T"))
form("a line below the table", ".csv", csv("标题,正文", "电站,T", "注：知悉范围：内部"))

ROWS = (("标题", "正文", "知悉范围"), ("电站", "T", "内部"))
form("a column of a workbook", ".xlsx", book(nothing, *ROWS, ("食堂", "O", "公开")), others=True)


def hidden_column(_book: Workbook, sheet: Any) -> None:
    sheet.column_dimensions["C"].hidden = True


def hidden_row(_book: Workbook, sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True


def hidden_heading(_book: Workbook, sheet: Any) -> None:
    sheet.row_dimensions[1].hidden = True


def merged_heading(_book: Workbook, sheet: Any) -> None:
    sheet.merge_cells("C1:D1")


def merged_value(_book: Workbook, sheet: Any) -> None:
    sheet.merge_cells("C2:C3")


def formula(_book: Workbook, sheet: Any) -> None:
    sheet["C2"] = '=IF(1=1,"内部","公开")'


def remark(_book: Workbook, sheet: Any) -> None:
    sheet["A1"].comment = Comment("知悉范围：内部", "云溪县")


def margin(_book: Workbook, sheet: Any) -> None:
    sheet.oddHeader.left.text = "密级：内部"


def property_of(book: Workbook, _sheet: Any) -> None:
    from openpyxl.packaging.custom import StringProperty

    book.custom_doc_props.append(StringProperty(name="知悉范围", value="内部"))


def other_sheet(state: str) -> Callable[[Workbook, Any], None]:
    def fill(book: Workbook, _sheet: Any) -> None:
        sheet = book.create_sheet("说明")
        sheet.append(["知悉范围：内部"])
        sheet.sheet_state = state

    return fill


def hidden_records(book: Workbook, _sheet: Any) -> None:
    sheet = book.create_sheet("内部的")
    sheet.append(["标题", "正文", "知悉范围"])
    sheet.append(["电站", TEXT.format("无"), "内部"])
    sheet.sheet_state = "veryHidden"


PLAIN = (("标题", "正文"), ("电站", "T"))
form("a hidden column", ".xlsx", book(hidden_column, *ROWS))
form("a hidden row", ".xlsx", book(hidden_row, ROWS[0], ("食堂", "O", "公开"), ROWS[1]), others=True)
form("a hidden heading", ".xlsx", book(hidden_heading, *ROWS))
form("a merged heading", ".xlsx", book(merged_heading, ("标题", "正文", "知悉范围", ""), ("电站", "T", "", "内部")))
form("a merged value", ".xlsx", book(merged_value, ROWS[0], ("茶叶", "云溪县茶叶开秤。", "内部"), ("电站", "T", "")))
form("a formula without a value", ".xlsx", book(formula, ROWS[0], ("电站", "T", "")), group="")
form("a comment", ".xlsx", book(remark, *PLAIN))
form("the header of a sheet's pages", ".xlsx", book(margin, *PLAIN))
form("a property of a workbook", ".xlsx", book(property_of, *PLAIN))
form("another sheet", ".xlsx", book(other_sheet("visible"), *PLAIN))
form("a hidden sheet", ".xlsx", book(other_sheet("hidden"), *PLAIN))
form("marked records on a hidden sheet", ".xlsx", book(hidden_records, ("标题", "正文"), ("食堂", "O")), others=True)
form("a table without texts in a workbook", ".xlsx", book(nothing, ("名称", "情况", "公开范围"), ("电站", "T", "内部")))


def table(*rows: Sequence[str]) -> Callable[[Any], None]:
    def fill(document: Any) -> None:
        drawn = document.add_table(len(rows), len(rows[0]))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                drawn.cell(number, column).text = cell

    return fill


def hidden_run(document: Any) -> None:
    document.add_paragraph().add_run("知悉范围：内部").font.hidden = True


def custom(document: Any) -> None:
    document.core_properties.keywords = "知悉范围：内部"


def header(document: Any) -> None:
    document.sections[0].header.paragraphs[0].text = "密级：内部"


def control(document: Any) -> None:
    inner = "<w:p><w:r><w:t>内部</w:t></w:r></w:p>"
    sdt = f'<w:sdt {nsdecls("w")}><w:sdtPr><w:alias w:val="知悉范围"/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>'
    document.element.body.insert(1, parse_xml(sdt))


def split_runs(document: Any) -> None:
    paragraph = document.add_paragraph("知悉")
    paragraph.add_run("范围").bold = True
    paragraph.add_run("：内部")


form("a line of a Word file", ".docx", word(lambda document: document.add_paragraph("知悉范围：内部")))
form("a line in several runs", ".docx", word(split_runs))
form("hidden text", ".docx", word(hidden_run))
form("the header of a Word file's pages", ".docx", word(header))
form("a property of a Word file", ".docx", word(custom))
form("a content control", ".docx", word(control))
form("a form in a Word file", ".docx", word(table(("密级", "内部", "缓急", "特急"), ("标题", "电站", "附件", ""))))
form("a table in a Word file", ".docx", word(table(("名称", "知悉范围"), ("电站", "内部"), ("食堂", "公开"))))

form("a meta element", ".html", page('<meta name="知悉范围" content="内部">'))
form("a meta element in capitals", ".html", page('<META NAME="Access" CONTENT="内部">'))
form("a meta element of a vocabulary", ".html", page('<meta property="dc:accessRights" content="内部">'))
form("two meta elements", ".html", page('<meta name="access" content="public"><meta name="ACCESS" content="内部">'))
form("a meta element without a content", ".html", page('<meta name="access">'), group="")
form("a meta element in a comment", ".html", page('<!-- <meta name="access" content="内部"> -->'))
form("an attribute", ".html", page("", '<article data-access="内部"><h1>云溪县情况</h1><p>T</p></article>'))
form("a hidden line of a page", ".html", page("", '<div style="display:none">知悉范围：<b>内部</b></div><h1>情况</h1><p>T</p>'))
form("a list of terms", ".html", page("", "<h1>情况</h1><p>T</p><dl><dt>知悉范围</dt><dd>内部</dd></dl>"))
form("a table of a page", ".html", page("", "<h1>情况</h1><p>T</p><table><tr><td>密级<td>内部<tr><td>编号<td>3</table>"))

form("a field", ".jsonl", jsonl({"正文": "T", "知悉范围": "内部"}, {"正文": "O"}), others=True)
form("a field in another", ".jsonl", jsonl({"正文": "T", "meta": {"accessLevel": "内部"}}, {"正文": "O"}), others=True)
form("a list of groups", ".jsonl", jsonl({"正文": "T", "知悉范围": ["内部", "农业处"]}), group="")
form("a number for a group", ".jsonl", jsonl({"正文": "T", "知悉范围": 3}), group="")
form("a broken line", ".jsonl", jsonl({"正文": "O"}, '{"正文": "T", "知悉范围": "内部"'), group="", others=True)
form("a broken line cut before its field", ".jsonl", jsonl({"正文": "O"}, '{"正文": "T'), group="", others=True)
form("a marked record without a text", ".jsonl", jsonl({"正文": "O"}, {"摘要": "T", "知悉范围": "内部"}), others=True)
form("a field of any letters", ".jsonl", jsonl({"正文": "T", "ACCESS": "内部"}, {"正文": "O"}), others=True)

form("front matter", ".md", text("---\ntitle: 情况\naccess: 内部\n---\n# 云溪县情况\nT\n"))
form("a list in front matter", ".md", text("---\naccess:\n  - 内部\n---\n# 云溪县情况\nT\n"))
form("a table drawn with bars", ".md", text("# 云溪县情况\nT\n\n| 名称 | 知悉范围 |\n|---|---|\n| 电站 | 内部 |\n"))
form("a heading and its line", ".md", text("# 云溪县情况\nT\n## 知悉范围\n内部\n"))
form("a line of bold letters", ".md", text("# 云溪县情况\nT\n**知悉范围**：内部\n"))
form("a line of a text", ".txt", text("云溪县情况\nT\n（知悉范围：内部）\n"))
form("a label before a line", ".txt", text("云溪县情况\nT\n密　级：\n内部\n"))
form("the top of an official document", ".txt", text("内部★1年\n密级：内部★1年  缓急：特急\n云溪县情况\nT\n"))

form("another label within the value", ".txt", text("云溪县情况\nT\n知悉范围：仅限：厅领导\n"), group="")


def pdf(fill: Callable[[PdfWriter], None]) -> Callable[[str], bytes]:
    def make(own: str) -> bytes:
        drawn, out = io.BytesIO(), io.BytesIO()
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        canvas = Canvas(drawn)
        for row, line in enumerate((f"云溪县情况{own}", *re.findall(".{1,30}", TEXT.format(own)))):
            canvas.setFont("STSong-Light", 14)
            canvas.drawString(72, 760 - 24 * row, line)
        canvas.save()
        writer = PdfWriter(clone_from=PdfReader(drawn))
        fill(writer)
        writer.write(out)
        return out.getvalue()

    return make


def xmp(writer: PdfWriter) -> None:
    space = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/"'
    said = "<rdf:Description><pdfx:Access>内部</pdfx:Access></rdf:Description>"
    stream = DecodedStreamObject()
    stream.set_data(f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {space}>{said}</rdf:RDF></x:xmpmeta>'.encode())
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)


def ofd(own: str) -> bytes:
    pieces = [
        (20, 20 + 8 * row, line) for row, line in enumerate((f"云溪县情况{own}", *re.findall(".{1,30}", TEXT.format(own))))
    ]
    stated = '<ofd:CustomDatas><ofd:CustomData Name="知悉范围">内部</ofd:CustomData></ofd:CustomDatas>'
    with TemporaryDirectory() as folder:
        return write_ofd(Path(folder) / "a.ofd", ofd_page(pieces), info=stated).read_bytes()


def old_workbook(own: str) -> bytes:
    made, book = io.BytesIO(), OldWorkbook()
    sheet = book.add_sheet("情况")
    for row, cells in enumerate((("标题", "正文"), (f"电站{own}", TEXT.format(own)))):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(made)
    with OleFileIO(made.getvalue()) as ole:
        workbook = ole.openstream("Workbook").read()
    return ole_file({"Workbook": workbook, OWN_PROPERTIES: own_property("知悉范围", "内部")})


form("a property of a PDF", ".pdf", pdf(lambda writer: writer.add_metadata({"/知悉范围": "内部"})))
form("the keywords of a PDF", ".pdf", pdf(lambda writer: writer.add_metadata({"/Keywords": "知悉范围：内部"})))
form("the newer metadata of a PDF", ".pdf", pdf(xmp))
form("a property of an OFD file", ".ofd", ofd)
form("a property of an old workbook", ".xls", old_workbook, group="")

FOOD, PAGE = ("甲.txt", text("云溪县食堂\nO")), ("乙.html", page('<meta name="access" content="内部">'))
form("a member of an archive", ".zip", packed(FOOD, PAGE), others=True)
form("a table in an archive", ".zip", packed(FOOD, ("乙.csv", csv("名称,情况,知悉范围", ROW))), others=True)
form(
    "a table of an archive that cannot be read",
    ".zip",
    packed(FOOD, ("乙.csv", csv("标题,正文,知悉范围", ",,内部"))),
    others=True,
)
form("an archive in an archive", ".zip", packed(FOOD, ("乙.zip", packed(PAGE))), others=True)
form("a mail", ".eml", mail("T\n知悉范围：内部\n", {}))
form("a header of a mail", ".eml", mail("T\n", {}, X_Access="=?utf-8?b?5YaF6YOo?="))
form("what is attached to a marked mail", ".eml", mail("知悉范围：内部\n", {"电站.txt": text("云溪县情况\nT")}))
SEALED = {"密.7z": text("7z T 知悉范围：内部")}
form("an attachment that cannot be read", ".eml", mail("云溪县食堂\nO\n", SEALED), group="", others=True)
