"""Word files in the layout of official documents (GB/T 9704-2012): A4, margins, fonts, lines; knows nothing of cases."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt

_REFUSED = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML does not allow
_SONG, _FANG, _HEI, _KAI = "方正小标宋简体", "仿宋", "黑体", "楷体"
# Substitutes for a machine without the font; Word and LibreOffice read this list.
_OTHERWISE = {_SONG: "宋体,SimSun", _FANG: "仿宋_GB2312,FangSong", _HEI: "SimHei", _KAI: "楷体_GB2312,KaiTi", "宋体": "SimSun"}
_WIDTH = Mm(210 - 28 - 26)
_HIGHEST_PICTURE = Mm(200)  # leaves room for its caption on the page
# Signs that may not end or begin a line: the usual ones, and ［ in both lists, so that a note number stays with its sentence.
_NOT_LAST = "([{·‘“〈《「『【〔〖（．［｛￡￥"
_NOT_FIRST = "!),.:;?]}·ˇˉ―‖’”…‰′″℃∶、。〃〉》」』】〕〗！＂％＇），．：；？［］｀｜｝～￠"
_LONGEST_ROW = 150  # characters of a cell, about fourteen lines; a row with more may go on on the next page
_LINE = 28.95  # points: 22 lines to a page
_BODY, _TIGHTER = 16, -5  # points of 三号; extra space between characters in 1/20 point: 28 characters to a line
# Style: font, font size in points, line spacing in points, first-line indent in characters, alignment.
_STYLES: dict[str, tuple[str, float, float, int, str]] = {
    "Normal": (_FANG, _BODY, _LINE, 0, "JUSTIFY"),
    "Title": (_SONG, 22, 36, 0, "CENTER"),
    "Subtitle": (_KAI, _BODY, _LINE, 0, "CENTER"),
    "Body Text": (_FANG, _BODY, _LINE, 2, "JUSTIFY"),
    "Heading 1": (_HEI, _BODY, _LINE, 2, "LEFT"),
    "Heading 2": (_KAI, _BODY, _LINE, 2, "LEFT"),
    "Caption": (_KAI, _BODY, _LINE, 2, "LEFT"),
    "Picture Caption": (_HEI, 12, 20, 0, "CENTER"),
    "Annex": (_HEI, _BODY, _LINE, 0, "LEFT"),
    "List Number": (_FANG, 12, 20, 0, "JUSTIFY"),
    "Table Text": (_FANG, 12, 18, 0, "LEFT"),
    "Table Head": (_HEI, 12, 18, 0, "CENTER"),
    "Footer": ("宋体", 14, 20, 0, "CENTER"),
}


def new_paper(title: str) -> Any:
    """Return an empty document with page layout, styles and page numbers, and without an author's name."""
    paper = Document()
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    page.footer_distance = Mm(25)  # the number stands 7 mm below the text
    about = paper.core_properties
    about.title, about.author, about.last_modified_by, about.comments, about.language = title, "", "", "", "zh-CN"
    for name, values in _STYLES.items():
        _set_style(paper, name, *values)
    for level, name in enumerate(("Heading 1", "Heading 2")):
        paper.styles[name].paragraph_format.keep_with_next = True
        paper.styles[name].element.pPr.append(_element("outlineLvl", val=str(level)))
    _name_fonts(paper)
    place = paper.settings.element.find(qn("w:characterSpacingControl"))  # Word requires its settings in a fixed order
    for rule, signs in (("noLineBreaksBefore", _NOT_FIRST), ("noLineBreaksAfter", _NOT_LAST)):
        place.addnext(_element(rule, lang="zh-CN", val=signs))
    _number_pages(page.footer.paragraphs[0])
    return paper


def add(paper: Any, style: str, text: str) -> Any:
    """Add a paragraph and return it."""
    return paper.add_paragraph(clean(text), style)


def clean(text: str) -> str:
    """Return text without the characters that a Word file cannot contain."""
    return _REFUSED.sub("", text)


def add_note_number(paragraph: Any, number: int) -> None:
    """Add a raised ［1］ to a paragraph."""
    paragraph.add_run(f"［{number}］").font.superscript = True


def add_picture(paper: Any, png: bytes, described: str) -> None:
    """Add a picture as wide as the text, or as high as a page allows; `described` is read to those who do not see it."""
    paragraph = paper.add_paragraph(style="Normal")
    form = paragraph.paragraph_format
    form.alignment, form.keep_with_next = WD_ALIGN_PARAGRAPH.CENTER, True
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE  # a line of exact height would cut it off
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=_WIDTH)
    if shape.height > _HIGHEST_PICTURE:
        shape.width, shape.height = Length(shape.width * _HIGHEST_PICTURE // shape.height), _HIGHEST_PICTURE
    shape._inline.docPr.set("descr", clean(described))


def add_table(paper: Any, rows: Sequence[Sequence[str]], first_column: Length) -> None:
    """Add a table with borders; all columns but the first have one width, and the first row repeats on each page."""
    table = paper.add_table(len(rows), len(rows[0]), "Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    even = Length((_WIDTH - first_column) // (len(rows[0]) - 1))
    for at, column in enumerate(table.columns):
        column.width = even if at else first_column
    for above, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        properties = row._tr.get_or_add_trPr()
        if max(map(len, texts)) <= _LONGEST_ROW:
            properties.append(_element("cantSplit"))
        if not above:
            properties.append(_element("tblHeader"))
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = even if at else first_column
            _fill(cell, text, head=not above, style="Table Text" if above and at else "Table Head")


def _fill(cell: Any, text: str, head: bool, style: str) -> None:
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    for at, line in enumerate(clean(text).split("\n")):
        paragraph = cell.add_paragraph() if at else cell.paragraphs[0]
        paragraph.text, paragraph.style = line, style
        paragraph.paragraph_format.keep_with_next = head or None
        paragraph.paragraph_format.space_after = Pt(3)  # sets entries of two lines apart from each other


def file_of(paper: Any) -> bytes:
    """Return the document as a .docx file."""
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _set_style(paper: Any, name: str, font: str, size: float, line: float, indent: int, alignment: str) -> None:
    style = paper.styles[name] if name in paper.styles else paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    for old in (*style.element.findall(qn("w:rPr")), *style.element.findall(qn("w:pPr"))):  # colours, themes, borders
        style.element.remove(old)
    style.font.name, style.font.size = font, Pt(size)
    signs = style.element.rPr
    for script in ("w:eastAsia", "w:cs"):
        signs.rFonts.set(qn(script), font)
    signs.append(_element("lang", val="en-US", eastAsia="zh-CN"))
    if size == _BODY:
        signs.find(qn("w:sz")).addprevious(_element("spacing", val=str(_TIGHTER)))
    form = style.paragraph_format
    form.alignment = WD_ALIGN_PARAGRAPH[alignment]
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.widow_control = False  # so that every page has 22 lines
    if indent:
        form.first_line_indent = Pt(indent * size)
        style.element.pPr.ind.set(qn("w:firstLineChars"), str(indent * 100))


def _name_fonts(paper: Any) -> None:
    fonts = "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in _OTHERWISE.items())
    for part in paper.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = f"<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()


def _number_pages(paragraph: Any) -> None:
    paragraph.style = "Footer"
    paragraph.add_run("— ")
    field = f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))
    paragraph.add_run(" —")


def _element(name: str, **attributes: str) -> Any:
    values = "".join(f' w:{key}="{value}"' for key, value in attributes.items())
    return parse_xml(f"<w:{name} {nsdecls('w')}{values}/>")
