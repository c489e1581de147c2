"""Word files in the layout of official papers (GB/T 9704-2012): A4, its margins, fonts and lines; nothing of cases."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt

_REFUSED = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML has no place for
_SONG, _FANG, _HEI, _KAI = "方正小标宋简体", "仿宋", "黑体", "楷体"
# What a machine without the font may take: Word and LibreOffice read this list.
_OTHERWISE = {_SONG: "宋体,SimSun", _FANG: "仿宋_GB2312,FangSong", _HEI: "SimHei", _KAI: "楷体_GB2312,KaiTi", "宋体": "SimSun"}
_WIDTH = Mm(210 - 28 - 26)
# Style: font, points, points from line to line, characters that its first line is moved in, alignment. 28.95 points make 22
# lines of a page.
_STYLES: dict[str, tuple[str, float, float, int, str]] = {
    "Normal": (_FANG, 16, 28.95, 0, "BOTH"),
    "Title": (_SONG, 22, 36, 0, "CENTER"),
    "Subtitle": (_KAI, 16, 28.95, 0, "CENTER"),
    "Body Text": (_FANG, 16, 28.95, 2, "BOTH"),
    "Heading 1": (_HEI, 16, 28.95, 2, "LEFT"),
    "Heading 2": (_KAI, 16, 28.95, 2, "LEFT"),
    "Caption": (_KAI, 16, 28.95, 2, "LEFT"),
    "List Number": (_FANG, 12, 20, 0, "BOTH"),
    "Table Text": (_FANG, 12, 18, 0, "LEFT"),
    "Table Head": (_HEI, 12, 18, 0, "CENTER"),
    "Footer": ("宋体", 14, 20, 0, "CENTER"),
}


def new_paper(title: str) -> Any:
    """Return an empty document with the page, the styles and the page number, and nobody's name in it."""
    paper = Document()
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    page.footer_distance = Mm(25)  # the number stands 7 mm below the text
    about = paper.core_properties
    about.title, about.author, about.last_modified_by, about.comments, about.language = title, "", "", "", "zh-CN"
    for name, values in _STYLES.items():
        _set_style(paper, name, *values)
    for name in ("Heading 1", "Heading 2", "Table Head"):
        paper.styles[name].paragraph_format.keep_with_next = True
    _name_fonts(paper)
    _number_pages(page.footer.paragraphs[0])
    return paper


def add(paper: Any, style: str, text: str) -> Any:
    """Add a paragraph and return it."""
    return paper.add_paragraph(clean(text), style)


def clean(text: str) -> str:
    """Return text without the characters that a Word file cannot hold."""
    return _REFUSED.sub("", text)


def add_note_number(paragraph: Any, number: int) -> None:
    """Add a raised ［1］ to a paragraph."""
    paragraph.add_run(f"［{number}］").font.superscript = True


def add_table(paper: Any, rows: Sequence[Sequence[str]], first_column: Length) -> None:
    """Add a table with borders; its first row comes again on each page, all columns but the first are of one width."""
    table = paper.add_table(len(rows), len(rows[0]), "Table Grid")
    table.autofit = False
    even = Length((_WIDTH - first_column) // (len(rows[0]) - 1))
    for at, column in enumerate(table.columns):
        column.width = even if at else first_column
    for above, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        if not above:
            properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = even if at else first_column
            cell.text = clean(text)
            cell.paragraphs[0].style = "Table Text" if above and at else "Table Head"


def file_of(paper: Any) -> bytes:
    """Return the document as a .docx file."""
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _set_style(paper: Any, name: str, font: str, size: float, line: float, indent: int, alignment: str) -> None:
    style = paper.styles[name] if name in paper.styles else paper.styles.add_style(name, 1)
    for found in (*style.element.findall(qn("w:rPr")), *style.element.findall(qn("w:pPr"))):  # colours, themes, borders
        style.element.remove(found)
    style.font.name, style.font.size = font, Pt(size)
    fonts = style.element.rPr.rFonts
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), font)
    style.element.rPr.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN"/>'))
    form = style.paragraph_format
    form.alignment = WD_ALIGN_PARAGRAPH[{"BOTH": "JUSTIFY"}.get(alignment, alignment)]
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.widow_control = False  # 22 lines on every page
    if indent:
        form.first_line_indent = Pt(indent * size)
        style.element.pPr.ind.set(qn("w:firstLineChars"), str(indent * 100))


def _name_fonts(paper: Any) -> None:
    fonts = "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in _OTHERWISE.items())
    for part in paper.part.package.iter_parts():
        if isinstance(part, Part) and part.partname == "/word/fontTable.xml":
            part._blob = f"<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()


def _number_pages(paragraph: Any) -> None:
    paragraph.style = "Footer"
    for part in ("— ", "", " —"):
        run = paragraph.add_run(part)
        if not part:
            for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("1", "1"), ("end", "")):
                run._r.append(_field(kind, text))


def _field(kind: str, text: str) -> Any:
    if kind == "1":
        return parse_xml(f"<w:t {nsdecls('w')}>{text}</w:t>")
    if text:
        return parse_xml(f'<w:instrText {nsdecls("w")} xml:space="preserve">{text}</w:instrText>')
    return parse_xml(f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>')
