"""The text layer is made whole without touching what was written."""

from __future__ import annotations

import pytest

from ingest.extracted import Paragraph, lay_out
from ingest.formats.clean import PrintedLine, clean_text, join_printed, mend_breaks


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("首批 100 个省级示范", "首批100个省级示范"),
        ("**二是凝聚力量。**推动", "二是凝聚力量。推动"),
        ("2023 年第 33 期 (总第 100 期)", "2023年第33期 (总第100期)"),
        ("兴业强村 协同推进", "兴业强村 协同推进"),
        ("⽣产经营⾏业", "生产经营行业"),
        ("零\u200b宽\ufeff字符\x00", "零宽字符"),
        ("use of AI tools", "use of AI tools"),
        ("入驻 in上江 工坊", "入驻in上江 工坊"),
    ],
)
def test_clean_text(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_paragraphs_go_on_over_line_and_page_ends() -> None:
    lines = [
        PrintedLine("某县建成共富工坊一百二十六家，畅通村企合", 1, indented=True),
        PrintedLine("作渠道，搭建村企合作平台，带动村民就近就业创", 1),
        PrintedLine("业增收。", 2),
        PrintedLine("下一步，该县将扩大覆盖面。", 2, indented=True),
        PrintedLine("▲乙县推行积分制。", 2),
    ]
    paragraphs = join_printed(lines, full=22)
    assert [p.text for p in paragraphs] == [
        "某县建成共富工坊一百二十六家，畅通村企合作渠道，搭建村企合作平台，带动村民就近就业创业增收。",
        "下一步，该县将扩大覆盖面。",
        "▲乙县推行积分制。",
    ]
    text, _, page_starts = lay_out(paragraphs)
    assert text[page_starts[1] :].startswith("业增收。")


def test_cut_paragraphs_are_mended_and_short_lines_left_alone() -> None:
    cut = "该县畅通村企合作渠道。促进农民家门口就业增收，已逐步成为基层创新大舞台、产业升级新赛道，搭建村企合"
    headline = "某省集多部门之力连续三年持续推进共富工坊建设，推动农民增收、企业增效、集体增富、社会增和谐"
    texts = ["共富工坊开花结果", headline, "来源：示例日报", cut, "作平台。", "第二段。", "小标题", "第三段，", "（某县供稿）"]
    mended = [p.text for p in mend_breaks(Paragraph(text) for text in texts)]
    assert mended == [
        "共富工坊开花结果",
        headline,
        "来源：示例日报",
        cut + "作平台。",
        "第二段。",
        "小标题",
        "第三段，",
        "（某县供稿）",
    ]
