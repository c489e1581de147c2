"""Documents in layouts that the reader was not made for, in the formats of offices, and what their looks tell."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.shared import Pt
from layouts import LABELLED, measure
from reading import Score

from ingest.document import Document
from ingest.extracted import Extracted, Look, Paragraph
from ingest.formats.docx import read_docx
from ingest.formats.webpage import read_webpage
from ingest.read import read_document, structure

ROADS = "云溪县把村道养护交给沿线农户，按里程计酬，每公里每年补助1200元，已签约养护员346人，管护村道980公里。"
BREAKFAST = "柳河镇在工地旁设起早餐车，凌晨5点供应热粥和馒头，每份4元，由镇财政补贴1元，日均售出620份。"
NURSERY = "青石乡把闲置校舍改成临时托管班，假期接收儿童214名，请退休教师9人轮流看护，家长每天只付10元。"
STORIES = (("村道有了“农户养护员”", ROADS), ("工地旁的早餐车", BREAKFAST), ("闲置校舍办起托管班", NURSERY))


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Score], int, list[str]]:
    return measure()


def test_items_in_new_layouts_are_found(measured: tuple[dict[str, Score], int, list[str]]) -> None:
    scores, mixed, report = measured
    assert len(report) == len(list(LABELLED.glob("*.json"))) == 52
    assert scores["items"].f1 >= 0.96, report
    assert mixed == 0, report


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("kind", 0.96),
        ("series", 0.82),
        ("titles", 0.91),
        ("credits", 0.90),
        ("sections", 0.87),
        ("regions", 0.94),
        ("dates", 0.88),
    ],
)
def test_fields_in_new_layouts(measured: tuple[dict[str, Score], int, list[str]], name: str, least: float) -> None:
    assert measured[0][name].f1 >= least, measured[0][name].errors


def test_the_parts_of_a_guide_are_no_items(tmp_path: Path) -> None:
    lines = ["老年优待卡办理指南", "云溪县民政局　2025年3月14日"]
    for number, (title, text) in zip("一二三", STORIES, strict=True):
        lines += [f"{number}、{title}", text]
    (tmp_path / "指南.txt").write_text("\n".join(lines), encoding="utf-8")
    document = read_document(tmp_path / "指南.txt", "指南.txt")
    assert (document.kind, document.title) == ("other", "老年优待卡办理指南")


def assert_stories(document: Document) -> None:
    assert [item.title for item in document.items] == [title for title, _ in STORIES]
    for item, (_, text) in zip(document.items, STORIES, strict=True):
        assert text in document.text[item.start : item.end]
        assert not any(other in document.text[item.start : item.end] for _, other in STORIES if other != text)


def test_titles_that_only_look_otherwise_part_a_word_file(tmp_path: Path) -> None:
    word = docx.Document()
    for line in ("民情快递", "2025年第6期（总第88期）", "云溪县民情服务中心　2025年3月14日"):
        word.add_paragraph(line).alignment = 1
    for title, text in STORIES:
        heading = word.add_paragraph()
        heading.alignment = 1
        run = heading.add_run(title)
        run.bold, run.font.size = True, Pt(16)
        word.add_paragraph(text).paragraph_format.first_line_indent = Pt(28)
        word.add_paragraph("有群众说，这样的事办到了心坎上，希望长期办下去，相关做法正在其他乡镇推开。")
    word.save(tmp_path / "快递.docx")
    looks = [paragraph.look for paragraph in read_docx(tmp_path / "快递.docx").paragraphs]
    assert looks[3] and looks[3].bold and looks[3].centred and looks[3].size > 1.2
    assert looks[4] and not looks[4].bold and looks[4].size == 1.0 and looks[4].indent > 1
    assert_stories(read_document(tmp_path / "快递.docx", "快递.docx"))


def test_cards_of_a_page_without_headings_or_paragraphs(tmp_path: Path) -> None:
    cards = "".join(
        f"<section><section style='font-size:30px'>0{number}</section>"
        f"<div style='text-align:center;color:#b00;font-size:20px'><span>{title[:4]}</span><span>{title[4:]}</span></div>"
        f"<section><span style='font-size:15px'>{text}</span></section>"
        f"<section style='font-size:12px;text-align:right'>来源丨云溪县信息{number}科</section></section>"
        for number, (title, text) in enumerate(STORIES, 1)
    )
    head = "<head><meta charset='utf-8'><title>民情速递（2025年3月）</title></head>"
    page = f"<html>{head}<body><nav>首页</nav><div>{cards}</div></body></html>"
    (tmp_path / "card.html").write_text(page, encoding="utf-8")
    extracted = read_webpage(tmp_path / "card.html")
    texts = [paragraph.text for paragraph in extracted.paragraphs]
    assert [text for text in texts if len(text) > 2 and "丨" not in text] == [text for story in STORIES for text in story]
    title = extracted.paragraphs[1].look
    assert title and title.centred and title.coloured and title.size > 1.2


def test_a_title_in_the_text_is_told_by_its_face(tmp_path: Path) -> None:
    word = docx.Document()
    for title, text in STORIES:
        paragraph = word.add_paragraph()
        paragraph.add_run(f"{title}　").bold = True
        paragraph.add_run(text)
    word.save(tmp_path / "连排.docx")
    leads = [paragraph.look for paragraph in read_docx(tmp_path / "连排.docx").paragraphs]
    assert [look.lead if isinstance(look, Look) else 0 for look in leads] == [len(title) for title, _ in STORIES]


def test_a_page_laid_out_as_a_table_is_no_table(tmp_path: Path) -> None:
    body = "".join(f"<p><b>{title}</b></p><p>{text * 4}</p>" for title, text in STORIES)
    menu = "".join(f"<a href='/{n}'>栏目{n}</a>" for n in range(9))
    page = f"<html><meta charset='utf-8'><body><table><tr><td>{menu}</td><td>{body}</td></tr></table></body></html>"
    (tmp_path / "old.html").write_text(page, encoding="utf-8")
    texts = [paragraph.text for paragraph in read_webpage(tmp_path / "old.html").paragraphs]
    assert [title for title, _ in STORIES] == [text for text in texts if text in dict(STORIES)]


@pytest.mark.parametrize("title", ["山区四县盘活闲置资产见闻", "这个春天里山区四县怎样把村庄里闲着的老房子一间一间地用起来"])
def test_a_feature_keeps_its_own_title(title: str) -> None:
    counties = ("淳安县", "泰顺县", "开化县", "景宁县")
    paragraphs = [Paragraph("这个春天，记者走进四个山区县，看村庄怎样把闲着的地方用起来。")]
    for county, (_, text) in zip(counties, (*STORIES, STORIES[0]), strict=True):
        paragraphs += [
            Paragraph(f"{county}：老房子有了新用处", look=Look(bold=True, centred=True, size=1.2)),
            Paragraph(text * 2),
        ]
    document = structure(Extracted(tuple(paragraphs), title), "a.html")
    assert document.title == title
    assert [item.title for item in document.items[1:]] == [f"{county}：老房子有了新用处" for county in counties]
