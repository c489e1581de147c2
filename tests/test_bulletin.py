"""A bulletin issue comes out as its items, with its masthead, 目录, credits and 送/发 lines as data."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import DOCUMENTS, shared

from ingest.citation import cite
from ingest.document import Document
from ingest.read import read_document

ISSUE = """共富示例
（工作动态）
2024年第9期（总第109期）
示例省共富工作专班办公室
2024年9月30日
【目录】
☆甲县推行“邻里食堂”
☆2024年乙市建设零工驿站
☆丙县的条目丢了
【市县交流】
▲甲县推行“邻里食堂”。甲县建成食堂 12 个，服务老人3400人，群众满意度
明显提高。一是**合理布点**。沿主要道路设点。
（甲县、丁县供稿）
▲2024年乙市建设零工驿站。乙市建成驿站7个。（乙市供稿）
【信息摘编】
▲9月2日，《示例报》刊发《小食堂的大文章》。
送：各有关单位。
发：各县（市、区）。
示例省共富工作专班办公室 2024年9月30日印发
"""


@pytest.fixture
def issue(tmp_path: Path) -> Document:
    path = tmp_path / "第9期.txt"
    path.write_text(ISSUE, encoding="utf-8")
    return read_document(path, path.name)


def test_masthead_becomes_data(issue: Document) -> None:
    assert issue.kind == "bulletin"
    assert (issue.series, issue.year, issue.issue, issue.total_issue) == ("共富示例", 2024, 9, 109)
    assert (issue.issuer, issue.date) == ("示例省共富工作专班办公室", "2024-09-30")
    assert issue.title == "《共富示例》2024年第9期"


def test_items_with_sections_and_credits(issue: Document) -> None:
    assert [(item.section, item.title, item.contributors) for item in issue.items] == [
        ("市县交流", "甲县推行“邻里食堂”", ("甲县", "丁县")),
        ("市县交流", "2024年乙市建设零工驿站", ("乙市",)),
        ("信息摘编", "9月2日，《示例报》刊发《小食堂的大文章》", ()),
    ]


def test_contents_are_checked_against_the_items(issue: Document) -> None:
    assert issue.contents == ("甲县推行“邻里食堂”", "2024年乙市建设零工驿站", "丙县的条目丢了")
    assert issue.warnings == ("目录中的“丙县的条目丢了”没有在正文中找到对应条目",)


def test_what_is_not_an_item_is_in_no_passage(issue: Document) -> None:
    passages = "".join(issue.text[p.start : p.end] for item in issue.items for p in item.passages)
    assert issue.distribution == ("送：各有关单位。", "发：各县（市、区）。", "示例省共富工作专班办公室2024年9月30日印发")
    for absent in ("工作动态", "☆", "供稿", "印发", "各有关单位"):
        assert absent not in passages


def test_marks_and_stray_spaces_are_gone(issue: Document) -> None:
    first = issue.items[0]
    text = issue.text[first.start : first.end]
    assert "建成食堂12个" in text
    assert "一是合理布点。" in text


def test_seed_issue() -> None:
    path = shared("seeds", "zheligongfu-2023-33.txt")
    issue = read_document(path, path.name)
    assert (issue.year, issue.issue, issue.total_issue, issue.date) == (2023, 33, 100, "2023-12-29")
    assert len(issue.items) == 12
    assert list(dict.fromkeys(item.section for item in issue.items)) == ["重要动态", "部门信息", "市县交流", "信息摘编"]
    assert sum(bool(item.contributors) for item in issue.items) == 10
    assert len(issue.contents) == 10
    assert issue.warnings == ()
    whole = "\n".join(issue.text[p.start : p.end] for item in issue.items for p in item.passages)
    for mended in ("搭建村企合作平台", "土地整合配置", "全国首个青年文旅创业基金"):
        assert mended in whole
    for absent in ("目录", "29日印发", "送：", "发：", "供稿"):
        assert absent not in whole


def test_seed_citations_carry_the_issue() -> None:
    path = shared("seeds", "zheligongfu-2023-33.txt")
    issue = read_document(path, path.name)
    for item in issue.items:
        for passage in item.passages:
            citation = cite(issue, item, passage.start, passage.end)
            assert (citation.year, citation.issue, citation.total_issue, citation.date) == (2023, 33, 100, "2023-12-29")
            assert citation.line.startswith(f"《浙里共富》2023年第33期（总第100期）【{item.section}】{item.title}")


@pytest.mark.parametrize(
    ("name", "items", "pages"),
    [
        ("共富示例-2024年第1期.pdf", 10, 6),
        ("共富示例-2024年第2期.pdf", 9, 5),
        ("共富示例-2024年第3期.docx", 10, 0),
        ("共富示例-2024年第5期.pdf", 10, 6),
        ("共富示例-2024年第6期.html", 10, 0),
        ("共富示例-2024年第7期.txt", 9, 0),
    ],
)
def test_the_same_grammar_in_every_format(name: str, items: int, pages: int) -> None:
    issue = read_document(DOCUMENTS / "简报" / name, name)
    assert (issue.kind, issue.series, issue.issuer) == ("bulletin", "共富示例", "示例省共富工作专班办公室")
    assert (len(issue.items), len(issue.page_starts)) == (items, pages)
    assert issue.warnings == ()
    assert all(item.contributors for item in issue.items if item.section != "信息摘编")


def test_every_format_gives_the_words_of_its_source() -> None:
    """Paragraphs broken by lines and pages of a PDF read as they were written."""
    samples = DOCUMENTS.parent / "scripts" / "samples"
    for number, suffix in ((1, "pdf"), (2, "pdf"), (5, "pdf"), (3, "docx"), (6, "html"), (7, "txt")):
        source = (samples / f"bulletin-2024-{number:02d}.txt").read_text(encoding="utf-8").split("\n")
        written = [line.removeprefix("▲").split("（")[0] for line in source if line.startswith("▲")]
        issue = read_document(DOCUMENTS / "简报" / f"共富示例-2024年第{number}期.{suffix}", "x")
        read = [issue.text[item.start : item.end] for item in issue.items]
        assert [text[: len(start)] for text, start in zip(read, written, strict=True)] == written
