"""The search page in a real browser: ask, read, filter, share, by relevance and by date; and its console stays empty."""

from __future__ import annotations

from urllib.parse import unquote

from playwright.sync_api import Page, Route, expect


def ask(page: Page, server: str, question: str) -> None:
    page.goto(server)
    page.get_by_label("要查的内容").fill(question)
    page.get_by_role("button", name="检索", exact=True).click()
    page.locator('.found[aria-busy="false"] .hit').first.wait_for()  # what was found while it was typed is drawn anew


def test_start_page_says_what_is_held(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.locator("#counts")).to_contain_text("已收录 16 份文件、71 个条目")
    expect(page.locator("#documents li")).to_have_count(12)
    expect(page.locator("#documents")).to_contain_text("《共富示例》2024年第7期")
    expect(page.get_by_label("要查的内容")).to_be_focused()
    page.get_by_role("link", name="全部文件和收录情况").click()
    expect(page.locator("#documents li")).to_have_count(16)
    expect(page.locator("#state")).to_contain_text("第1至3、5至8期第4期")


def test_a_question_finds_its_passage_with_words_marked_and_cited(page: Page, server: str) -> None:
    ask(page, server, "鄞州区的托育点平均每月收费降到了多少？")
    first = page.locator(".hit").first
    expect(first.locator(".title")).to_have_text("宁波市鄞州区打造“楼下托育园”缓解双职工家庭带娃难")
    expect(first.locator(".passage").first).to_contain_text("2200元")
    first.locator(".matched summary").click()
    assert "鄞州区" in first.locator("mark").all_inner_texts()
    expect(first.locator(".citation")).to_contain_text("《共富示例》2024年第2期（总第102期）【市县交流】")
    assert "q=鄞州区" in unquote(page.url)


def test_passages_of_a_case_stand_together(page: Page, server: str) -> None:
    ask(page, server, "就业")
    titles = page.locator(".hit .title").all_inner_texts()
    assert len(titles) == len(set(titles)) == 10 < page.locator(".hit .passage").count()
    status = page.get_by_role("status").first
    expect(status).to_contain_text("最相关的 10 个案例，共 ")
    total = int(status.inner_text().split("共 ")[1].split(" ")[0])
    page.get_by_role("button", name="显示更多").click()
    expect(page.locator(".hit .title")).to_have_count(total)
    expect(page.get_by_text("没有更多相关的")).to_be_visible()
    assert "k=30" in page.url


