"""Answers over the sample corpus, end to end: quoted word for word, marked, listed, compared, or said not to be there."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import httpx
import numpy as np
import pytest
from conftest import CACHE, SHARED, jianbao, shared
from docx import Document

from answer.answer import Answer
from answer.answerer import Answerer
from answer.expected import suited
from answer.question import read_question
from index.evaluate import corpus_catalog, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader, Reading
from index.progress import silent as unwatched
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.documents import document_of
from index.sync.intake import SyncReport
from index.sync.mirror import sync
from index.text.query import Query
from ingest.facts.figures import find_figures

STEP = int(os.environ.get("QUESTION_STEP", "20"))  # every 20th question on a tenth of the documents; 1 by hand, for all


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(CACHE)


@pytest.fixture(scope="module")
def answerer(sample_index: SearchIndex, reader: Reader) -> Answerer:
    return Answerer(sample_index, reader)


def answerer_over(folder: Path, data: Path, encoder: Encoder, reader: Reader | None) -> Answerer:
    sync(folder, Catalog(data), encoder)
    return Answerer(SearchIndex(Catalog(data), encoder), reader)


def quoted(answer: Answer) -> str:
    return "".join(one.text for one in answer.sentences)


def marked(answer: Answer) -> list[str]:
    return [one.text[slice(*one.mark)] for one in answer.sentences if one.mark]


def are_verbatim(answer: Answer, catalog: Catalog) -> bool:
    """Tell whether every sentence is what stands at its citations' spans, inside one item."""
    for sentence in answer.sentences:
        for number in sentence.citations:
            citation = answer.citations[number - 1]
            document = document_of(catalog, citation.document_id)
            assert document
            start, end = citation.span
            if document.text[start:end] != sentence.text:
                return False
            if not any(item.start <= start and end <= item.end for item in document.items):
                return False
    return True


@pytest.mark.parametrize(
    ("question", "part", "item"),
    [
        ("缙云县的派单总额是多少？", "1.8亿元", "缙云县以来料加工"),
        ("桐庐县建成了多少个老年助餐点？", "86个", "桐庐县以“中心厨房+快递配送”"),
        ("平湖市片区强村公司2023年净利润是多少？", "3150万元", "平湖市组建片区强村公司"),
        ("全省山区海岛县产业帮带签约活动是哪天举行的？", "2月22日", "全省山区海岛县产业帮带签约活动"),
        ("技能夜校的就业率达到多少？", "72%", "省人力社保厅开办“技能夜校”"),
    ],
)
def test_a_fact_is_quoted_and_marked(answerer: Answerer, question: str, part: str, item: str) -> None:
    answer = answerer.answer(question)
    assert (answer.found, answer.by, answer.form) == (True, "extractive", "sentences")
    assert 1 <= len(answer.sentences) <= 3 and part in answer.short
    [mark, citation] = next((m, c) for m, c in zip(marked(answer), answer.citations, strict=False) if part in m)
    assert len(mark) <= 30 and citation.item.startswith(item)
    assert are_verbatim(answer, answerer.index.catalog)


@pytest.mark.parametrize(
    "question",
    ["2024年浙江省高考一本线是多少？", "温州最低工资标准是多少？", "杭州到北京的高铁几点发车？", "哪些地方搞过火箭发射？"],
)
def test_what_is_not_there_is_said_not_to_be(answerer: Answerer, question: str) -> None:
    answer = answerer.answer(question)
    assert (answer.found, answer.sentences, answer.citations, answer.form) == (False, (), (), "none")
    assert len(answer.nearest) == 5


def test_another_countys_figure_is_no_answer(answerer: Answerer) -> None:
    assert "47个" in quoted(answerer.answer("宁波市鄞州区建成社区托育点多少个？"))
    for before, question in (([], "嘉善县建成社区托育点多少个？"), (["宁波市鄞州区建成社区托育点多少个？"], "那嘉善县呢？")):
        answer = answerer.answer(question, before)
        assert all("嘉善县" in f"{citation.item}{citation.regions}" for citation in answer.citations)


def test_another_years_figure_is_no_answer(answerer: Answerer) -> None:
    assert answerer.answer("省民政厅2023年平均办理时间压缩到多少天？").found
    assert not answerer.answer("省民政厅2029年平均办理时间压缩到多少天？").found


