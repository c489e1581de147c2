"""The viewer in a real browser: the original's page with the cited words boxed, and the text with them marked."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect


def cited(server: str, query: str, **filters: str) -> dict[str, object]:
    hit: dict[str, object] = httpx.get(f"{server}/api/search", params={"q": query, "k": 1, **filters}).json()["hits"][0]
    return hit


def open_first(page: Page, server: str, query: str) -> str:
    """Follow the first hit into the viewer; return its passage."""
    page.goto(f"{server}/?q={query}")
    page.locator(".hit").first.wait_for()
    details = page.locator(".hit").first.locator(".matched")
    if details.count() and details.get_attribute("open") is None:
        details.locator("summary").click()
    passage = page.locator(".hit .passage").first.inner_text().removesuffix(" 看原文此处")
    page.locator(".hit").first.get_by_role("link", name="看原文此处").first.click()
    page.locator("#text mark").first.wait_for()
    return passage.replace("\n", "")


def test_the_superscript_leads_to_the_sentence_on_its_page(page: Page, server: str) -> None:
    page.goto(f"{server}/?q=缙云县的派单总额是多少？")
    page.locator(".answer blockquote").get_by_role("link", name="出处 1").first.click()
    sentence = page.get_by_role("dialog").locator("blockquote").inner_text()
    page.get_by_role("link", name="打开原文第2页").click()
    expect(page.locator("#text mark").first).to_be_visible()
    assert "".join(page.locator("#text mark").all_inner_texts()) == sentence
    expect(page.get_by_role("status")).to_have_text("引用的内容在第2页，已标出")
    boxes = page.locator("#page-2 .box")
    expect(boxes.first).to_be_in_viewport()
    expect(page.locator(".page .box")).to_have_count(boxes.count())
    image = page.locator("#page-2 img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") >= 800
    assert image.evaluate("image => Math.abs(image.naturalWidth / image.naturalHeight - image.width / image.height)") < 0.01


def test_boxes_lie_where_the_page_has_ink(page: Page, server: str) -> None:
    open_first(page, server, "平湖市片区强村公司净利润")
    box = page.locator(".page .box").first
    page.locator(".page:has(.box) img").first.evaluate("image => image.decode()")
    expect(box).to_be_in_viewport()
    ink = box.evaluate(
        """box => {
            const image = box.closest(".page").querySelector("img");
            const [x, y, w, h] = ["left", "top", "width", "height"].map((name) => parseFloat(box.style[name]) / 100);
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const part = context.getImageData(x * canvas.width, y * canvas.height, w * canvas.width, h * canvas.height).data;
            return part.filter((value, at) => at % 4 === 0 && value < 128).length / (part.length / 4);
        }"""
    )
    assert ink > 0.08


def test_the_marked_text_is_the_passage(page: Page, server: str) -> None:
    passage = open_first(page, server, "常山县胡柚专线")
    assert "".join(page.locator("#text mark").all_inner_texts()) == passage
    original = page.get_by_role("link", name="打开原件第5页")
    assert (original.get_attribute("href") or "").endswith("/original#page=5")
    page.get_by_label("页码").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator("#page-1")).to_be_in_viewport()
    page.get_by_role("button", name="回到引用处").click()
    expect(page.locator("#page-5 .box").first).to_be_in_viewport()


def test_a_scan_shows_its_boxes_and_how_sure_it_is(page: Page, server: str) -> None:
    hit = cited(server, "共富示例 2024年第8期", folder="简报", since="2024-08-01", until="2024-08-31")
    citation = hit["citation"]
    assert isinstance(citation, dict) and "扫描件" in citation["file"]
    start, end = citation["span"]
    page.goto(f"{server}/documents/{citation['document_id']}#{start}-{end}")
    expect(page.get_by_role("status")).to_contain_text("这一页是扫描件，文字由识别得到（可信度", timeout=60_000)
    expect(page.locator(".page .box").first).to_be_in_viewport()


@pytest.mark.parametrize(("query", "name"), [("药从天上来无人机", "txt"), ("学校空了以后", "docx"), ("班车捎着香菇跑", "pdf")])
def test_other_formats_show_their_text(page: Page, server: str, query: str, name: str) -> None:
    passage = open_first(page, server, query)
    assert "".join(page.locator("#text mark").all_inner_texts()) == passage
    expect(page.locator("#text mark").first).to_be_in_viewport()
    if name != "pdf":
        expect(page.locator("#pages")).to_be_hidden()
        expect(page.get_by_role("link", name="打开原件", exact=True)).to_be_visible()


def test_a_phone_shows_the_page_or_the_text(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    hit = cited(server, "平湖市片区强村公司净利润")
    citation = hit["citation"]
    assert isinstance(citation, dict)
    page.goto(f"{server}/documents/{citation['document_id']}#{'-'.join(map(str, citation['span']))}")
    expect(page.locator("#text mark").first).to_be_in_viewport()
    expect(page.locator("#pages")).to_be_hidden()
    page.get_by_role("button", name="原件页面").click()
    expect(page.locator(".box").first).to_be_in_viewport()
    expect(page.locator("#text")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_place_that_is_gone(page: Page, server: str, expected: list[str]) -> None:
    expected.append("400")
    hit = cited(server, "平湖市片区强村公司净利润")
    citation = hit["citation"]
    assert isinstance(citation, dict)
    page.goto(f"{server}/documents/{citation['document_id']}#999990-999999")
    expect(page.get_by_role("status")).to_have_text("链接所引的位置已不在文件里，文件可能更新过")
    expect(page.locator("#page-1 img")).to_be_visible()
    assert (page.get_by_role("link", name="打开原件").get_attribute("href") or "").endswith("/original")


def test_a_document_that_is_gone(page: Page, server: str, expected: list[str]) -> None:
    expected.append("404")
    page.goto(f"{server}/documents/0123456789ab#1-5")
    expect(page.get_by_role("status")).to_contain_text("没有这份文件")
