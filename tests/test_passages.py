"""Passages cover an item once, stay within it, and are cut where the text itself pauses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import DOCUMENTS, ROOT, shared
from hypothesis import given
from hypothesis import strategies as st
from reading import squeeze

from ingest.document import Document
from ingest.grammars.contents import HEADING
from ingest.grammars.credits import take_credit
from ingest.passages import LONGEST, LONGEST_TABLE, Block, split
from ingest.read import PAGED, READERS, read_document
from ingest.walk import walk

sentences = st.lists(st.text(alphabet="甲乙丙丁一二三是，、；。！“”12%A ", min_size=1, max_size=500), min_size=1, max_size=12)


@given(sentences)
def test_passages_cover_every_character_once(paragraphs: list[str]) -> None:
    text = "\n".join(paragraphs)
    blocks, at = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(at, at + len(paragraph)))
        at += len(paragraph) + 1
    covered = [0] * len(text)
    for passage in split(text, blocks, ""):
        assert 0 < passage.end - passage.start <= LONGEST
        for place in range(passage.start, passage.end):
            covered[place] += 1
    assert all(times == 1 for times, character in zip(covered, text, strict=True) if character != "\n")


def test_cuts_at_measures() -> None:
    head = "某县建设示范食堂，" + "服务覆盖城乡，" * 18 + "群众普遍欢迎。"
    measures = [f"{n}是{'抓好落实，' * 44}见到实效。" for n in "一二三"]
    text = head + "".join(measures)
    texts = [text[p.start : p.end] for p in split(text, [Block(0, len(text))], "")]
    assert texts == [head, *measures]


@pytest.mark.parametrize(
    ("lines", "passages"),
    [
        (
            [
                "东溪县开办流动课堂。",
                "东溪县培训农民4600人次。",
                "西岭县建成共享冷库。",
                "冷库由村集体管理。",
                "西岭县增收860万元。",
            ],
            [2, 3],
        ),
        (["▲云溪市食堂开张。", "▲青禾区食堂开张。"], [1, 1]),
        (["东溪县开办流动课堂。", "全县有27个村。", "园区有12家企业。", "县域内就诊率提高。", "各县区都来学。"], [5]),
        (
            [
                "缙云县把活送到村口。",
                "超市开在村里。",
                "开发区招商。",
                "城市更新加快。",
                "直辖市来学。",
                "工业园区扩建。",
                "市区修路。",
            ],
            [7],
        ),
        (["缙云县把活送到村口。", "科尔沁左翼中旗来学。", "禹会区办班。"], [1, 1, 1]),
    ],
)
def test_paragraphs_of_two_counties_share_no_passage(lines: list[str], passages: list[int]) -> None:
    text = "\n".join(lines)
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    blocks = [Block(start, start + len(line)) for start, line in zip(starts, lines, strict=True)]
    assert [text[p.start : p.end].count("\n") + 1 for p in split(text, blocks, "")] == passages


def test_captions_and_subheads_are_borders() -> None:
    lines = ["甲" * 60 + "。", "乙县食堂。某某供图。", "丙" * 60 + "。", "小标题", "丁" * 60 + "。"]
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    blocks = [
        Block(start, start + len(line), "caption" if "供图" in line else "body", line == "小标题")
        for start, line in zip(starts, lines, strict=True)
    ]
    text = "\n".join(lines)
    passages = split(text, blocks, "某报")
    assert [(text[p.start : p.end], p.role, p.context) for p in passages] == [
        (lines[0], "body", "某报"),
        (lines[1], "caption", "某报"),
        (lines[2], "body", "某报"),
        (f"小标题\n{lines[4]}", "body", "某报 小标题"),
    ]


def test_lines_left_out_are_in_no_passage(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    lines = "".join(
        f"<p>{line}</p>" for line in ("某镇新开食堂三家。" * 4, "编辑：孙例 责任编辑：李样", "食堂周末照常开放。" * 4)
    )
    html = f"<html><body><h1>某镇新开食堂</h1><p>来源：示例日报 2025年3月18日</p>{lines}</body></html>"
    page.write_text(html, encoding="utf-8")
    document = read_document(page, page.name)
    assert "编辑：孙例" in document.text
    texts = [document.text[p.start : p.end] for item in document.items for p in item.passages]
    assert not any("孙例" in text for text in texts) and "照常开放" in "".join(texts)


def test_no_passage_of_the_samples_mixes_items_or_is_too_long() -> None:
    for path, file in walk(DOCUMENTS):
        if path.suffix not in {*READERS, *PAGED} or "扫描件" in file:
            continue
        for item in read_document(path, file).items:
            assert item.passages
            for passage in item.passages:
                assert item.start <= passage.start < passage.end <= item.end
                assert passage.end - passage.start <= LONGEST


def test_seed_passages_hold_one_county_each() -> None:
    path = shared("seeds", "zheligongfu-2023-33.txt")
    issue = read_document(path, path.name)
    starts = [item.start for item in issue.items]
    for item, after in zip(issue.items, [*starts[1:], len(issue.text)], strict=True):
        assert all(item.start <= p.start and p.end <= after for p in item.passages)
        assert "▲" not in issue.text[item.start : item.end]


def test_every_character_is_in_one_passage_or_accounted_for() -> None:
    """What is in no passage is masthead, 目录, tail, credit, section, mark or number, or an article's title and byline."""
    files = [*walk(DOCUMENTS), *walk(ROOT / "tests" / "data" / "reading")]
    for path, file in files:
        if path.suffix == ".json" or "扫描件" in file:
            continue
        document = read_document(path, file)
        covered = [0] * len(document.text)
        for place in (n for item in document.items for passage in item.passages for n in range(passage.start, passage.end)):
            covered[place] += 1
        assert max(covered) == 1
        known = {squeeze(line) for line in (*document.masthead, *document.contents, *document.distribution, document.title)}
        for line in re.finditer(r"[^\n]+", document.text):
            left = "".join(c for c, times in zip(line[0], covered[line.start() : line.end()], strict=True) if not times)
            assert not left.strip() or is_accounted_for(left.strip(), line[0], known, document), (file, left)