def test_the_answer_is_quoted_and_its_number_opens_a_card(page: Page, server: str) -> None:
    ask(page, server, "缙云县的派单总额是多少？")
    panel = page.locator(".answer")
    expect(panel.locator("h2")).to_contain_text("摘自原文")
    expect(panel.locator("blockquote")).to_contain_text("去年派单总额1.8亿元")
    assert "1.8亿元" in panel.locator("mark").first.inner_text()
    number = panel.locator("blockquote").get_by_role("link", name="出处 1").first
    number.click()
    card = panel.get_by_role("dialog")
    expect(card).to_contain_text("《共富示例》2024年第2期（总第102期）【市县交流】")
    expect(card.get_by_role("link", name="打开原文第2页")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(number).to_be_focused()


def test_not_found_is_said_with_what_is_missing(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=2024年浙江省高考一本线是多少？")
    panel = page.locator(".answer")
    expect(panel.locator("h2")).to_contain_text("未找到依据")
    expect(panel).to_contain_text("收录的文件里没有这些词：")
    expect(panel).to_contain_text("第1至3、5至8期（缺第4期）")
    expect(page.locator(".hit")).to_have_count(0)
    expect(panel.get_by_text("下面是最接近的段落")).to_be_hidden()


def test_asking_on(page: Page, server: str) -> None:
    ask(page, server, "桐庐县共富工坊吸纳多少村民就业？")
    page.get_by_label("接着问").fill("那缙云县呢？")
    page.get_by_role("button", name="接着问").click()
    panel = page.locator(".answer")
    expect(panel).to_contain_text("理解为：缙云县共富工坊吸纳多少村民就业？")
    expect(panel.locator("blockquote")).to_contain_text("5380人")
    expect(page.locator(".hits")).to_contain_text("缙云县以来料加工“共富工坊”")
    assert "after=桐庐县" in unquote(page.url)
    page.reload()
    expect(panel).to_contain_text("理解为：缙云县共富工坊吸纳多少村民就业？")


def test_a_topic_without_an_answer_shows_passages_alone(page: Page, server: str) -> None:
    ask(page, server, "客货邮")
    expect(page.get_by_role("status").first).to_contain_text("个案例")
    expect(page.locator(".answer")).to_be_hidden()


def test_filters_dates_and_history(page: Page, server: str) -> None:
    ask(page, server, "就业")
    page.get_by_role("button", name="部门信息").click()
    expect(page.get_by_role("button", name="部门信息 ✕")).to_be_visible()
    lines = page.locator(".hit .citation")
    expect(lines.first).to_contain_text("【部门信息】")
    assert all("【部门信息】" in line for line in lines.all_inner_texts())
    page.get_by_label("日期 起").fill("2024-06-01")
    expect(lines.first).to_contain_text("2024年第6期")
    page.get_by_role("button", name="清除筛选").click()
    expect(page.get_by_role("button", name="部门信息 ✕")).to_have_count(0)
    page.go_back()
    page.go_back()
    expect(page.get_by_role("button", name="部门信息 ✕")).to_be_visible()
    expect(page.get_by_label("日期 起")).to_have_value("")
    expect(lines.first).to_contain_text("【部门信息】")


def test_another_question_keeps_the_filters_and_an_empty_one_leads_back(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=老年助餐&kind=news")
    page.locator(".hit").first.wait_for()
    field = page.get_by_label("要查的内容")
    field.fill("托育")
    page.wait_for_url("**/?q=%E6%89%98%E8%82%B2&kind=news")
    field.fill("")
    expect(page.locator("#documents li").first).to_be_visible()
    expect(page.locator(".hit")).to_have_count(0)
    assert page.url == f"{server}/"


def test_what_was_pressed_hands_the_focus_on(page: Page, server: str) -> None:
    ask(page, server, "就业")
    focused = "document.activeElement.shadowRoot?.activeElement?.textContent"
    page.get_by_role("button", name="显示更多").press("Enter")
    page.locator(".hit").nth(10).wait_for()
    assert page.evaluate(focused) == page.locator(".hit .title").all_inner_texts()[10]
    page.get_by_role("button", name="按时间").press("Enter")
    page.locator(".timeline").wait_for()
    assert page.evaluate(focused) == "按时间"
    page.get_by_role("button", name="按相关度").press("Enter")
    expect(page.locator(".timeline")).to_have_count(0)  # else the filters are renewed between the focus and the key
    page.get_by_role("button", name="新闻").press("Enter")
    page.get_by_role("button", name="新闻 ✕").wait_for()
    assert page.evaluate(focused) == "新闻 ✕"


_LATE = """const soon = window.fetch;
window.fetch = async (address, options) => {
  if (String(address).includes("api/ask")) await new Promise((resolve) => setTimeout(resolve, 1000));
  return soon(address, options);
}"""  # an answer comes a second after the cases


def test_back_to_where_one_was(page: Page, server: str) -> None:
    def shown_at() -> float:
        """Return where in the window the link is."""
        return float(link.evaluate("link => link.getBoundingClientRect().top"))

    page.add_init_script(_LATE)
    ask(page, server, "就业")
    link = page.locator(".hit").nth(4).get_by_role("link", name="案例详情")
    page.locator(".answer").wait_for()
    link.scroll_into_view_if_needed()
    before = shown_at()
    link.click()
    page.wait_for_url("**/items/*")
    page.go_back()
    link.wait_for()
    assert not page.locator(".answer").is_visible()
    for wait in (100, 2000):  # before the answer is there again, and after it has moved the cases
        page.wait_for_timeout(wait)
        assert abs(shown_at() - before) < 50
    assert page.locator(".answer").is_visible() and page.evaluate("window.scrollY") > 1000


def test_a_shared_address_shows_the_same(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=嵊泗无人机送药&kind=news")
    expect(page.locator(".hit .title").first).to_have_text("药从天上来，医生岛上住")
    expect(page.get_by_label("要查的内容")).to_have_value("嵊泗无人机送药")


def test_by_date_the_earliest_is_marked(page: Page, server: str) -> None:
    ask(page, server, "共富工坊")
    page.get_by_role("button", name="按时间").click()
    page.locator(".timeline").wait_for()
    dates = [when.get_attribute("datetime") or "" for when in page.locator("time").all()]
    assert len(dates) > 2 and dates == sorted(dates)
    expect(page.locator(".hit").first).to_contain_text("收录中最早")
    expect(page.locator(".timeline").get_by_text("收录中最早")).to_have_count(1)
    assert "view=time" in page.url


def test_copying_the_citation(page: Page, server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, server, "三门青蟹")
    page.locator(".hit").first.get_by_role("button", name="复制出处").click()
    expect(page.locator(".hit").first.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".hit .citation").first.inner_text()


def test_a_dead_server_is_told_and_can_be_tried_again(page: Page, server: str, expected: list[str]) -> None:
    expected.append("Failed to load resource")
    page.route("**/api/**", lambda route: route.abort())
    page.goto(f"{server}/?q=食堂")
    expect(page.get_by_role("status").first).to_contain_text("连不上服务，请确认它在运行，然后重试")
    page.unroute("**/api/**")
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".hit").first).to_be_visible()
    page.goto(f"{server}/?q=食堂&since=去年")
    expect(page.get_by_role("status").first).to_contain_text("2024-01-31 这样的日期")
    page.get_by_role("button", name="清除筛选").click()
    expect(page.locator(".hit").first).to_be_visible()


def test_a_slow_server_is_told(page: Page, server: str) -> None:
    held: list[Route] = []
    page.route("**/api/cases?*", lambda route: held.append(route))
    page.goto(f"{server}/?q=食堂")
    expect(page.get_by_role("status").first).to_have_text("服务比平时慢，还在检索……")
    for route in held:
        route.continue_()
    expect(page.locator(".hit").first).to_be_visible()


def test_nothing_found_is_told(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=食堂&region=火星")
    expect(page.get_by_role("status").first).to_have_text("没有找到。换个说法，或去掉筛选条件再试")
    expect(page.get_by_role("button", name="火星 ✕")).to_be_visible()


def test_a_phone_shows_no_sideways_scroll(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("/?q=老年助餐", "/status", "/"):
        page.goto(f"{server}{address}")
        page.locator(".hit, #documents li").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
