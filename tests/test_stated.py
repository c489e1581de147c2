"""What words state of access groups: in lines, with several labels, with their values below."""

from __future__ import annotations

import pytest

from ingest.access.words import UNJUDGED, stated_in_lines
from ingest.formats.marks import stated_in_page, stated_in_paragraphs
from ingest.formats.tables import table_row


@pytest.mark.parametrize(
    ("line", "groups"),
    [
        ("知悉范围：公开  密级：秘密", {"秘密"}),
        ("密级：普通　知悉范围：农业处", {"农业处"}),
        ("公开范围：公开；知悉范围：内部", {"内部"}),
        ("知悉范围：公开（密级：秘密）", {"秘密"}),
        ("知悉范围：内部（密级：秘密）", {"内部", "秘密"}),
        ("知悉范围：公开、密级：秘密", {"秘密"}),
        ("知悉范围：公开 知悉范围（必填）：内部", {"内部"}),
        ("知悉范围：公开 缓急：特急 密级：秘密 主送：厅领导", {"秘密"}),
        ("知悉范围 内部 密级：秘密", {"内部", "秘密"}),
        ("知悉范围：公开  缓急：特急", set()),
    ],
)
def test_every_label_of_a_line_counts(line: str, groups: set[str]) -> None:
    assert stated_in_lines([line]) == groups
    assert stated_in_paragraphs(table_row(["电站", line])) == groups  # and of a cell


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        ("知悉范围：\n内部", {"内部"}),
        ("知悉范围：\n仅限厅领导、办公室负责人阅读。", {"仅限厅领导", "办公室负责人阅读"}),
        ("知悉范围：\n厅领导、办公室、农业处、水利处、财务处、人事处、机关党委、督查室、信访处", set("厅领导 办公室 农业处 水利处 财务处 人事处 机关党委 督查室 信访处".split())),
        ("知悉范围：\n" + "承办单位阅知后保管并登记" * 20, UNJUDGED),
        ("知悉范围：内部、\n农业处", {"内部", "农业处"}),
        ("知悉范围：\n内部、\n农业处\n云溪县情况", {"内部", "农业处"}),
        ("知悉范围：公开、\n内部", {"内部"}),
        ("知悉范围：\n缓 急：特急", set()),
        ("知悉范围：\n主送（必填）：厅领导", set()),
        ("知悉范围：\n- 内部\n- 农业处\n云溪县情况", {"内部", "农业处"}),
        ("知悉范围：\n公开\n云溪县情况", set()),
    ],
)  # fmt: skip
def test_a_value_below_its_label_counts_whatever_it_looks_like(lines: str, groups: set[str]) -> None:
    assert stated_in_lines(lines.splitlines()) == groups
    shown = "".join(f"<div>{line}</div>" for line in lines.splitlines())
    assert stated_in_page(f"<html><body>{shown}</body></html>") == groups
