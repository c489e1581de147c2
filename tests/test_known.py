"""Answers that the catalog has: issues, days, offices, numbers, credits, captions, contents; and sums over several places."""

from __future__ import annotations

import pytest
from conftest import CACHE

from answer.answer import Answer
from answer.answerer import Answerer
from answer.question import read_question
from answer.several import parts_of, total_of
from answer.short import told, yes_or_no
from answer.subject import is_of_others
from index.models.reader import Reader
from index.search.index import SearchIndex
from index.search.spelling import Spelling, sounds_in
from index.store.documents import document_of
from index.text.query import Query
from ingest.document import Figure


@pytest.fixture(scope="module")
def answerer(sample_index: SearchIndex) -> Answerer:
    return Answerer(sample_index, Reader(CACHE))


def said(answer: Answer) -> str:
    return "".join([answer.short, *(one.text for one in answer.sentences)])


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("《共富示例》2024年8月那期是总第几期？", ["总第108期"]),
        ("《共富示例》2024年第3期是哪天印发的？", ["2024年3月"]),
        ("青田种稻又养鱼的经验登在《共富示例》哪一期，供稿的是谁？", ["2024年第2期", "青田县"]),
        ("《班车捎着香菇跑》的通讯员是谁？", ["郑例样"]),
        ("《学校空了以后》登在什么报刊上，第几版？", ["示例观察", "第3版"]),
        ("《屋顶上的“阳光存折”》里检查接线的照片谁拍的？", ["褚例"]),
        ("《共富示例》2024年第8期登了哪些内容？", ["零工港", "健康管家"]),
        ("“产业飞地”15条举措这篇稿件的供稿单位", ["省自然资源厅"]),  # whose line stands behind the item
        ("嵊泗用无人机给小岛送药的经验，简报是第几期、放在哪个栏目登的？", ["第3期", "市县交流"]),
        ("2024年第8期简报分了哪几个栏目？", ["重要动态", "市县交流", "信息摘编"]),
        ("桐庐快递车捎饭的稿件，采写的记者和通讯员分别是谁？", ["王一示", "李示例"]),
        ("平湖“吵架会”那篇报道的责编是哪位？", ["孙示"]),
        ("现有的2024年各期《共富示例》，按目录数，加起来一共登了多少条？", ["55条"]),
        ("七月号市县交流登的是哪六个县区的做法？", ["磐安", "永嘉", "泰顺"]),
        ("2024年第3期的“部门信息”栏有哪几条？", ["先试用后租赁", "负面清单"]),
        ("《共富示例》第1、2两期的市县交流栏一共登了多少条？", ["12条"]),
    ],
)
def test_what_the_catalog_knows(answerer: Answerer, question: str, parts: list[str]) -> None:
    answer = answerer.answer(question)
    assert answer.found and [part for part in parts if part not in said(answer)] == []
    for sentence, citation in zip(answer.sentences, answer.citations, strict=True):
        document = document_of(answerer.index.catalog, citation.document_id)
        assert document and document.text[slice(*citation.span)] == sentence.text


def test_an_issue_is_cited_without_an_item(answerer: Answerer) -> None:
    [citation] = answerer.answer("《共富示例》2024年8月那期是总第几期？").citations
    assert citation.line.startswith("《共富示例》2024年第8期（总第108期），")


@pytest.mark.parametrize("question", ["《共富示例》2025年第1期登了哪些内容？", "《共富示例》第44期是哪天印发的？"])
def test_an_issue_that_is_not_held(answerer: Answerer, question: str) -> None:
    assert not answerer.answer(question).found


def test_a_sum_over_several_places(answerer: Answerer) -> None:
    answer = answerer.answer("临安和苍南两地的直播电商共富工坊，加在一块多少家？")
    assert answer.short == "92家" and "相加" in answer.note
    assert {"临安", "苍南"} <= {name for citation in answer.citations for name in ("临安", "苍南") if name in citation.line}


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("南浔的稻渔循环基地加上秀洲的稻虾轮作，面积总共多少万亩？", "2.8万亩"),  # 秀洲: 由9600亩扩大到1.52万亩
        ("《共富示例》第3期的庆元和第5期的常山，客货邮线路一起算有几条？", "29条"),
    ],
)
def test_each_place_of_a_sum_has_its_own_thing_and_issue(answerer: Answerer, question: str, short: str) -> None:
    answer = answerer.answer(question)
    assert answer.short == short and len(answer.citations) == 2


