"""Questions that lean on those before are made whole; those that stand alone stay as they are."""

from __future__ import annotations

import pytest

from answer.followup import understood

COUNTY = "余姚市稻渔综合种养惠及多少农户？"


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ([COUNTY], "那临安区呢？", "临安区稻渔综合种养惠及多少农户？"),
        ([COUNTY], "临安呢", "临安稻渔综合种养惠及多少农户？"),
        ([COUNTY], "亩均增收呢？", "余姚市稻渔综合种养亩均增收有多少"),
        ([COUNTY], "该市还有哪些做法？", "余姚市还有哪些做法？"),
        ([COUNTY], "那里的水产品亩均增收多少？", "余姚市的水产品亩均增收多少？"),
        ([COUNTY], "它是什么时候开始的？", "余姚市稻渔综合种养是什么时候开始的？"),
        ([COUNTY], "具体怎么做的？", "余姚市稻渔综合种养具体怎么做的？"),
        ([COUNTY], "这个项目投入多少资金？", "余姚市稻渔综合种养投入多少资金？"),
        ([COUNTY], "其中龙虾有多少？", "余姚市稻渔综合种养中龙虾有多少？"),
        ([COUNTY, "那临安区呢？"], "永康市呢", "永康市稻渔综合种养惠及多少农户？"),
        (["缙云来料加工2023年带动多少人就业？"], "2022年呢？", "缙云来料加工2022年带动多少人就业？"),
        (["缙云来料加工带动多少人就业？"], "它的派单总额是多少？", "缙云来料加工的派单总额是多少？"),
        (["龙游县积分超市有多少家？"], "总共多少钱？", "龙游县积分超市总共多少钱？"),
        (["义乌市零工市场有几个", "谢谢"], "它是什么时候开始的？", "义乌市零工市场是什么时候开始的？"),
        (["桐庐县日均供餐多少份？"], "其他县呢？", "还有哪些县做过桐庐县日均供餐"),
        (["桐庐县老年助餐点有多少个？"], "那缙云县共富工坊呢？", "缙云县共富工坊有多少"),
        (["谁是第一棒火炬手？"], "他来自哪里", "第一棒火炬手来自哪里"),
    ],
)
def test_what_is_left_out_is_taken_from_before(before: list[str], question: str, whole: str) -> None:
    assert understood(question, before) == whole


@pytest.mark.parametrize(
    "question",
    [
        "永康市帮扶资金是多少？",
        "省里对共享冷库有什么政策？",
        "老年助餐",
        "其他县市有哪些稻渔综合种养的做法？",
        "吉他社团有多少学生参加？",
        "哪些县有强村公司？",
        "如何办理低保",
        "为什么要建设共享冷库",
        "多少家企业设立厂区课堂",
    ],
)
def test_a_question_that_stands_alone(question: str) -> None:
    assert understood(question, [COUNTY]) == question
    assert understood(question, []) == question


def test_without_turns_before_nothing_is_added() -> None:
    assert understood("那临安区呢？", []) == "那临安区呢？"
