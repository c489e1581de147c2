"""Notices, minutes and speeches: their title, number and office, an item for each heading and attachment, their citation."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document as new_docx

from ingest.citation import cite
from ingest.document import Document
from ingest.read import read_document

NOTICE = [
    "示例市民政局文件", "示民发〔2024〕38号", "关于做好社区助餐点建设工作的通知", "各区、县（市）民政局：",
    "为方便老人就近吃饭，现就有关事项通知如下。", "一、任务目标", "全市新建助餐点120个，6月底前开工。", "二、工作要求",
    "各地于4月15日前报送方案。", "附件：1. 任务分解表", "2. 验收标准", "示例市民政局", "2024年4月2日", "附件1", "任务分解表",
    "江干区、余杭区各新建12个。", "附件2", "验收标准", "面积不少于60平方米。", "示例市民政局办公室 2024年4月3日印发",
]  # fmt: skip


@pytest.fixture
def notice(tmp_path: Path) -> Document:
    path = tmp_path / "通知.txt"
    path.write_text("\n".join(NOTICE), encoding="utf-8")
    return read_document(path, path.name)


def test_a_notice_is_known_by_its_own_title_number_office_and_date(notice: Document) -> None:
    assert (notice.title, notice.number) == ("关于做好社区助餐点建设工作的通知", "示民发〔2024〕38号")
    assert (notice.issuer, notice.date, notice.warnings) == ("示例市民政局", "2024-04-02", ())


def test_what_follows_the_signature_belongs_to_no_heading(notice: Document) -> None:
    texts = {item.title: notice.text[item.start : item.end] for item in notice.items}
    assert list(texts) == [notice.title, "任务目标", "工作要求", "附件1 任务分解表", "附件2 验收标准"]
    assert texts["工作要求"] == "工作要求\n各地于4月15日前报送方案。"
    assert texts["附件2 验收标准"].endswith("面积不少于60平方米。")
    assert "示例市民政局办公室2024年4月3日印发" in notice.distribution


def test_the_citation_names_the_document_before_its_part(notice: Document) -> None:
    item = notice.items[1]
    assert cite(notice, item, item.start, item.end).line == (
        "示例市民政局《关于做好社区助餐点建设工作的通知》（示民发〔2024〕38号）“任务目标”，2024年4月2日"
    )
    assert cite(notice, notice.items[0], 0, 1).line.endswith("的通知》（示民发〔2024〕38号），2024年4月2日")


def test_number_and_title_stand_in_every_context_line(notice: Document) -> None:
    for item in notice.items:
        assert all("示民发〔2024〕38号" in passage.context and notice.title in passage.context for passage in item.passages)


@pytest.mark.parametrize("bold", [True, False])
def test_titles_part_an_issue_set_in_bold_or_not(tmp_path: Path, bold: bool) -> None:
    document = new_docx()
    for line in ("山区动态", "2024年第3期", "某市发展和改革委员会　2024年2月2日"):
        document.add_paragraph(line)
    for place in ("甲县", "乙县", "丙县"):
        document.add_paragraph().add_run(f"{place}办起共享食堂").bold = bold
        document.add_paragraph(f"{place}利用闲置校舍办起共享食堂，老人每餐只付五元，由村里的能人掌勺。")
    document.save(tmp_path / "动态.docx")
    read = read_document(tmp_path / "动态.docx", "动态.docx")
    assert [item.title for item in read.items] == ["甲县办起共享食堂", "乙县办起共享食堂", "丙县办起共享食堂"]
