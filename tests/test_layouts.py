"""Issues of other layouts: numbers in many forms, items without marks, headings inside items, credits in many places."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.citation import cite
from ingest.document import Document
from ingest.facts.numerals import read_number
from ingest.grammars.credits import take_credit
from ingest.grammars.masthead import read_masthead
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
            text = passage.context + issue.text[passage.start : passage.end]
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
        pytest.param([*HEAD, f"▲{A}", "【余姚市供稿】", f"▲{B}", "【缙云县供稿】"], id="credits in heavy brackets"),
        pytest.param([*HEAD, "●本期导读", f"▲{A}", "（余姚市供稿）", f"▲{B}", CREDIT_B], id="another mark above"),
        pytest.param(
            [*HEAD, "【目录】", "【市县交流】", ITEMS[0], "【部门动态】", ITEMS[1], "【市县交流】", f"▲{A}", "（余姚市供稿）",
             "【部门动态】", B, CREDIT_B], id="a listed heading before an item without a mark"),
    ],
)  # fmt: skip
def test_two_cases_are_never_one(tmp_path: Path, lines: list[str]) -> None:
    assert_apart(read(tmp_path, *lines))


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(ITEMS, id="plain"),
        pytest.param([f"{n}.{title}" for n, title in enumerate(ITEMS, 1)], id="numbered"),
        pytest.param([f"{title} {n}" for n, title in enumerate(ITEMS, 3)], id="page numbers"),
        pytest.param([title.replace("打造", "推进").replace("建设", "建成") for title in ITEMS], id="worded otherwise"),
    ],
)
@pytest.mark.parametrize("standing_alone", [True, False])
def test_items_without_marks_and_credits_part_at_listed_titles(
    tmp_path: Path, entries: list[str], standing_alone: bool
) -> None:
    numbers = ["1.", "2."] if entries[0].startswith("1.") else ["", ""]
    body: list[str] = []
    for number, text in zip(numbers, (A, B), strict=True):
        title, prose = text.split("。", 1)
        body += [f"{number}{title}", prose] if standing_alone else [f"{number}{title}。{prose}"]
    issue = read(tmp_path, *HEAD[:2], "【目录】", *entries, "2023年12月29日", *body)
    assert [item.title for item in issue.items] == ITEMS
    assert (issue.warnings, issue.date) == ((), "2023-12-29")


def test_the_first_title_without_a_mark_is_no_masthead(tmp_path: Path) -> None:
    title, prose = A.split("。", 1)
    issue = read(tmp_path, *HEAD, title, prose, "（余姚市供稿）", B, CREDIT_B)
    assert [item.title for item in issue.items] == ITEMS
    assert issue.issuer == "示例办公室"


P = "示例县的村民把闲置的晒谷场收拾出来，办起了共享食堂，六十岁以上的老人花五元钱就能吃上一顿热饭。"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            ["晒谷场办起食堂", "来源：示例日报", P, "▲图为共享食堂。张三 摄", P, "▲图为老人用餐。李四 摄"], id="captions"
        ),
        pytest.param(["晒谷场办起食堂", "2024-05-06", P, "（本报记者张三供稿）", P, "（图片由示例县供稿）"], id="not credits"),
        pytest.param(["关于举办培训的通知", "浙示发〔2024〕3号", "各县（市、区）：", P, "【附件】", P], id="a notice"),
        pytest.param(["共富讲堂第3期开讲", "来源：示例日报", "【现场】", P, "●要点一", P], id="a third session"),
        pytest.param(["关于举办第3期培训的通知", "各县（市、区）：", P, "报送：各有关单位。"], id="a third training"),
        pytest.param(["要点", "★晒谷场", P, "★食堂", P], id="a list"),
    ],
)
def test_what_is_no_issue(tmp_path: Path, lines: list[str]) -> None:
    found = read(tmp_path, *lines)
    assert found.kind != "bulletin"
    assert len(found.items) == 1


def test_an_issue_of_titles_only_is_not_lost(tmp_path: Path) -> None:
    found = read(tmp_path, "浙里示例", "第33期", "【目录】", *ITEMS)
    assert len(found.items) == 1
    assert ITEMS[1] in found.text


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
        ("完。（余姚市 安吉县供稿）", ("余姚市", "安吉县")),
        ("完。（本报记者张三供稿）", ()),
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


def test_a_title_that_counts_courses_is_no_masthead(tmp_path: Path) -> None:
    lines = [
        "县干部夜校开办第3期",
        "示例日报 2024-05-06",
        "县干部夜校的第三个班昨晚开课，课程包括乡村规划。",
    ]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    assert read_document(tmp_path / "a.txt", "a.txt").kind == "news"
