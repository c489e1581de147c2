"""What sums a case up: the sentences that people chose, on cards, in comparisons and on the page of a case."""

from __future__ import annotations

import json
from typing import Any

import case_results
import httpx
import pytest
from playwright.sync_api import Page, expect
from test_precedents import item_called

from cases.summary import MOST_LINES, problems_of, result_of, told_of
from index.search.index import SearchIndex
from ingest.document import Document, Item
from ingest.facts.extract import with_facts


def case(body: str, title: str = "某县办起食堂", kind: Any = "bulletin") -> tuple[Document, Item]:
    text = f"{title}。{body}"
    document = with_facts(Document("简报.txt", kind, "简报", text, items=(Item(title, 0, len(text)),)))
    return document, document.items[0]


BODY = (
    "某县山村老人多，一日三餐没有着落。去年以来，该县建成食堂38家，日均就餐2600人次，计划明年再建50家。"
    "一是有人做。每家食堂聘请两名厨师，工资由村集体支付。二是有人送，路远的由网格员送到家门口，已送餐1.2万份。"
)


def test_a_case_is_summed_up_by_what_people_chose(sample_index: SearchIndex) -> None:
    cases = list(case_results.judged(sample_index.catalog))
    chosen, found = (sum(map(len, some)) for some in ([one.chosen for one in cases], [one.found for one in cases]))
    assert len(cases) >= 25 and found / chosen >= 0.9
    assert max(len(one.shown) for one in cases) <= MOST_LINES
    assert sum(one.right for one in cases) / sum(len(one.shown) for one in cases) >= 0.7


def test_each_sentence_says_what_it_is() -> None:
    lines = result_of(*case(BODY))
    assert [(line.roles, line.text) for line in lines] == [
        (("did", "result"), "去年以来，该县建成食堂38家，日均就餐2600人次，计划明年再建50家。"),
        (("how",), "每家食堂聘请两名厨师，工资由村集体支付。"),
        (("how", "result"), "二是有人送，路远的由网格员送到家门口，已送餐1.2万份。"),
    ]


def test_of_a_bare_head_the_sentence_behind_it_is_told() -> None:
    document, item = case(BODY)
    told = [document.text[slice(*span)] for span in told_of(document, item) if span]
    assert told == ["每家食堂聘请两名厨师，工资由村集体支付。", "二是有人送，路远的由网格员送到家门口，已送餐1.2万份。"]
    document, item = case("该县推行两项做法：一是有人做，每家食堂聘请两名厨师掌勺；二是有人送。")
    told = [document.text[slice(*span)] if span else None for span in told_of(document, item)]
    assert told == ["一是有人做，每家食堂聘请两名厨师掌勺；", None]  # no more than a head


def test_plans_limits_and_expenses_are_no_results() -> None:
    document, item = case(f"{BODY}最高补助3000元，目前已培训90人，投入1200万元。")
    reached = [document.text[one.start : one.end] for one in item.figures if one.kind == "result"]
    assert reached == ["38家", "2600人次", "1.2万份", "90人"]


def test_what_a_case_was_done_against() -> None:
    document, item = case(BODY)
    assert [document.text[slice(*span)] for span in problems_of(document, item)] == ["某县山村老人多，一日三餐没有着落。"]


def test_a_notice_tells_of_nothing_done() -> None:
    assert result_of(*case(BODY, kind="other")) == ()


@pytest.mark.parametrize("said", ["“送来的饭还热着，我们吃上了好饭。”", "村里的老人说，食堂办得好，饭菜也热。"])
def test_what_somebody_said_is_left_out(said: str) -> None:
    assert said not in [line.text for line in result_of(*case(f"该县建成食堂38家，服务2600人。{said}"))]


def test_a_card_sums_its_case_up(page: Page, server: str) -> None:
    found = httpx.get(f"{server}/api/cases", params={"q": "老年助餐", "k": 3}).json()["cases"]
    page.goto(f"{server}/?q=老年助餐")
    for number, one in enumerate(found):
        card = page.locator(".hit").nth(number)
        expect(card.locator(".told a")).to_have_text([line["text"] for line in one["lines"]])
    marked = [line["text"][start:end] for one in found for line in one["lines"] for start, end in line["highlights"]]
    assert "助餐" in "".join(marked)
    link = page.locator(".hit .told a").first
    text = link.inner_text()
    link.click()
    page.locator("#text mark").first.wait_for()
    assert "".join(page.locator("#text mark").all_inner_texts()) == text


def test_a_comparison_shows_more_on_request(page: Page, server: str) -> None:
    ids = ",".join(item_called(server, one) for one in ("一份热饭搭着快递车进山来", "屋顶上的“阳光存折”"))
    alone = httpx.get(f"{server}/api/compare?items={ids}").json()["figures"]["alone"][0]
    results = [cell["result"] for cell in alone]
    assert len(alone) > 10 and results == sorted(results, reverse=True)
    page.goto(f"{server}/compare?items={ids}")
    cell = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="数据")).locator("td").first
    expect(cell.locator("li")).to_have_count(5)
    cell.get_by_role("button", name="再看 5 项").click()
    expect(cell.locator("li")).to_have_count(10)
    assert page.evaluate("document.activeElement.textContent") == alone[5]["text"]
    while cell.get_by_role("button").is_visible():
        cell.get_by_role("button").click()
    assert cell.locator("li").all_inner_texts() == [one["text"] for one in alone]


def test_labels_say_nothing_of_texts_that_are_not_ours() -> None:
    labels = [json.loads(line) for line in case_results.LABELS.read_text(encoding="utf-8").splitlines()]
    assert {tuple(label) for label in labels if label["file"].startswith("seeds/")} == {
        ("file", "sha256", "case", "did", "how", "result", "who")
    }
