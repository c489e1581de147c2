"""Issues of other layouts: numbers in many forms, items without marks, headings inside items, credits in many places."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.citation import cite
from ingest.credits import take_credit
from ingest.document import Document
from ingest.masthead import read_masthead
from ingest.numerals import read_number
from ingest.read import read_document

A = "余姚市打造稻渔综合种养试验田。今年以来，余姚市推广稻渔综合种养2000余亩，惠及1200余户。"
B = "缙云县建设来料加工工坊。缙云县建成工坊126家，吸纳村民就业5380人。"
ITEMS = ["余姚市打造稻渔综合种养试验田", "缙云县建设来料加工工坊"]


def read(tmp_path: Path, *lines: str) -> Document:
    path = tmp_path / "issue.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_document(path, path.name)


def assert_apart(issue: Document) -> None:
    """Both cases are items of their own, each credited to its county, and no passage names both."""
    assert issue.kind == "bulletin"
    assert [item.title for item in issue.items] == ITEMS
    for item, county in zip(issue.items, ("余姚市", "缙云县"), strict=True):
        assert item.contributors == (county,)
    for item in issue.items:
        for passage in item.passages:
            text = issue.text[passage.start : passage.end]
            assert ("余姚" in text) != ("缙云" in text)


@pytest.mark.parametrize(
    ("lines", "series", "year", "issue", "total"),
    [
        (["浙里示例", "第三十三期"], "浙里示例", None, 33, None),
        (["浙里示例", "2023年第33期 总第100期"], "浙里示例", 2023, 33, 100),
        (["浙里示例", "第33期（总第100期）2023年12月29日"], "浙里示例", 2023, 33, 100),
        (["浙里示例", "（2023年第33期）"], "浙里示例", 2023, 33, None),
        (["浙里示例", "〔2023〕第33期"], "浙里示例", 2023, 33, None),
        (["浙里示例", "〔2023〕33号"], "浙里示例", 2023, 33, None),
        (["浙里示例 第33期"], "浙里示例", None, 33, None),
        (["《浙里示例》2023年第33期"], "浙里示例", 2023, 33, None),
        (["浙里示例", "第33期", "总第一百期", "2023年12月29日"], "浙里示例", 2023, 33, 100),
        (["浙里示例", "第３３期（总第１００期）　示例办公室编"], "浙里示例", None, 33, 100),
    ],
)
def test_mastheads(tmp_path: Path, lines: list[str], series: str, year: int | None, issue: int, total: int | None) -> None:
    found = read(tmp_path, *lines, "【市县交流】", f"▲{A}", "（余姚市供稿）", f"▲{B}", "（缙云县供稿）")
    assert (found.series, found.year, found.issue, found.total_issue) == (series, year, issue, total)
    assert_apart(found)
    citation = cite(found, found.items[0], found.items[0].start, found.items[0].end)
    assert f"第{issue}期" in citation.line
    assert "None" not in citation.line + found.title


CREDIT_B = "（缙云县供稿）"
HEAD = ["浙里示例", "2023年第33期", "示例办公室", "2023年12月29日"]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([*HEAD, "【市县交流】", A, "（余姚市供稿）", B, "（缙云县供稿）"], id="no marks"),
        pytest.param([*HEAD, A + "（余姚市供稿）", B + "（缙云县供稿）"], id="no marks, no headings"),
        pytest.param([A, "（余姚市供稿）", B, "（缙云县供稿）"], id="no masthead"),
        pytest.param([*HEAD, f"●{A}", "（余姚市供稿）", f"●{B}", "（缙云县供稿）"], id="another mark"),
        pytest.param([*HEAD, "▲", A, "（余姚市供稿）", "▲", B, "（缙云县供稿）"], id="marks on lines of their own"),
        pytest.param([*HEAD, "【目录】", *ITEMS, f"▲{A}", "（余姚市供稿）", f"▲{B}", CREDIT_B], id="目录 without marks"),
        pytest.param(
            [*HEAD, "目 录", "【市县交流】", *[f"☆{title}…………1" for title in ITEMS],
             "【市县交流】", f"▲{A}", "（余姚市供稿）", f"▲{B}", CREDIT_B], id="目录 with headings and leaders"),
        pytest.param(
            ["【目录】", *[f"▲{title}" for title in ITEMS], *HEAD, f"▲{A}", "（余姚市供稿）", f"▲{B}", "（缙云县供稿）"],
            id="目录 first, with the items' mark"),
        pytest.param(
            [*HEAD, "【市县交流】", f"▲{A}", "【主要做法】", "一是政策支持。", "（余姚市供稿）", f"▲{B}", "（缙云县供稿）"],
            id="a heading inside an item"),
        pytest.param(
            [*HEAD, f"▲{A}", "报：一是向上级部门报告进展。", "（余姚市供稿）", f"▲{B}", "（缙云县供稿）", "送：各有关单位。"],
            id="a paragraph opened 报："),
        pytest.param([*HEAD, f"▲{A}", "（供稿：余姚市）", f"▲{B}", "供稿单位：缙云县"], id="other credits"),
        pytest.param([*HEAD, f"▲{A}", "（余姚市供稿）", f"▲{B}", "（缙云县供稿）", "▲"], id="a mark without text"),
    ],
)  # fmt: skip
def test_two_cases_are_never_one(tmp_path: Path, lines: list[str]) -> None:
    assert_apart(read(tmp_path, *lines))


def test_a_heading_inside_an_item_stays_there(tmp_path: Path) -> None:
    lines = [*HEAD, "【市县交流】", f"▲{A}", "【主要做法】", "一是政策支持。", "（余姚市供稿）", f"▲{B}", "（缙云县供稿）"]
    issue = read(tmp_path, *lines)
    assert [item.section for item in issue.items] == ["市县交流", "市县交流"]
    assert "一是政策支持" in issue.text[issue.items[0].start : issue.items[0].end]


def test_contents_with_headings_are_still_checked(tmp_path: Path) -> None:
    lines = [
        *HEAD,
        "【目录】",
        "【市县交流】",
        *[f"☆{t}" for t in ITEMS],
        "☆丢了的条目",
        "【市县交流】",
        f"▲{A}",
        f"▲{B}",
        "（缙云县供稿）",
    ]
    issue = read(tmp_path, *lines)
    assert issue.contents == (*ITEMS, "丢了的条目")
    assert issue.warnings == ("目录中的“丢了的条目”没有在正文中找到对应条目",)


def test_a_mark_without_text_is_a_warning(tmp_path: Path) -> None:
    issue = read(tmp_path, *HEAD, f"▲{A}", "▲（缙云县供稿）", f"▲{B}")
    assert issue.warnings == ("有 1 个条目只有标记或供稿单位，没有正文",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("完。（余姚市供稿）", ("余姚市",)),
        ("完。(余姚市供稿)。", ("余姚市",)),
        ("完。（安吉县、德清县供稿）", ("安吉县", "德清县")),
        ("完。（安吉县发改局 张三 供稿）", ("安吉县发改局",)),
        ("完。（供稿：缙云县）", ("缙云县",)),
        ("完。［缙云县供稿］", ()),
        ("完。[缙云县供稿]", ("缙云县",)),
        ("供稿单位：缙云县发改局", ("缙云县发改局",)),
        ("各地要积极供稿。", ()),
    ],
)
def test_credits(text: str, names: tuple[str, ...]) -> None:
    assert take_credit(text)[1] == names


def test_an_editors_note_is_no_issuer() -> None:
    lines = ["浙里示例", "2023年第33期", "编者按：本期刊发两地做法，供各地学习借鉴。", "示例办公室编", "2023年12月29日"]
    masthead = read_masthead(lines)
    assert (masthead.issuer, masthead.lines) == ("示例办公室", tuple(lines))


@pytest.mark.parametrize(
    ("text", "number"), [("33", 33), ("３３", 33), ("三十三", 33), ("十", 10), ("一百零五", 105), ("二〇二三", 2023)]
)
def test_numerals(text: str, number: int) -> None:
    assert read_number(text) == number
