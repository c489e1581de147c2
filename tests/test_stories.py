"""Cases set beside each other, and one story told twice: over a real server, on the command line and on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import jianbao
from playwright.sync_api import Page, expect
from test_precedents import TOLD_TWICE, item_called

from index.sync.intake import SyncReport


@pytest.fixture(scope="module")
def items(server: str) -> dict[str, dict[str, Any]]:
    """All items by title."""
    found = httpx.get(f"{server}/api/cases", params={"k": 100}).json()["cases"]
    return {
        case["hits"][0]["citation"]["item"]: httpx.get(f"{server}/api/items/{case['item_id']}", timeout=30).json()
        for case in found
    }


def test_the_stories_told_twice_are_linked_and_no_others(items: dict[str, dict[str, Any]]) -> None:
    linked = {frozenset((title, story["hit"]["citation"]["item"])) for title, item in items.items() for story in item["retold"]}
    assert linked == {frozenset(pair) for pair in TOLD_TWICE.items()}


def test_figures_that_have_changed_are_shown_both_ways(items: dict[str, dict[str, Any]]) -> None:
    bulletin, article = "嵊泗县推行“岛医驻点+无人机送药”方便渔民看病", "药从天上来，医生岛上住"
    (later,), (earlier,) = items[bulletin]["retold"], items[article]["retold"]
    assert ("无人机送药1460架次", "累计送药3920架次") in {(change["here"], change["there"]) for change in later["changes"]}
    assert {(change["there"], change["here"]) for change in earlier["changes"]} == {
        (change["here"], change["there"]) for change in later["changes"]
    }
    assert later["hit"]["citation"]["date"] == "2024-08-21"
    change = later["changes"][0]
    text, start = items[article]["text"], items[article]["span"][0]
    assert text[change["citation"]["span"][0] - start : change["citation"]["span"][1] - start].strip() == change["there"]


def test_what_has_not_changed_is_no_change(items: dict[str, dict[str, Any]]) -> None:
    (story,) = items["桐庐县以“中心厨房+快递配送”破解山村老人吃饭难"]["retold"]
    assert not [change for change in story["changes"] if "自付5元" in change["here"]]


ISLANDS = (
    "温州市洞头区以“固定医生+流动医船”织密海岛医疗网",
    "嵊泗县推行“岛医驻点+无人机送药”方便渔民看病",
    "药从天上来，医生岛上住",
)


def comparison(server: str) -> dict[str, Any]:
    ids = ",".join(item_called(server, title) for title in ISLANDS)
    found: dict[str, Any] = httpx.get(f"{server}/api/compare", params={"items": ids}, timeout=30).json()
    return found


def test_measures_stand_beside_those_of_like_meaning(server: str, items: dict[str, dict[str, Any]]) -> None:
    found = comparison(server)
    rows = [[cell and cell["text"] for cell in row] for row in found["measures"]["rows"]]
    assert ["派驻固定医生", "医生驻下来"] in [row[:2] for row in rows]
    [told] = [row[1]["sentence"] for row in found["measures"]["rows"] if row[0] and row[0]["text"] == "派驻固定医生"]
    assert told.startswith("县级医院向小岛派驻医务人员26名")
    for column, title in enumerate(ISLANDS):  # nothing is lost, nothing comes twice
        told = [row[column]["text"] for row in found["measures"]["rows"] if row[column]]
        told += [cell["text"] for cell in found["measures"]["alone"][column]]
        said = [quote["text"] for quote in items[title]["quotes"] if quote["roles"] != ["result"]]
        assert sorted(told) == sorted([measure["head"] for measure in items[title]["measures"]] or said)
        assert [quote["text"] for quote in found["cases"][column]["lines"]] == [one["text"] for one in items[title]["quotes"]]


def test_figures_stand_beside_those_of_the_same_measure(server: str) -> None:
    found = comparison(server)
    rows = [[cell and cell["text"] for cell in row] for row in found["figures"]["rows"]]
    assert [None, "无人机送药1460架次", "累计送药3920架次"] in rows
    assert [None, "签约渔民6800余人", "签约渔民8900人"] in rows
    cell = found["figures"]["rows"][0][1]
    assert cell["citation"]["line"].startswith("《共富示例》2024年第3期") and cell["citation"]["span"]


@pytest.mark.parametrize(
    ("ids", "code"), [("", "bad_items"), ("a", "bad_items"), ("a,b", "no_item"), ("a,b,c,d,e,f", "bad_items")]
)
def test_what_cannot_be_compared(server: str, ids: str, code: str) -> None:
    assert httpx.get(f"{server}/api/compare", params={"items": ids}).json()["error"]["code"] == code


def test_on_the_command_line(sample_data: tuple[Path, SyncReport], server: str) -> None:
    ids = [item_called(server, title) for title in ISLANDS]
    run = jianbao("--data", str(sample_data[0]), "compare", *ids, "--json")
    assert json.loads(run.stdout) == comparison(server)
    shown = jianbao("--data", str(sample_data[0]), "compare", *ids).stdout
    assert re.search("举措（[23] 个案例都有）\n   1. 派驻固定医生：区级医院.+\n   2. 医生驻下来：县级医院", shown)
    assert jianbao("--data", str(sample_data[0]), "compare", ids[0]).returncode == 2


def test_the_page_shows_both(page: Page, server: str) -> None:
    page.goto(f"{server}/items/{item_called(server, ISLANDS[2])}")
    expect(page.get_by_role("heading", name="同一件事的其他报道")).to_be_visible()
    page.locator(".changes").get_by_role("link", name="无人机送药1460架次").click()
    expect(page.locator("#text mark")).to_have_text("无人机送药1460架次")
    page.goto(f"{server}/compare?items={','.join(item_called(server, title) for title in ISLANDS)}")
    expect(page.get_by_role("row").filter(has_text="派驻固定医生")).to_contain_text("医生驻下来")
