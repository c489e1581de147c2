"""The page's pictures in a real browser: what is drawn, what clicks and keys do; saved, printed, on a phone."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import httpx
import pytest
from docx import Document
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from ingest.facts.units import in_unit

QUESTION = "增收"
COUNTY = "浙江省杭州市临安区"
SVG = "{http://www.w3.org/2000/svg}"


def shown(page: Page, server: str, address: str) -> None:
    page.goto(server + address)
    page.locator(".picture").first.wait_for()


def flat(areas: list[dict[str, Any]]) -> dict[str, int]:
    return {name: count for area in areas for name, count in {area["name"]: area["count"], **flat(area["inside"])}.items()}


def answered(server: str, path: str, **parameters: str) -> Any:
    return httpx.get(f"{server}{path}", params=parameters, timeout=30).json()


@pytest.fixture(scope="module")
def counts(server: str) -> dict[str, int]:
    """How many cases of QUESTION name each place."""
    return flat(answered(server, "/api/cases", q=QUESTION)["areas"])


def test_the_map_has_every_county_of_the_province_and_its_number(page: Page, server: str, counts: dict[str, int]) -> None:
    shown(page, server, f"/?q={QUESTION}&map=1")
    picture = page.locator(".picture")
    expect(picture.locator(".tile")).to_have_count(90 + picture.locator("rect.tile + .key").count())
    places = dict(re.findall(r"(浙江省\S+)：(\d+) 个案例", "\n".join(told(page, ".part"))))
    assert {name: int(number) for name, number in places.items()} == {
        name: number for name, number in counts.items() if name.startswith("浙江省") and name != "浙江省"
    }
    names = picture.locator("a.part text").all_text_contents()
    assert {"临安", "慈溪", "景宁"} - set(names) == {"景宁"}  # without cases it is drawn, but leads nowhere
    expect(picture.get_by_text("景宁", exact=True)).to_be_visible()


def told(page: Page, parts: str) -> list[str]:
    return [one.get_attribute("aria-label") or "" for one in page.locator(f".picture {parts}").all()]


def test_a_tile_filters_and_the_map_keeps_its_numbers(page: Page, server: str, counts: dict[str, int]) -> None:
    shown(page, server, f"/?q={QUESTION}&map=1")
    before = sorted(told(page, ".part"))
    page.get_by_role("link", name=f"{COUNTY}：{counts[COUNTY]} 个案例").click()
    page.wait_for_url("**region=**")
    chosen = page.locator(".picture [aria-current=true]")
    expect(chosen).to_have_attribute("aria-label", f"{COUNTY}：{counts[COUNTY]} 个案例")
    assert f"region={COUNTY}" in unquote(page.url) and sorted(told(page, ".part")) == before
    expect(page.locator(".hit")).to_have_count(counts[COUNTY])
    expect(chosen).to_be_focused()
    chosen.click()  # once more, and all of them are there again
    expect(page.locator(".picture [aria-current=true]")).to_have_count(0)
    assert "region=" not in page.url


def test_arrow_keys_walk_over_the_map_and_enter_chooses(page: Page, server: str) -> None:
    shown(page, server, f"/?q={QUESTION}&map=1")
    assert page.locator('.picture .part[tabindex="0"]').count() == 1
    page.locator('.picture .part[tabindex="0"]').focus()
    page.keyboard.press("End")
    walked = []
    for key in ("ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        walked.append(page.evaluate("document.activeElement.shadowRoot.activeElement.dataset.told"))
        expect(page.locator(".picture .told")).to_have_text(walked[-1])
    assert len(set(walked)) >= 3
    page.keyboard.press("Enter")
    page.wait_for_url("**region=**")
    assert walked[-1].partition("：")[0] in unquote(page.url)


def test_the_whole_country_and_the_way_into_a_province(page: Page, server: str, counts: dict[str, int]) -> None:
    shown(page, server, f"/?q={QUESTION}&map=1")
    page.get_by_role("link", name="看全国").click()
    expect(page.locator(".picture figcaption strong")).to_have_text("全国：案例在哪里")
    expect(page.locator(".picture .tile")).to_have_count(34 + page.locator(".picture rect.tile + .key").count())
    page.get_by_role("link", name=f"浙江省：{counts['浙江省']} 个案例").click()
    expect(page.locator(".picture figcaption strong")).to_have_text("浙江省：案例在哪里")
    page.get_by_role("button", name="地图").click()
    expect(page.locator(".picture")).to_have_count(0)


def test_the_table_says_what_the_map_does(page: Page, server: str, counts: dict[str, int]) -> None:
    shown(page, server, f"/?q={QUESTION}&map=1")
    page.get_by_text("看表格").click()
    rows = [row.split("\t") for row in page.locator(".picture tbody tr").all_inner_texts()]
    assert len(rows) == len({name for name, _ in rows})
    assert {name.strip(): int(number) for name, number in rows} == {k: v for k, v in counts.items() if k.startswith("浙江省")}


def test_bars_are_as_long_as_their_figures_and_say_their_clause(page: Page, server: str) -> None:
    cases = answered(server, "/api/cases", figure="带动就业")
    outcomes = [case["outcome"] for case in cases["cases"]]
    shown(page, server, "/?view=figure&figure=带动就业")
    widths = [float(bar.get_attribute("width") or 0) for bar in page.locator(".picture .bar").all()]
    assert len(widths) == len(outcomes) > 5
    for width, outcome in zip(widths, outcomes, strict=True):
        assert width == pytest.approx(widths[0] * outcome["amount"] / outcomes[0]["amount"], abs=2)
    bar = page.locator(".picture .part").nth(1)
    bar.hover()
    expect(page.locator(".picture .told")).to_contain_text(outcomes[1]["text"])
    page.locator(".picture .part").first.focus()
    page.keyboard.press("ArrowDown")
    expect(bar).to_be_focused()
    expect(page.locator(".picture .told")).to_contain_text(outcomes[1]["text"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/**")
    expect(page.locator("#text mark").first).to_contain_text(outcomes[1]["text"][:6])


def test_figures_in_other_units_are_drawn_in_one() -> None:
    assert [in_unit(unit, value)[1] for unit, value in (("公顷", 2.0), ("亩", 30.0))] == pytest.approx([20_000, 20_000])


def test_the_timeline_marks_the_first_and_joins_what_is_told_twice(page: Page, server: str) -> None:
    found = answered(server, "/api/timeline", q="共富工坊")
    shown(page, server, "/?q=共富工坊&view=time")
    expect(page.locator(".picture .arc")).to_have_count(1)  # it comes a little later
    said = told(page, ".part")
    assert [line[:10] for line in said] == [hit["citation"]["date"] for hit in found["hits"]]
    assert [number for number, line in enumerate(said) if "收录中最早" in line] == [0]
    places = [float(dot.get_attribute("cx") or 0) for dot in page.locator(".picture .dot").all()]
    assert places == sorted(places)
    assert sum("同一件事" in line for line in said) == 2
    page.get_by_text("看表格").click()
    first = page.locator(".picture tbody tr").first
    expect(first).to_contain_text("收录中最早；与“158家工坊织出山里人的好日子”是同一件事")


def test_numbers_by_month_and_issue(page: Page, server: str) -> None:
    numbers = answered(server, "/api/numbers")
    months: Counter[str] = Counter()
    for one in numbers["months"]:
        months[one["month"]] += one["items"]
    assert sum(months.values()) == 71 and months["2024-05"] == 11
    shown(page, server, "/status")
    by_month, by_issue = page.locator(".picture").all()
    values = [int(text) for text in by_month.locator(".part .value").all_text_contents()]
    assert values == [number for month, number in sorted(months.items()) if month]
    expect(by_issue.locator(".gap")).to_have_count(1)
    expect(by_issue.locator(".part").last).to_have_attribute("aria-label", re.compile("^《共富示例》2024年第8期（.+）：4 条$"))
    by_month.locator(".part").nth(4).click()
    page.locator(".hit").first.wait_for()
    assert "since=2024-05-01&until=2024-05-31" in page.url
    expect(page.get_by_role("status").first).to_contain_text("共 11 个")


def test_a_picture_is_saved_as_png_and_svg_in_the_colours_of_paper(browser: Browser, server: str, tmp_path: Path) -> None:
    with browser.new_context(locale="zh-CN", color_scheme="dark", viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        shown(page, server, "/?view=figure&figure=带动就业")
        with page.expect_download() as saved:
            page.get_by_role("button", name="存为 SVG").click()
        saved.value.save_as(tmp_path / "bars.svg")
        with page.expect_download() as saved:
            page.get_by_role("button", name="存为 PNG").click()
        saved.value.save_as(tmp_path / "bars.png")
    assert saved.value.suggested_filename == "带动就业：从大到小.png"
    drawing = ElementTree.parse(tmp_path / "bars.svg").getroot()
    texts = ["".join(text.itertext()) for text in drawing.iter(f"{SVG}text")]
    assert texts[0] == "带动就业：从大到小" and "1.2万人" in texts
    assert not list(drawing.iter(f"{SVG}a")) and not [one for one in drawing.iter() if "class" in one.attrib]
    assert next(drawing.iter(f"{SVG}rect")).get("fill") == "#fff"
    with Image.open(tmp_path / "bars.png") as picture:
        assert picture.format == "PNG" and picture.width > 1500
        colours = Counter(picture.convert("RGB").getdata())
    assert (
        colours.most_common(1)[0][0] == (255, 255, 255) and colours[164, 22, 26] > 1000
    )  # the longest bar, in the red of paper


def test_pictures_go_into_the_word_file(page: Page, server: str, tmp_path: Path) -> None:
    shown(page, server, f"/?q={QUESTION}&map=1")
    page.get_by_role("button", name="放进 Word").click()
    expect(page.get_by_role("region", name="已选案例")).to_contain_text("已选 0 个案例、1 幅图")
    page.locator(".choose").first.click()
    page.goto(f"{server}/?view=figure&figure=带动就业")
    page.get_by_role("button", name="放进 Word").click()
    expect(page.get_by_role("region", name="已选案例")).to_contain_text("已选 1 个案例、2 幅图")
    with page.expect_download() as saved:
        page.get_by_role("button", name="导出 Word（带图）").click()
    saved.value.save_as(tmp_path / "brief.docx")
    paper = Document(str(tmp_path / "brief.docx"))
    captions = [paragraph.text for paragraph in paper.paragraphs if paragraph.style.name == "Picture Caption"]
    assert captions == ["图1　浙江省：案例在哪里", "图2　带动就业：从大到小"]
    assert [shape._inline.docPr.get("descr") for shape in paper.inline_shapes] == ["浙江省：案例在哪里", "带动就业：从大到小"]
    text = paper.sections[0].page_width - paper.sections[0].left_margin - paper.sections[0].right_margin
    assert all(
        shape.width <= text + 1 and shape.height <= paper.sections[0].page_height // 1.4 for shape in paper.inline_shapes
    )
    page.get_by_role("button", name="清空").click()
    expect(page.get_by_role("region", name="已选案例")).to_have_count(0)


@pytest.mark.parametrize("change", ["map", "timeline", "bars", "numbers"])
def test_pictures_fit_a_phone_and_print_in_the_colours_of_paper(browser: Browser, server: str, change: str) -> None:
    address = {
        "map": f"/?q={QUESTION}&map=1", "timeline": "/?q=共富工坊&view=time",
        "bars": "/?view=figure&figure=带动就业", "numbers": "/status",
    }[change]  # fmt: skip
    with browser.new_context(locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        shown(page, server, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        sticking_out = """svg => [...svg.querySelectorAll("text, rect, circle")].filter((one) => {
            const box = one.getBoundingClientRect(), frame = svg.getBoundingClientRect();
            return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2 || box.bottom > frame.bottom + 4);
        }).map((one) => one.outerHTML)"""
        assert page.locator(".picture svg").first.evaluate(sticking_out) == []
        page.emulate_media(media="print")
        ground = page.locator(".picture").first.evaluate("one => getComputedStyle(one).backgroundColor")
        assert ground == "rgb(255, 255, 255)" and not page.locator(".picture .keep").first.is_visible()


_FILLS = """(svg) => [0, 1, 2, 3, 4, 5].map((level) => ["shade", "on"].map((name) => {
  const one = document.createElementNS("http://www.w3.org/2000/svg", name === "on" ? "text" : "rect");
  one.setAttribute("class", name + level);
  svg.append(one);
  return getComputedStyle(one).fill.match(/\\d+/g).map(Number);
}))"""


def luminance(colour: list[int]) -> float:
    """As WCAG 2 defines it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_stand_out_from_every_shade(browser: Browser, server: str, scheme: Any) -> None:
    """Axe does not look at the texts of SVG."""
    with browser.new_context(locale="zh-CN", color_scheme=scheme) as context:
        page = context.new_page()
        shown(page, server, "/status")
        for ground, text in page.locator(".picture svg").first.evaluate(_FILLS):
            dark, light = sorted((luminance(ground), luminance(text)))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, text)


_MANY = """async () => {
  const web = document.querySelector("link[rel=stylesheet]").href;
  const { timelinePicture } = await import(new URL("pictures/timeline.js", web));
  const citation = (at) => ({ item: `案例${at}`, date: `${2015 + Math.floor(at / 182)}-01-15`, also: [], regions: [] });
  const hits = Array.from({ length: 2000 }, (_, at) => ({ item_id: String(at), citation: citation(at) }));
  const server = { reading: () => "#" };
  const picture = timelinePicture({ hits, undated: 0, pairs: [], topic: "很多", width: 800, server });
  document.querySelector("#numbers").replaceChildren(picture);
}"""


def test_two_thousand_cases_stand_on_a_timeline_none_over_another(page: Page, server: str) -> None:
    shown(page, server, "/status")
    page.evaluate(_MANY)
    dots = page.locator(".picture .dot").evaluate_all(
        "all => all.map((one) => [one.getAttribute('cx'), one.getAttribute('cy')].join())"
    )
    assert len(set(dots)) == 2000
    assert float(page.locator(".picture svg").get_attribute("height") or 0) < 450