def test_not_found_says_what_is_missing_and_what_is_held(answerer: Answerer) -> None:
    answer = answerer.answer("2024年浙江省高考一本线是多少？")
    assert answer.missing_terms == ("高考",)
    [series] = answer.holdings
    assert (series.series, series.year, series.held, series.missing) == ("共富示例", 2024, (1, 2, 3, 5, 6, 7, 8), (4,))


def test_cases_are_listed_with_what_they_did_and_reached(answerer: Answerer) -> None:
    answer = answerer.answer("哪些县市做过老年助餐？")
    assert answer.form == "cases" and len(answer.sentences) >= 2
    items = [citation.item for citation in answer.citations]
    assert all(len(list(those)) <= 2 for _, those in groupby(items)) and len(list(groupby(items))) == len(set(items)) > 1
    assert any("设立老年助餐“邻里饭桌”213张" in sentence.text for sentence in answer.sentences)
    assert any("桐庐" in item for item in items)
    assert are_verbatim(answer, answerer.index.catalog)


def test_cases_in_the_order_asked_for(answerer: Answerer) -> None:
    first = [citation.date for citation in answerer.answer("哪些县市最早做过共富工坊？").citations]
    latest = [citation.date for citation in answerer.answer("最近哪些县市做过共富工坊？").citations]
    assert len(first) > 1 and first == sorted(first)
    assert len(latest) > 1 and latest == sorted(latest, reverse=True)


def test_measures_by_their_heads(answerer: Answerer) -> None:
    answer = answerer.answer("平湖市片区强村公司是怎么做的？")
    assert answer.form == "measures"
    assert marked(answer) == ["一是按投入定股权", "二是按清单给业务", "三是按规矩管风险"]
    assert all(
        one.text.endswith(("。", "；")) and len(one.text) > len(mark) + 5
        for one, mark in zip(answer.sentences, marked(answer), strict=True)
    )
    assert are_verbatim(answer, answerer.index.catalog)


def test_a_question_that_leans_on_the_one_before(answerer: Answerer) -> None:
    answer = answerer.answer("那缙云县呢？", ["桐庐县共富工坊吸纳多少村民就业？"])
    assert answer.understood == "缙云县共富工坊吸纳多少村民就业？"
    assert "5380人" in quoted(answer)


def test_conditions_hold_for_answers_too(answerer: Answerer) -> None:
    answer = answerer.answer("共富工坊吸纳多少村民就业？", conditions={"kind": "news"})
    assert {citation.kind for citation in answer.citations} <= {"news"}
    assert not answerer.answer("共富工坊吸纳多少村民就业？", conditions={"region": "火星"}).found


def test_sources_that_disagree_are_both_shown(tmp_path: Path, bundled_encoder: Encoder, reader: Reader) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "三月.txt").write_text(
        "全市已建成零工驿站\n示例日报 2024年3月5日\n截至目前，全市累计建成零工驿站126家，服务零工人员。\n", "utf-8"
    )
    (folder / "九月.txt").write_text(
        "全市建成零工驿站情况\n示例日报 2024年9月5日\n记者获悉，全市累计建成零工驿站158家，覆盖所有乡镇。\n", "utf-8"
    )
    answer = answerer_over(folder, tmp_path / "data", bundled_encoder, reader).answer("全市累计建成零工驿站多少家？")
    assert {"126家" in quoted(answer), "158家" in quoted(answer)} == {True}
    assert "数字不一" in answer.note
    assert {citation.date for citation in answer.citations} == {"2024-03-05", "2024-09-05"}


def test_two_documents_alone_still_refuse(tmp_path: Path, bundled_encoder: Encoder, reader: Reader) -> None:
    answerer = answerer_over(shared("seeds"), tmp_path, bundled_encoder, reader)
    for question in (
        "2024年浙江省高考一本线是多少？",
        "2024年浙江省高考一本线",
        "温州最低工资标准是多少？",
        "温州最低工资标准",
        "德清县能级工资惠及多少人？",  # told of 温岭, in a passage that names 德清县 beside
    ):
        assert not answerer.answer(question).found, question
    for question, part in {
        "余姚市稻渔综合种养惠及多少户农民？": "1200",
        "全省累计建成多少家共富工坊？": "11145家",
        "永康市安排了多少东西协作帮扶资金？": "1.5亿元",
    }.items():
        assert part in quoted(answerer.answer(question)), question


