"""The page in a real browser: ask, read, follow a citation, filter, share; and its console stays empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium at /usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def page(browser_page: Page) -> Iterator[Page]:
    """The page, whose console must be empty at the end."""
    said: list[str] = []

    def remember(message: object) -> None:
        said.append(getattr(message, "text", str(message)))

    browser_page.on("console", remember)
    browser_page.on("pageerror", remember)
    yield browser_page
    browser_page.remove_listener("console", remember)
    browser_page.remove_listener("pageerror", remember)
    assert said == []


def ask(page: Page, server: str, question: str) -> None:
    page.goto(server)
    page.get_by_label("要查的内容").fill(question)
    page.get_by_role("button", name="检索", exact=True).click()
    page.locator(".hit").first.wait_for()


def test_start_page_says_what_is_held(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.locator("#status")).to_have_text("已收录 16 份文件、71 个条目")
    expect(page.locator("#documents li")).to_have_count(16)
    expect(page.locator("#documents")).to_contain_text("《共富示例》2024年第7期")


def test_a_question_finds_its_passage_with_words_marked_and_cited(page: Page, server: str) -> None:
    ask(page, server, "鄞州区的托育点平均每月收费降到了多少？")
    first = page.locator(".hit").first
    expect(first.locator("h2")).to_have_text("宁波市鄞州区打造“楼下托育园”缓解双职工家庭带娃难")
    expect(first.locator(".passage")).to_contain_text("2200元")
    assert "鄞州区" in first.locator("mark").all_inner_texts()
    expect(first.locator(".citation")).to_contain_text("《共富示例》2024年第2期（总第102期）【市县交流】")
    assert "q=鄞州区" in unquote(page.url)


def test_the_citation_opens_the_text_at_the_spot(page: Page, server: str) -> None:
    ask(page, server, "平湖市片区强村公司净利润")
    passage = page.locator(".hit .passage").first.inner_text()
    page.locator(".hit").first.get_by_role("link", name="看原文此处").click()
    page.locator("mark").first.wait_for()
    assert "".join(page.locator("mark").all_inner_texts()) == passage.replace("\n", "")
    expect(page.locator("mark").first).to_be_in_viewport()
    expect(page.locator("#original")).to_have_text("打开原件第3页")


def test_a_result_links_to_the_page_of_the_original(page: Page, server: str) -> None:
    ask(page, server, "常山县胡柚专线")
    link = page.locator(".hit").first.get_by_role("link", name="打开原件第")
    assert (link.get_attribute("href") or "").endswith("/original#page=5")


def test_the_answer_is_quoted_with_its_words_marked_and_opens_at_them(page: Page, server: str) -> None:
    ask(page, server, "缙云县的派单总额是多少？")
    panel = page.locator("#answer")
    expect(panel.locator("h2")).to_contain_text("摘自原文")
    expect(panel.locator("blockquote")).to_contain_text("去年派单总额1.8亿元")
    assert "1.8亿元" in panel.locator("mark").first.inner_text()
    expect(panel.locator(".sources li").first).to_contain_text("《共富示例》2024年第2期（总第102期）【市县交流】")
    panel.locator("blockquote a").first.click()
    page.locator("mark").first.wait_for()
    expect(page.locator("mark").first).to_contain_text("1.8亿元")
    expect(page.locator("#original")).to_have_text("打开原件第2页")


def test_not_found_is_said_with_what_is_missing(page: Page, server: str) -> None:
    ask(page, server, "2024年浙江省高考一本线是多少？")
    panel = page.locator("#answer")
    expect(panel.locator("h2")).to_contain_text("未找到依据")
    expect(panel).to_contain_text("收录的文件里没有这些词：")
    expect(panel).to_contain_text("第1至3、5至8期（缺第4期）")
    expect(page.locator(".hit")).to_have_count(10)


def test_asking_on(page: Page, server: str) -> None:
    ask(page, server, "桐庐县共富工坊吸纳多少村民就业？")
    page.get_by_label("接着问").fill("那缙云县呢？")
    page.get_by_role("button", name="接着问").click()
    panel = page.locator("#answer")
    expect(panel).to_contain_text("理解为：缙云县共富工坊吸纳多少村民就业？")
    expect(panel.locator("blockquote")).to_contain_text("5380人")
    expect(page.locator("#hits")).to_contain_text("缙云县以来料加工“共富工坊”")
    assert "after=桐庐县" in unquote(page.url)
    page.reload()
    expect(panel).to_contain_text("理解为：缙云县共富工坊吸纳多少村民就业？")


def test_a_topic_without_an_answer_shows_passages_alone(page: Page, server: str) -> None:
    ask(page, server, "高铁站前的出租车")
    expect(page.locator("#status")).to_contain_text("最相关的")
    expect(page.locator("#answer")).to_be_hidden()


def test_filters_and_history(page: Page, server: str) -> None:
    ask(page, server, "残疾人就业")
    page.get_by_role("button", name="部门信息").click()
    expect(page.get_by_role("button", name="部门信息 ✕")).to_be_visible()
    lines = page.locator(".hit .citation")
    expect(lines.first).to_contain_text("【部门信息】")
    assert all("【部门信息】" in line for line in lines.all_inner_texts())
    page.go_back()
    expect(page.get_by_role("button", name="部门信息 ✕")).to_have_count(0)
    page.go_forward()
    expect(lines.first).to_contain_text("【部门信息】")


def test_a_shared_address_shows_the_same(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=嵊泗无人机送药&kind=news")
    expect(page.locator(".hit h2").first).to_have_text("药从天上来，医生岛上住")
    expect(page.get_by_label("要查的内容")).to_have_value("嵊泗无人机送药")


def test_copying_the_citation(page: Page, server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, server, "三门青蟹")
    page.locator(".hit").first.get_by_role("button", name="复制出处").click()
    expect(page.locator(".hit").first.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".hit .citation").first.inner_text()


def test_an_error_is_shown(browser_page: Page, server: str) -> None:
    browser_page.route("**/api/search?*", lambda route: route.abort())
    browser_page.goto(f"{server}/?q=食堂")
    expect(browser_page.locator("#status")).to_have_text("连不上服务，请确认它在运行，然后重试")
    browser_page.unroute("**/api/search?*")
    browser_page.goto(f"{server}/?q=食堂&since=去年")
    expect(browser_page.locator("#status")).to_contain_text("2024-01-31 这样的日期")


def test_a_phone_shows_no_sideways_scroll(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/?q=老年助餐")
    page.locator(".hit").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 800})
