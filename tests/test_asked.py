"""What a question asks for is read from its words."""

from __future__ import annotations

import pytest

from answer.question import essence, read_question
from index.text.query import Query


@pytest.mark.parametrize(
    ("question", "sought"),
    [
        ("全县建成多少家共富工坊？", "quantity"),
        ("低收入农户占比是多少", "quantity"),
        ("现场会是什么时候召开的？", "time"),
        ("活动在哪个县举行？", "place"),
        ("谁牵头组织了这次活动？", "who"),
        ("余姚的稻渔综合种养是怎么做的？", "measures"),
        ("安徽省对企业有哪些支持政策？", "measures"),
        ("哪些县市做过老年助餐？", "cases"),
        ("有哪些地方开展了积分超市的做法？", "cases"),
        ("最早搞过片区强村公司的是哪里？哪里做过？", "cases"),
        ("疫情期间还能借书吗？", "yes_no"),
        ("内江市对违反规定的如何处理？", "measures"),
        ("哪些县有强村公司？", "cases"),
        ("哪些地方发展了强村公司？", "cases"),
        ("谁做过院长？", "who"),
        ("它成效怎么样？", "other"),
        ("稻渔综合种养", "other"),
    ],
)
def test_what_is_sought(question: str, sought: str) -> None:
    assert read_question(Query(question)).sought == sought


def test_unit_and_order() -> None:
    assert read_question(Query("全县建成多少家工坊")).unit.startswith("家")
    assert read_question(Query("哪些县市最早做过老年助餐？")).order == "first"
    assert read_question(Query("最近哪些县做过老年助餐？")).order == "latest"
    assert read_question(Query("哪些县做过老年助餐，规模最大的是哪个？")).order == "largest"


def test_a_topic_asks_nothing() -> None:
    assert not read_question(Query("村民做好事攒分换油盐的做法")).asks
    assert read_question(Query("村民做好事攒分怎么换油盐")).asks


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "您好，打扰了！我们这几天在整理德清县2023年的人才工作材料，翻到了能级工资这一项。材料里没有写具体的数字，领导又催得紧。请问能级工资惠及了多少名职工？",
            "德清县2023年材料里没有写具体的数字，领导又催得紧。能级工资惠及了多少名职工？",
        ),
        (
            "您好，我是余姚市农业局的，最近领导要我们了解全省的稻渔综合种养，尤其想知道别的县市的情况，麻烦您帮忙查一查。安吉县的稻渔综合种养有多少亩？",
            "安吉县的稻渔综合种养有多少亩？",
        ),
        (
            "您好，我们是余姚市农业局的，最近领导要我们了解2024年全省的稻渔综合种养，尤其想知道面积，麻烦帮忙查一查。稻渔综合种养一共有多少亩？",
            "稻渔综合种养一共有多少亩？",
        ),
    ],
)
def test_a_long_question_keeps_whose_and_which_year_it_is(text: str, asked: str) -> None:
    assert essence(text) == asked