def test_without_the_reader_it_answers_too(sample_index: SearchIndex) -> None:
    answerer = Answerer(sample_index, None)
    said = quoted(answerer.answer("缙云县共富工坊吸纳多少村民就业？"))
    assert "5380人" in said or "6920人" in said  # in January and in June
    assert not answerer.answer("杭州到北京的高铁几点发车？").found


def test_an_empty_index_finds_nothing(tmp_path: Path, tiny_encoder: Encoder) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "一.txt").write_text("某县办起食堂。", encoding="utf-8")
    answerer = answerer_over(tmp_path / "documents", tmp_path / "data", tiny_encoder, None)
    assert not answerer.answer("谁？", conditions={"kind": "bulletin"}).found


def test_every_item_of_the_sample_is_quoted_word_for_word(answerer: Answerer) -> None:
    anyway = Answerer(answerer.index, answerer._reader)
    anyway.threshold = 0.0
    with answerer.index.catalog.connect() as db:
        titles = [json.loads(record)["title"] for (record,) in db.execute("SELECT record FROM items")]
    asked = [title + ("是怎么做的？", "有多少？", "")[place % 3] for place, title in enumerate(titles)]
    assert all(are_verbatim(anyway.answer(question), anyway.index.catalog) for question in asked)


@pytest.mark.slow
def test_answers_over_real_documents_are_quoted_word_for_word(tmp_path: Path, bundled_encoder: Encoder, reader: Reader) -> None:
    folder = shared("ncp")
    documents = read_lines(folder / "corpus.jsonl")[:: (STEP + 1) // 2]
    catalog = corpus_catalog(folder, tmp_path, documents, bundled_encoder, unwatched)
    anyway = Answerer(SearchIndex(catalog, bundled_encoder), reader)
    anyway.threshold = 0.0
    files = (folder / "queries.jsonl", folder / "queries_unanswerable.jsonl", SHARED / "crud_news" / "queries.jsonl")
    questions = [str(row["text"]) for path in files for row in read_lines(path)][::STEP]
    answers = [anyway.answer(question) for question in questions]
    assert sum(bool(answer.sentences) for answer in answers) >= 2000 // STEP
    assert [answer.question for answer in answers if not are_verbatim(answer, catalog)] == []


NOTICE = """关于开展社区花园共建的通知

各街道办事处：

第一条 社区花园由居民认领地块，认领期为一年。

第二条 认领人有下列情形的，由居委会收回地块：
（一）连续两个月无人照管；
（二）改种蔬菜或者堆放杂物；
（三）私自转给别人。

第三条 各街道咨询电话如下：
"""
PHONES = [("柳岸街道", "61230011"), ("石桥街道", "61230022"), ("南塘街道", "61230033"), ("竹林街道", "61230044")]
VISIT = """<html><head><meta name="PubDate" content="2025-03-18"></head><body><h1>青石镇与云岭镇结对共建</h1>
<p>来源：示例日报 2025年3月18日</p>
<p>今天上午，青石镇镇长周例一行来到云岭镇，双方就笋干加工、民宿联营签下五年的结对协议。</p>
<p>按照协议，云岭镇把两家停产的笋厂交给青石镇的合作社打理，每年收取租金18万元，并优先雇用本镇的妇女和老人。</p>
</body></html>"""


@pytest.fixture(scope="module")
def notices(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder, reader: Reader) -> Answerer:
    """Answer from a notice with a list and a table, and from a report that says 今天."""
    folder = tmp_path_factory.mktemp("notices")
    document = Document()
    for line in NOTICE.splitlines():
        document.add_paragraph(line)
    table = document.add_table(0, 2)
    for cells in [("街道", "咨询电话"), *PHONES]:
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    document.save(str(folder / "notice.docx"))
    (folder / "visit.html").write_text(VISIT, encoding="utf-8")
    return answerer_over(folder, tmp_path_factory.mktemp("data"), bundled_encoder, reader)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("南塘街道的咨询电话是多少？", ["61230033"]),
        ("竹林街道 咨询电话", ["61230044"]),
        ("认领人有哪些情形会被收回地块？", ["无人照管", "堆放杂物", "转给别人"]),
        ("2025年3月青石镇去云岭镇签了什么协议？", ["五年的结对协议"]),
        ("云岭镇每年收多少租金，协议签了几年？", ["18万元", "五年"]),
        ("那份社区花园的通知主要讲了什么？", ["认领地块", "收回地块"]),
    ],
)
def test_tables_lists_days_and_points(notices: Answerer, question: str, parts: list[str]) -> None:
    answer = notices.answer(question)
    assert answer.found and [part for part in parts if part not in quoted(answer)] == []
    assert are_verbatim(answer, notices.index.catalog)