def is_accounted_for(left: str, line: str, known: set[str], document: Document) -> bool:
    listed = any(entry and entry in squeeze(line) for entry in known)
    left = left.lstrip("▲●■◆★☆△◇◎ ")  # a mark may be all that is left before a credit
    opening = re.fullmatch(r"[▲●■◆★☆△◇◎]?\s*(?:【[^】]+】|[\u4e00-\u9fff]{2,6}：|第?[（(]?[一二三四\d]+[)）、.．])?", left)
    section = any(item.section and item.section in left for item in document.items)
    heading = bool(HEADING.match(left))
    byline = document.kind == "news" and len(line) < 60 and "。" not in line
    return listed or bool(take_credit(left, bare=True)[1]) or bool(opening) or section or heading or byline


def test_a_table_stays_whole_a_long_one_keeps_its_heading_row() -> None:
    def passages_of(rows: int) -> tuple[str, list[str], list[str]]:
        lines = ["县市区 | 驿站（家）", *(f"第{n}县 | {n * 7}" for n in range(1, rows))]
        starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(rows)]
        text = "\n".join(lines)
        blocks = [Block(start, start + len(line), row=True) for start, line in zip(starts, lines, strict=True)]
        passages = split(text, blocks, "某县年报")
        assert {passage.role for passage in passages} == {"table"}
        return text, [text[p.start : p.end] for p in passages], [p.context for p in passages]

    text, texts, contexts = passages_of(20)
    assert (texts, contexts) == ([text], ["某县年报"])
    text, texts, contexts = passages_of(200)
    assert "\n".join(texts) == text
    assert all(len(part) <= LONGEST_TABLE for part in texts)
    assert contexts == ["某县年报", *["某县年报 县市区 | 驿站（家）"] * (len(texts) - 1)]
