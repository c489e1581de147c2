"""Every page in a real browser, light and dark, wide and narrow, under axe-core's rules of WCAG 2.1 AA."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
PAGES = {
    "start": ("/", "#documents li"),
    "answer": ("/?q=缙云县的派单总额是多少？", ".answer blockquote"),
    "not found": ("/?q=2024年浙江省高考一本线是多少？", ".answer h2"),
    "by date": ("/?q=共富工坊&view=time", ".picture .dot"),
    "filtered": ("/?q=就业&section=部门信息&since=2024-01-01", ".hit"),
    "nothing": ("/?q=食堂&region=火星", "[role=status]"),
    "by figure": ("/?view=figure&figure=带动就业", ".picture .bar"),
    "map": ("/?q=老年助餐&map=1&region=浙江省杭州市临安区", ".picture .tile"),
    "map of the country": ("/?view=all&map=全国", ".picture .tile"),
    "all": ("/?view=all&region=浙江省丽水市", ".areas [aria-pressed=true]"),
    "retold": ("/items/{retold}", ".changes"),
    "drafts": ("/similar", "#draft"),
    "case": ("/items/{item}", ".clauses"),
    "comparison": ("/compare?items={item},{other}", "table"),
    "viewer": ("/documents/{document}#{span}", "#text mark"),
    "text": ("/documents/{text}", "#text p"),
    "status": ("/status", ".picture .column"),
    "embedded": ("/embed?lang=zh-CN", "jianbao-search"),
}


@pytest.fixture(scope="module")
def named(server: str) -> dict[str, str]:
    """Names of documents and cases for the addresses of PAGES."""
    hits = httpx.get(f"{server}/api/search", params={"q": "共富工坊", "section": "市县交流"}).json()["hits"]
    cases = list(dict.fromkeys(hit["item_id"] for hit in hits))
    news = httpx.get(f"{server}/api/search", params={"q": "无人机送药", "kind": "news"}).json()["hits"][0]
    first = hits[0]["citation"]
    span = "-".join(map(str, first["span"]))
    return {
        "item": cases[0], "other": cases[1], "document": first["document_id"], "span": span,
        "text": news["citation"]["document_id"], "retold": news["item_id"],
    }  # fmt: skip


@pytest.fixture(params=["light", "dark"])
def look(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width = 1280 if request.param == "light" else 390
    with browser.new_context(locale="zh-CN", color_scheme=request.param, viewport={"width": width, "height": 844}) as context:
        yield context.new_page()


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_is_broken(look: Page, server: str, named: dict[str, str], name: str) -> None:
    address, shown = PAGES[name]
    look.goto(server + address.format(**named))
    look.locator(shown).first.wait_for()
    look.wait_for_load_state("networkidle")
    if name == "answer":
        look.get_by_role("link", name="出处 1").first.click()
    for summary in look.locator(".picture summary").all():
        summary.click()
    found = Axe().run(look, options=RULES)
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found.response["violations"]] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_is_pressed_is_large_enough(look: Page, server: str, named: dict[str, str], name: str) -> None:
    """Buttons, fields and links that stand alone are 44 px high; links in a text or a table are as high as its lines."""
    address, shown = PAGES[name]
    look.goto(server + address.format(**named))
    look.locator(shown).first.wait_for()
    look.wait_for_load_state("networkidle")
    small = look.locator("button, input:not([type=checkbox]), summary, .button, label:has(input[type=checkbox])").evaluate_all(
        "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML)"
    )
    assert small == []
