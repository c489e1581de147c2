"""Text is compared folded, in pairs of characters, and marked in its own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.phrases import highlights, phrase_share
from index.text.query import Query
from index.text.words import asked_tokens, fold, same_number, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("稻渔综合", ["稻渔", "渔综", "综合"]),
        ("臺灣ＡＩ", ["台湾", "ai"]),
        ("2.3万人次", ["2.3", "万人", "人次"]),
        ("1,200余户", ["1200", "余户"]),
        ("１１１４５家", ["11145", "家"]),
        ("茶", ["茶"]),
        ("①㎡", ["1", "m", "2"]),
        ("！？", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(fold(text)) == expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        (
            "余姚的稻漁綜合種養增收多少公斤？",
            "余姚市打造稻渔综合种养，亩均增收200公斤",
            ["余姚", "稻渔综合种养", "增收", "公斤"],
        ),
        ("哪些地方做过老年助餐？", "海盐县的老年食堂提供助餐服务", ["老年", "助餐"]),
        ("11145家工坊", "累计建成１１１４５家，另有2家", ["１１１４５"]),
        ("是什么", "什么是共富", []),
        ("和美乡村用有机肥吗", "建设和美乡村，施用有机肥", ["和美乡村", "用有机肥"]),
        ("对口帮扶有什么做法", "山海协作对口帮扶的做法", ["对口帮扶"]),
        ("带动1200人", "带动12000人、1200人", ["带动", "1200"]),
    ],
)
def test_highlights(query: str, text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in highlights(Query(query), text)] == expected


def test_words_of_asking_are_not_looked_for() -> None:
    assert asked_tokens(fold("余姚的稻渔增收多少公斤？")) == ["余姚", "稻渔", "渔增", "增收", "公斤"]
    assert asked_tokens(fold("茶怎么样")) == ["茶怎", "怎么", "么样"]  # nothing else is left but one character
    assert asked_tokens(fold("是什么")) == ["是什", "什么"]
    assert list(Query("对口帮扶有哪些做法").words) == ["对口", "帮扶"]


def test_numbers_in_both_ways_of_writing() -> None:
    assert same_number("100") == ["100", "一百"]
    assert same_number("二百") == ["二百", "200", "两百"]
    assert same_number("15") == ["15", "十五"]
    assert same_number("食堂") == ["食堂"]


def test_one_long_stretch_counts_more_than_two_short_ones() -> None:
    whole, parts, none = phrase_share(Query("老年助餐是什么"), ["海盐的老年助餐", "老年食堂提供助餐", "食堂"])
    assert whole == 1.0 and 0.5 < parts < 0.9 and none == 0.0
    assert phrase_share(Query("？"), ["海盐"]) == [0.0]


@given(st.text(), st.text())
def test_highlights_are_spans_of_the_text(query: str, text: str) -> None:
    spans = highlights(Query(query), text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] < after[0] for before, after in zip(spans, spans[1:], strict=False))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert tokens(fold(text)) == tokens(fold(text))


def test_a_word_said_often_is_looked_for_once() -> None:
    assert highlights(Query("食堂，" * 400), "老年食堂") == [(2, 4)]
