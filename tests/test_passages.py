"""Passages cover an item once, stay within it, and are cut where the text itself pauses."""

from __future__ import annotations

from conftest import DOCUMENTS, shared
from hypothesis import given
from hypothesis import strategies as st

from ingest.passages import LONGEST, Block, split
from ingest.read import READERS, read_document
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


def test_no_passage_of_the_samples_mixes_items_or_is_too_long() -> None:
    for path, file in walk(DOCUMENTS):
        if path.suffix not in READERS or "扫描件" in file:
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
