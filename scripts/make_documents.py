"""Make the sample corpus in documents/ from the plain-text sources in scripts/samples/.

Needs the `dev` extra and two Debian packages of fonts: fonts-arphic-uming, fonts-wqy-zenhei.
Run it after changing a source, and commit the files that it writes.
"""

from __future__ import annotations

import html
import io
import random
import time
import zipfile
from pathlib import Path

from docx import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from PIL import Image, ImageFilter
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "scripts" / "samples"
TARGET = ROOT / "documents"
FONTS = {
    "Song": ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    "Hei": ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
}
FORMATS = {
    "bulletin-2024-01": "pdf", "bulletin-2024-02": "pdf", "bulletin-2024-03": "docx", "bulletin-2024-05": "pdf",
    "bulletin-2024-06": "html", "bulletin-2024-07": "gb18030.txt", "bulletin-2024-08": "scan.pdf",
    "news-01": "html", "news-02": "html", "news-03": "docx", "news-04": "txt", "news-05": "pdf", "news-06": "html",
    "news-07": "gb18030.txt", "news-08": "md", "news-09": "docx",
}  # fmt: skip
DATE = (2024, 9, 1, 0, 0, 0)
RED = HexColor("#c00000")


def style(name: str, font: str, size: float, **rest: object) -> ParagraphStyle:
    """Return a paragraph style for Chinese: lines break between any two characters."""
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.75, wordWrap="CJK", **rest)


BODY = style("body", "Song", 14, firstLineIndent=28, alignment=TA_JUSTIFY)
LIST = style("list", "Song", 14)
HEAD = style("head", "Hei", 15, spaceBefore=10, spaceAfter=4, alignment=TA_CENTER)
MASTHEAD = style("masthead", "Hei", 34, textColor=RED, alignment=TA_CENTER, spaceAfter=6)
CENTRED = style("centred", "Song", 14, alignment=TA_CENTER)
TITLE = style("title", "Hei", 19, alignment=TA_CENTER, spaceAfter=6)
CREDIT = style("credit", "Song", 14, alignment=TA_RIGHT)


def style_of(line: str, number: int, bulletin: bool) -> ParagraphStyle:
    """Choose the style by what a line is."""
    if number == 0:
        return MASTHEAD if bulletin else TITLE
    if line.startswith("【") and line.endswith("】"):
        return HEAD
    if line.startswith("☆"):
        return LIST
    if line.startswith("（") and line.endswith("供稿）"):
        return CREDIT
    if number < 6 and bulletin or number == 1:
        return CENTRED
    return BODY if len(line) > 20 else HEAD


def pdf(lines: list[str], bulletin: bool) -> bytes:
    """Set the lines on A4 pages with page numbers; paragraphs run on over page ends, as in print."""
    for name, (path, face) in FONTS.items():
        pdfmetrics.registerFont(TTFont(name, path, subfontIndex=face))
    story: list[Flowable] = []
    for number, line in enumerate(lines):
        story.append(Paragraph(html.escape(line), style_of(line, number, bulletin)))
        if bulletin and number == 4:
            story.append(HRFlowable(width="100%", color=RED, thickness=1.5, spaceBefore=6, spaceAfter=6))
    out = io.BytesIO()
    pages = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=28 * mm, rightMargin=26 * mm, topMargin=32 * mm, bottomMargin=30 * mm,
        title=lines[0], author="示例", invariant=1,
    )  # fmt: skip

    def number_page(canvas: object, template: object) -> None:
        canvas.setFont("Song", 12)  # type: ignore[attr-defined]
        canvas.drawCentredString(A4[0] / 2, 18 * mm, f"— {template.page} —")  # type: ignore[attr-defined]

    pages.build(story, onFirstPage=number_page, onLaterPages=number_page)
    return out.getvalue()


def scanned_pdf(lines: list[str], bulletin: bool) -> bytes:
    """Photograph the pages: grey, a little turned and blurred, without a text layer."""
    import pypdfium2

    noise = random.Random(2024)  # noqa: S311
    pages: list[Image.Image] = []
    for page in pypdfium2.PdfDocument(pdf(lines, bulletin)):
        picture = page.render(scale=150 / 72).to_pil().convert("L")
        turned = picture.rotate(noise.uniform(-0.6, 0.6), fillcolor=250, resample=Image.Resampling.BICUBIC)
        pages.append(turned.filter(ImageFilter.GaussianBlur(0.5)))
    out = io.BytesIO()
    date = time.struct_time((*DATE, 0, 1, 0))
    pages[0].save(
        out, "PDF", save_all=True, append_images=pages[1:], resolution=150, quality=45, creationDate=date, modDate=date
    )
    return out.getvalue()


def docx(lines: list[str], bulletin: bool) -> bytes:
    """Write a Word file in 仿宋, the typeface of official documents."""
    word = WordDocument()
    for number, line in enumerate(lines):
        look = style_of(line, number, bulletin)
        paragraph = word.add_paragraph()
        run = paragraph.add_run(line)
        run.font.name, run.font.size = "仿宋", Pt(look.fontSize)
        run.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋" if look.fontName == "Song" else "黑体")
        if look is BODY:
            paragraph.paragraph_format.first_line_indent = Pt(28)
        elif look.alignment == TA_CENTER:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif look is CREDIT:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    out = io.BytesIO()
    word.save(out)
    return undated(out)


def undated(archive: io.BytesIO) -> bytes:
    """Pack an archive again with one date for all its files, so that it is the same at every run."""
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, DATE), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def webpage(lines: list[str], bulletin: bool) -> bytes:
    """Write a page as an office's site has it, with navigation and a foot that are no part of the article."""
    body = "\n".join(
        f"<h2>{html.escape(line)}</h2>" if style_of(line, number, bulletin) is HEAD else f"<p>{html.escape(line)}</p>"
        for number, line in enumerate(lines)
        if number
    )
    title = html.escape(lines[0])
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>
<body>
<header><nav><a href="/">首页</a> <a href="/xxgk/">信息公开</a> <a href="/hdjl/">互动交流</a></nav></header>
<main><article>
<h1>{title}</h1>
{body}
</article></main>
<footer><p>示例网站 · 页面内容纯属虚构 · <a href="/sitemap">网站地图</a></p></footer>
</body></html>
""".encode()


def make(stem: str, form: str) -> Path:
    """Write one file of documents/ and return its path."""
    bulletin = stem.startswith("bulletin")
    text = (SOURCES / f"{stem}.txt").read_text(encoding="utf-8")
    lines = text.split("\n") if text[-1:] != "\n" else text[:-1].split("\n")
    issue = int(stem[-2:])
    name = f"共富示例-2024年第{issue}期" if bulletin else f"示例新闻-{issue:02d}-{lines[0][:16].strip('，。：')}"
    suffix = form.rpartition(".")[2]
    target = TARGET / ("简报" if bulletin else "新闻") / f"{name}{'-扫描件' if form.startswith('scan') else ''}.{suffix}"
    writers = {"pdf": pdf, "scan.pdf": scanned_pdf, "docx": docx, "html": webpage}
    encoding = "gb18030" if form.startswith("gb") else "utf-8"
    data = writers[form](lines, bulletin) if form in writers else text.encode(encoding)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


if __name__ == "__main__":
    for stem, form in FORMATS.items():
        print(make(stem, form).relative_to(ROOT))