def test_a_number_is_answered_by_a_number(notices: Answerer) -> None:
    asked = read_question(notices.index.query("云岭镇每年收取租金多少钱？"))
    judged = notices.judged(asked)
    stored = judged.stored(judged.best)
    at = stored.text.index("每年收取租金")
    beside = Reading(1.0, 3.0, (at, at + 6), ((at + 6, at + 10),), np.array([0.6], np.float32))
    found = suited(asked, stored, beside)
    assert found and found.span and stored.text[slice(*found.span)] == "18万元"
    other = replace(beside, tokens=(), within=np.zeros(0, np.float32))
    assert suited(asked, stored, other) is None  # nothing that it takes for part of an answer is a number
    assert suited(read_question(Query("云岭镇收什么？")), stored, other) == other


def test_a_change_is_answered_by_what_it_came_to(notices: Answerer) -> None:
    text = "全镇桑园由9600亩扩大到1.52万亩，养蚕户从50户到80户。"
    figures = tuple(find_figures(text, 0, len(text)))
    stored = notices.judged(read_question(notices.index.query("云岭镇每年收取租金多少钱？"))).retrieved.passages[0]
    passage, item = replace(stored.passage, start=0, end=len(text)), replace(stored.item, figures=figures, dates=())
    stored = replace(stored, passage=passage, item=item, document=replace(stored.document, text=text))
    for question, answer in (
        ("全镇桑园有多少亩？", "1.52万亩"),
        ("全镇桑园原来有多少亩？", "9600亩"),
        ("全镇养蚕的有多少户？", "80户"),
    ):
        former = figures[0] if "桑园" in question else figures[2]
        found = suited(read_question(Query(question)), stored, Reading(1.0, 3.0, (former.start, former.end), (), np.zeros(0)))
        assert found and found.span and text[slice(*found.span)] == answer


def test_a_span_begins_with_its_first_word(reader: Reader) -> None:
    text = "花园归居民认领。\n认领期为一年。\n到期可以续认。"
    for question in ("认领期多长？", "到期怎么办？", "花园归谁认领？"):
        (reading,) = reader.read(question, [("社区花园", text)])
        assert reading.span and not text[reading.span[0]].isspace()
        assert all(not text[start].isspace() for start, _ in reading.tokens)


def test_over_http(server: str) -> None:
    answer = httpx.post(
        f"{server}/api/ask", json={"question": "那缙云县呢？", "previous": ["桐庐县共富工坊吸纳多少村民就业？"]}
    ).json()
    assert set(answer) >= {"question", "found", "sentences", "citations", "nearest", "by"}
    assert answer["found"] and answer["sentences"][0]["citations"] == [1]
    assert answer["citations"][0]["url"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"question": " "}, "empty_query"),
        ({"question": "字" * 1001}, "query_too_long"),
        ({"question": "a", "previous": ["a"] * 11}, "too_many_turns"),
        ({"question": "a", "kind": "foo"}, "bad_kind"),
        ({"question": "a", "county": "foo"}, "unknown_parameter"),
        ({}, "invalid_parameter"),
        ({"question": 7}, "invalid_parameter"),
    ],
)
def test_bad_requests(server: str, body: dict[str, object], code: str) -> None:
    reply = httpx.post(f"{server}/api/ask", json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, code)


def test_on_the_command_line(sample_data: tuple[Path, SyncReport]) -> None:
    run = jianbao("--data", str(sample_data[0]), "ask", "缙云县共富工坊吸纳多少村民就业？")
    assert (run.returncode, run.stderr) == (0, "")
    assert "吸纳村民就业5380人" in run.stdout and "[2] 《共富示例》2024年第2期（总第102期）【市县交流】" in run.stdout
    run = jianbao("--data", str(sample_data[0]), "ask", "2024年浙江省高考一本线是多少？")
    assert run.stdout.startswith("未找到依据。\n收录的文件里没有这些词：") and "（缺第4期）" in run.stdout
    form = json.loads(
        jianbao("--data", str(sample_data[0]), "ask", "--json", "那缙云县呢", "--after", "桐庐县共富工坊吸纳多少就业？").stdout
    )
    assert form["understood"] == "缙云县共富工坊吸纳多少就业？"
