"""<jianbao-search> on an intranet's page of another origin, under a strict policy, in a real browser."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from conftest import ROOT, serving
from playwright.sync_api import Page, expect
from portal_server import PortalServer, portal_server

from index.sync.intake import SyncReport
from service.keys.registry import Keys

MODULES = (
    "element answer areas asking box chosen dom facets feedback lines order preview recent results search server suggestions "
    "words"
)
TAG = '<!DOCTYPE html><html lang="{lang}"><title>x</title><script type="module" src="{search}/widget.js"></script>{body}'


@pytest.fixture(scope="module")
def data(sample_data: tuple[Path, SyncReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_data[0], tmp_path_factory.mktemp("widget") / "data"))


@pytest.fixture(scope="module")
def search(data: Path) -> Iterator[str]:
    with serving(data) as address:
        yield address


@pytest.fixture
def portal(search: str, data: Path) -> Iterator[PortalServer]:
    """A portal whose origin has a key."""
    with portal_server(search) as portal:
        portal.key = Keys(data).create(f"门户 {portal.address}", "search", [portal.address])
        yield portal


def box(page: Page, at: int = 0) -> Page:
    return page.locator("jianbao-search").nth(at)  # type: ignore[return-value]


def test_the_documented_host_page(page: Page, portal: PortalServer) -> None:
    page.goto(portal.address)
    inline = box(page)
    inline.get_by_label("要查的内容").fill("缙云县的派单总额是多少？")
    inline.get_by_role("button", name="检索", exact=True).click()
    expect(inline.locator(".answer blockquote")).to_contain_text("1.8亿元")
    colour = inline.get_by_role("button", name="检索", exact=True).evaluate("b => getComputedStyle(b).backgroundColor")
    assert colour == "rgb(10, 75, 140)"  # the portal's --jianbao-accent
    assert inline.locator(".citation").first.evaluate("c => getComputedStyle(c).fontStyle") == "normal"  # in the answer
    assert inline.locator(".hit .citation").first.evaluate("c => getComputedStyle(c).fontStyle") == "italic"  # ::part(citation)


def test_a_citation_opens_the_viewer_with_the_key(page: Page, portal: PortalServer) -> None:
    page.goto(portal.address)
    box(page).get_by_label("要查的内容").fill("平湖市片区强村公司净利润")
    with page.context.expect_page() as opened:  # beside the portal, whose page stays
        box(page).locator(".hit").first.locator(".told a").first.click()
    viewer = opened.value
    viewer.locator("#text mark").first.wait_for()
    assert portal.key not in viewer.url
    assert portal.key not in viewer.evaluate("document.cookie")


def test_twice_on_a_page_and_loaded_twice(page: Page, portal: PortalServer) -> None:
    page.goto(portal.address)
    page.evaluate(f"import('{portal.search}/widget.js?again')")
    modal = box(page, 1)
    modal.get_by_role("button", name="检索简报").click()
    dialog = modal.get_by_role("dialog")
    field = dialog.get_by_label("要查的内容")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("placeholder", "查先例、查数据")
    field.fill("胡柚")
    expect(dialog.locator(".hit").first).to_contain_text("胡柚")
    expect(box(page).locator(".hit")).to_have_count(0)
    assert page.url == f"{portal.address}/"  # a site's address is its own
    field.press("Escape")
    if dialog.is_visible():  # that closed the suggestions
        field.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_site_that_may_not_is_told_so(page: Page, portal: PortalServer, data: Path, expected: list[str]) -> None:
    expected.append("403")
    portal.key = Keys(data).create(f"别处 {portal.address}", "search", ["https://portal.example.gov.cn"])
    page.goto(portal.address)
    box(page).get_by_label("要查的内容").fill("胡柚")
    expect(box(page).get_by_role("status")).to_contain_text(portal.address)
    expect(box(page).get_by_role("status")).to_contain_text("--origin")
    expect(box(page).locator(".hit")).to_have_count(0)


def test_a_revoked_key_is_told(page: Page, portal: PortalServer, data: Path, expected: list[str]) -> None:
    expected.append("401")
    page.goto(portal.address)
    Keys(data).revoke(f"门户 {portal.address}")
    box(page).get_by_label("要查的内容").fill("胡柚")
    expect(box(page).get_by_role("status")).to_contain_text("密钥不对或已撤销")
    expect(box(page).locator(".answer")).to_be_hidden()
    expect(box(page).get_by_role("button", name="重试")).to_be_visible()


@pytest.mark.parametrize(("lang", "label"), [("zh-TW", "要查的內容"), ("en", "What to look for"), ("zh-CN", "要查的内容")])
def test_languages(page: Page, portal: PortalServer, lang: str, label: str) -> None:
    body = f'<jianbao-search key="{portal.key}" theme="dark"></jianbao-search>'
    portal.pages["/"] = TAG.format(lang=lang, search=portal.search, body=body)
    page.goto(portal.address)
    page.get_by_label(label).fill("胡柚")
    expect(page.locator(".hit").first).to_contain_text("胡柚")
    ground = page.locator(".hit").first.evaluate("hit => getComputedStyle(hit).backgroundColor")
    assert ground == "rgb(29, 33, 39)"


def test_in_an_iframe_of_a_site_that_may(page: Page, portal: PortalServer, data: Path, expected: list[str]) -> None:
    frame = f'<iframe src="{portal.search}/embed?key={portal.key}&lang=zh-CN" width="700" height="600"></iframe>'
    portal.pages["/"] = f"<!DOCTYPE html><title>x</title>{frame}"
    page.goto(portal.address)
    inside = page.frame_locator("iframe")
    inside.get_by_label("要查的内容").fill("胡柚")
    expect(inside.locator(".hit").first).to_contain_text("胡柚")
    other = Keys(data).create(f"另一处 {portal.address}", "search", ["https://portal.example.gov.cn"])
    portal.pages["/"] = portal.pages["/"].replace(portal.key, other)
    expected.append("frame-ancestors")
    page.goto(portal.address)
    page.wait_for_timeout(500)
    assert page.frames[1].url.startswith("chrome-error")


def test_our_own_page_asks_for_a_key(page: Page, search: str, data: Path, expected: list[str]) -> None:
    expected.append("401")
    name = "领导办公室"
    key = Keys(data).create(name, "search", [])
    page.goto(f"{search}/?q=平湖市片区强村公司净利润")
    dialog = page.get_by_role("dialog", name="访问密钥")
    dialog.get_by_label("访问密钥").fill("jb_wrong")
    dialog.get_by_role("button", name="进入").click()
    expect(dialog.get_by_role("alert")).to_contain_text("密钥")
    dialog.get_by_label("访问密钥").fill(key)
    dialog.get_by_role("button", name="进入").click()
    page.locator(".hit").first.locator(".told a").first.click()
    expect(page.locator(".page .box").first).to_be_in_viewport()
    assert page.locator(".page:has(.box) img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") >= 800
    page.goto(f"{search}/status")
    expect(page.locator("#state")).to_contain_text("16 份文件")
    expect(page.locator("#who")).to_contain_text("领导办公室（检索）")
    expect(page.locator("#upload")).to_be_hidden()  # a key to search with is none to send files with
    page.get_by_role("button", name="换一个密钥").click()
    dialog.get_by_label("访问密钥").fill(Keys(data).create("档案室", "ingest", []))
    dialog.get_by_role("button", name="进入").click()
    expect(page.locator("#upload").get_by_role("button", name="上传并收录")).to_be_visible()
    Keys(data).revoke(name)
    Keys(data).revoke("档案室")


def test_all_of_it_is_small(search: str) -> None:
    with urlopen(f"{search}/widget.js") as reply:
        folder = (re.search(r'"\./(web/\w+)/', reply.read().decode()) or [""])[1]
    files = [*(f"{name}.js" for name in MODULES.split()), "tokens.css", "search.css"]
    sizes = 0
    for file in files:
        with urlopen(f"{search}/{folder}/{file}") as reply:
            assert "immutable" in reply.headers["Cache-Control"]
            sizes += len(gzip.compress(reply.read()))
    assert sizes <= 40_000
    imported = set(
        re.findall(r'from "\./(\w+)\.js"', "".join((ROOT / "service/web" / f"{n}.js").read_text() for n in MODULES.split()))
    )
    assert imported | {"element"} == set(MODULES.split())