def test_the_parts_of_a_question() -> None:
    asked = read_question(Query("温岭、北仑、金东三地的做法合起来，一共让多少残疾人有了活干？"))
    assert parts_of(asked) == [f"{name}做法，让多少残疾人有了活干？" for name in ("温岭", "北仑", "金东")]
    assert parts_of(read_question(Query("温岭和北仑的残疾人就业"))) == []
    facts = parts_of(read_question(Query("渔民老夏是哪天夜里犯的病，多久后被直升机接走？")))
    assert facts == ["渔民老夏是哪天夜里犯的病，", "渔民老夏，多久后被直升机接走？"]
    facts = parts_of(read_question(Query("广州的临时救助，一户一年封顶多少，钱归谁审计？")))
    assert facts == ["广州的临时救助，一户一年封顶多少，", "广州的临时救助，钱归谁审计？"]
    assert (
        parts_of(read_question(Query("您好，临安区的山核桃节是哪天开的，来了多少人？")))[1]
        == "您好，临安区的山核桃节，来了多少人？"
    )
    things = read_question(Query("今年3月，新开的食堂和改造的食堂加起来多少家？"))
    assert parts_of(things) == ["今年3月，新开的食堂多少家？", "今年3月，改造的食堂多少家？"]
    same = Figure(3, "家", "", 7, 9)
    assert total_of(things, [same, same]) == "" and total_of(things, [same, Figure(3, "家", "", 17, 19)]) == "6家"
    trained = read_question(Query("全县一共培训了多少人，其中就业多少人？"))
    assert len(parts_of(trained)) == 2 and total_of(trained, [Figure(324, "人", "", 0, 4), Figure(210, "人", "", 0, 4)]) == ""
    people = [Figure(324, "人", "", 0, 4), Figure(412, "名", "", 0, 4)]
    assert total_of(asked, people) == "736人"
    assert total_of(asked, [*people, None]) == "" == total_of(asked, [*people, Figure(3, "家", "", 0, 2)])


@pytest.mark.parametrize(
    ("question", "mark", "short"),
    [
        ("长者饭堂搞邻里互助送饭的，能拿运营补贴吗？", "不享受运营补贴", "否：不享受运营补贴"),
        ("手里的居住证还没到期，现在还能不能用？", "仍可继续使用", "是：仍可继续使用"),
        ("是不是不用交押金？", "免收押金", ""),
        ("押金是多少？", "不收押金", ""),
    ],
)
def test_yes_or_no(question: str, mark: str, short: str) -> None:
    assert yes_or_no(read_question(Query(question)), [mark]) == short


@pytest.mark.parametrize(
    ("question", "sentence", "other"),
    [
        ("德清县能级工资惠及多少人？", "温岭市能级工资惠及职工20余万人。", True),
        ("德清县能级工资惠及多少人？", "全省能级工资惠及职工超354万人。", True),
        ("德清县能级工资惠及多少人？", "该县能级工资惠及职工2万人。", False),
        ("杭州市建成多少家工坊？", "临安区建成工坊68家。", False),
        ("全省建成多少家工坊？", "全省建成工坊11145家。", False),
        ("永嘉县的经理人要过几关？", "面向全国发布公告，设笔试、路演两个环节。", False),
        ("桐庐县的增速排第几？", "增速14.5%，居全省第一。", False),
        ("临安区有多少家工坊？", "去年全省建成工坊8000家。", True),
    ],
)
def test_whom_a_sentence_is_about(question: str, sentence: str, other: bool) -> None:
    assert is_of_others(Query(question), sentence) == other


def test_typing_errors_are_read_by_their_sound() -> None:
    assert sounds_in("三支一服", "招募“三支一扶”人员") and not sounds_in("三支一包", "招募“三支一扶”人员")
    assert not sounds_in("村医", "该村一名村民")
    spelling = Spelling({"临时": 9, "救助": 9, "津贴": 5, "协议": 4, "农户": 3})
    nothing = dict.fromkeys(("零时", "时救", "津帖", "协义"), 0)
    assert spelling.corrected("广州零时救助每月津帖多少", nothing) == "广州临时救助每月津贴多少"
    assert spelling.corrected("签了协义的农户", nothing) == "签了协议的农户"
    assert spelling.corrected("临时救助", {"临时": 0}) == "临时救助"  # a word as it is
    assert spelling.corrected("零时救助", {}) == "零时救助"  # the texts have it


TABLE = """各街道窗口
序号 | 街道 | 电话 | 地址
1 | 沙河街 | 37286460 | 大街89号
2 | 五山街 | 87999952 | 岳洲路39号
以上为工作日电话。"""


@pytest.mark.parametrize(
    ("row", "cell", "short"),
    [
        ("2 | 五山街", "87999952", "五山街 电话：87999952"), ("1 | 沙河街", "大街89号", "沙河街 地址：大街89号"),
        ("2 | 五山街", "五山街", "街道：五山街"), ("序号", "电话", "序号：电话"), ("以上为", "工作日电话", "工作日电话"),
    ],
)  # fmt: skip
def test_the_cell_of_a_table_is_told_with_its_row_and_column(row: str, cell: str, short: str) -> None:
    start = TABLE.index(row)
    end = (TABLE + "\n").index("\n", start)
    at = TABLE.index(cell, start) - start
    assert told(TABLE, start, end, (at, at + len(cell))) == short
