"""Cases over a real server and in a real browser: one with all its facts, several side by side, taken along."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from service.export.files import exported


def first_case(server: str, query: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{server}/api/search", params={"q": query, "k": 1}).json()
    case: dict[str, Any] = httpx.get(f"{server}/api/items/{found['hits'][0]['item_id']}").json()
    return case


def test_a_case_has_its_facts_at_their_places(server: str) -> None:
    case = first_case(server, "缙云县来料加工共富工坊")
    assert case["title"] == "缙云县以来料加工“共富工坊”把活送到村民家门口"
    assert [measure["head"] for measure in case["measures"]] == ["订单分级派", "经纪人专职跑", "安全底线牢"]
    figures = {figure["about"]: figure for figure in case["figures"]}
    assert (figures["去年派单总额"]["value"], figures["去年派单总额"]["unit"]) == (180_000_000, "元")
    start, end = figures["去年派单总额"]["span"]
    assert case["text"][start - case["span"][0] : end - case["span"][0]] == "1.8亿元"
    assert case["citation"]["line"].startswith("《共富示例》2024年第2期（总第102期）【市县交流】缙云县")
    assert case["document"]["series"] == "共富示例"
    assert "".join(passage["text"] for passage in case["passages"])[:20] in case["text"].replace("\n", "")[:400]


@pytest.mark.parametrize("wrong", ["nothing-1", "x", "0-0", "-1", "%00-1"])
def test_a_case_that_is_not_there(server: str, wrong: str) -> None:
    reply = httpx.get(f"{server}/api/items/{wrong}")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "no_item")
    document = first_case(server, "胡柚")["document"]["id"]
    assert httpx.get(f"{server}/api/items/{document}-999").status_code == 404


def test_cases_are_taken_along(server: str) -> None:
    cases = [first_case(server, query) for query in ("缙云县来料加工共富工坊", "常山县胡柚专线")]
    ids = ",".join(case["id"] for case in cases)
    markdown = httpx.get(f"{server}/api/export", params={"items": ids, "format": "markdown"})
    assert "attachment" in markdown.headers["content-disposition"]
    for case in cases:
        assert f"出处：{case['citation']['line']}" in markdown.text
    rows = list(
        csv.DictReader(io.StringIO(httpx.get(f"{server}/api/export?items={ids}&format=csv").content.decode("utf-8-sig")))
    )
    assert [row["标题"] for row in rows] == [case["title"] for case in cases]
    told = [f"{measure['head']}：{measure['sentence']}" for measure in cases[0]["measures"]]
    assert rows[0]["举措"] == "；".join(told) and told[0].startswith("订单分级派：")
    assert rows[0]["概要"] == "；".join(quote["text"] for quote in cases[0]["quotes"])
    assert httpx.get(f"{server}/api/export?items={ids}&format=json").json() == {
        "items": [{name: value for name, value in case.items() if name != "retold"} for case in cases]
    }
    for wrong in ("items=", f"items={ids}&format=exe", "items=" + ",".join(map(str, range(51))), "items=none-1"):
        assert httpx.get(f"{server}/api/export?{wrong}").status_code in (400, 404)


def test_what_a_spreadsheet_or_markdown_would_take_for_orders_stays_text(server: str) -> None:
    case = first_case(server, "胡柚") | {"title": "=HYPERLINK(1)", "text": "# 题\n<script>*x*"}
    table = exported([case], "csv")[0].decode()
    assert "'=HYPERLINK(1)" in table
    assert "> \\# 题\n>\n> \\<script\\>\\*x\\*" in exported([case], "markdown")[0].decode()


def test_the_page_of_a_case(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=缙云县来料加工共富工坊")
    page.locator(".hit").first.get_by_role("link", name="案例详情").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("缙云县以来料加工“共富工坊”把活送到村民家门口")
    page.get_by_role("link", name="去年派单总额1.8亿元", exact=True).click()
    expect(page.locator("#text mark")).to_have_text("去年派单总额1.8亿元")


def test_choosing_comparing_and_exporting(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=共富工坊")
    for at in (0, 1):
        page.locator(".hit").nth(at).get_by_label("选入对比").check()
    expect(page.get_by_role("region", name="已选案例")).to_contain_text("已选 2 个案例")
    titles = page.locator(".hit .title").all_inner_texts()[:2]
    page.reload()
    expect(page.locator(".hit").first.get_by_label("选入对比")).to_be_checked()
    page.get_by_role("region", name="已选案例").get_by_role("link", name="对比").click()
    expect(page.locator("thead th")).to_have_text(titles)
    expect(page.get_by_role("row").filter(has_text="订单分级派")).to_contain_text("举措")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == titles
    page.get_by_role("row", name="数据").last.get_by_role("link").first.click()
    page.locator("#text mark").first.wait_for()


def test_a_comparison_of_one_says_what_to_do(page: Page, server: str) -> None:
    page.goto(f"{server}/compare?items=a")
    expect(page.get_by_role("status")).to_contain_text("对比要选 2 到 5 个案例")
