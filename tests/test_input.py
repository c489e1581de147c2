"""The search field in a real browser: what belongs to an input method, suggestions, recent searches, keys alone."""

from __future__ import annotations

from playwright.sync_api import Page, Request, expect

FIELD = "要查的内容"


def searches(page: Page) -> list[str]:
    """Return a list to which the addresses of searches and answers are added as they are asked for."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/api/cases" in request.url or "/api/ask" in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked


def compose(page: Page, text: str, *steps: str) -> None:
    """Type as an input method does: what is composed changes step by step, and is then replaced by the text."""
    client = page.context.new_cdp_session(page)
    for step in steps:
        client.send("Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)})
        page.wait_for_timeout(300)  # longer than the pause after which typed text is searched for
    client.send("Input.insertText", {"text": text})


def test_composing_searches_once_when_it_ends(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_label(FIELD).focus()
    asked = searches(page)
    compose(page, "稻渔", "d", "dao", "dao yu")
    expect(page.locator(".hit").first).to_be_visible()
    page.wait_for_timeout(500)
    assert len(asked) == 1 and "dao" not in asked[0]
    expect(page.locator(".answer")).to_be_hidden()


def test_keys_belong_to_the_input_method_while_composing(page: Page, server: str) -> None:
    page.goto(server)
    field = page.get_by_label(FIELD)
    field.fill("来料")
    page.get_by_role("option", name="来料加工").first.wait_for()
    asked = searches(page)
    field.dispatch_event("compositionstart")
    for key in ("Enter", "ArrowDown", "Escape"):
        field.dispatch_event("keydown", {"key": key, "isComposing": True, "keyCode": 229, "bubbles": True})
    field.evaluate("input => input.form.requestSubmit()")
    page.wait_for_timeout(400)
    assert asked == [] and page.get_by_role("option", selected=True).count() == 0
    field.dispatch_event("compositionend")
    page.keyboard.press("Enter")
    page.locator(".answer:visible, .hit:visible").first.wait_for()
    assert asked


def test_suggestions_by_words_and_initials(page: Page, server: str) -> None:
    page.goto(server)
    field = page.get_by_label(FIELD)
    field.press_sequentially("lljg")
    option = page.get_by_role("option", name="来料加工")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    field.press("Escape")
    expect(option).to_be_hidden()
    expect(field).to_have_value("lljg")
    field.press("Backspace")
    page.get_by_role("option", name="来料加工").click()
    expect(field).to_have_value("来料加工")
    expect(page.locator(".hit").first).to_contain_text("来料加工")


def test_typing_makes_one_step_in_the_history(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=三门青蟹")
    page.locator(".hit").first.wait_for()
    field = page.get_by_label(FIELD)
    field.fill("胡柚")
    expect(page.locator(".hit .title").first).to_contain_text("胡柚")
    field.fill("胡柚专线")
    page.wait_for_url("**/?q=%E8%83%A1%E6%9F%9A%E4%B8%93%E7%BA%BF")
    field.press("Enter")
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(field).to_have_value("三门青蟹")


def test_what_was_found_while_it_was_typed_stands_when_it_is_submitted(page: Page, server: str) -> None:
    page.goto(server)
    asked = searches(page)
    field = page.get_by_label(FIELD)
    field.fill("缙云县的派单总额是多少？")
    page.locator('.found[aria-busy="false"] .hit').first.wait_for()
    link = page.locator(".hit .title a").first.element_handle()
    field.press("Enter")
    page.locator(".answer blockquote").wait_for()
    assert link.evaluate("link => link.isConnected")
    assert ["/api/cases" in one for one in asked] == [True, False]
    field.press("Enter")
    page.wait_for_timeout(500)
    assert len(asked) == 3  # asked for again, it is searched for again, and the answer stands


def test_recent_searches_come_back_and_can_be_forgotten(page: Page, server: str) -> None:
    page.goto(server)
    field = page.get_by_label(FIELD)
    for text in ("三门青蟹", "胡柚"):
        field.fill(text)
        field.press("Enter")
        page.locator(".hit").first.wait_for()
    page.goto(server)
    field.click()
    assert page.get_by_role("option").all_inner_texts() == ["胡柚", "三门青蟹"]
    page.get_by_role("button", name="清除记录").click()
    page.reload()
    field.click()
    expect(page.get_by_role("option")).to_have_count(0)


def test_with_keys_alone_from_question_to_original(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.get_by_label(FIELD)).to_be_focused()
    page.keyboard.type("缙云县的派单总额是多少？")
    page.keyboard.press("Enter")
    page.locator(".answer blockquote").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.className") == "number":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="打开原文第2页")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*#*")
    expect(page.locator("#text mark").first).to_contain_text("1.8亿元")
