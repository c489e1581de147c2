"""Cases apart from 文件 (notices, laws, reports, tables), over a real server, the command line and the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import jianbao, serving
from playwright.sync_api import Page, expect
from test_found_cases import cases

from ingest.read import read_document

CASES = {
    "山里办起老年食堂.txt": "近日，云溪县在三个乡镇办起老年食堂，老人每餐只付六元，全县已有1200位老人吃上热饭。",
    "青田镇送餐上门.txt": "今年以来，青田镇组织志愿者给老年食堂送餐，每天送出热饭300份，惠及高龄老人280名。",
    "茶叶开秤.txt": "3月5日，云溪县茶叶开秤，鲜叶每斤涨到92元，茶农当天卖出鲜叶1.2万斤。",
}
NOTICE = """云溪县关于做好老年食堂建设工作的通知
云政办〔2024〕12号
各乡镇人民政府：
一、建设要求
各乡镇应当在年底前建成老年食堂，老年食堂面积不得少于60平方米。
二、补贴标准
每个老年食堂给予一次性建设补贴3万元，老人每餐补贴2元。
云溪县人民政府办公室
2024年3月1日
"""
LAW = "云溪县养老服务条例\n" + "\n".join(
    f"第{number}条　老年食堂的举办者应当{what}。"
    for number, what in zip("一二三四", ("取得食品经营许可", "公示餐费", "建立留样制度", "接受监督检查"), strict=True)
)
ROWS = "".join(f"<tr><td>{place}老年食堂</td><td>每餐{n}元</td></tr>" for n, place in enumerate(("云溪县", "白水县"), 2))
TABLE = f"<html><body><h1>老年食堂补贴</h1><table><tr><td>食堂</td><td>标准</td></tr>{ROWS}</table></body></html>"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server over cases and 文件, and its data folder."""
    tmp = tmp_path_factory.mktemp("forms")
    (folder := tmp / "documents").mkdir()
    told = {name: f"{Path(name).stem}\n\n{text}" for name, text in CASES.items()}
    for name, text in {**told, "通知.txt": NOTICE, "条例.txt": LAW}.items():
        (folder / name).write_text(text, encoding="utf-8")
    data = str(tmp / "data")
    assert jianbao("--data", data, "sync", str(folder)).returncode == 0
    with serving(Path(data)) as address:
        yield address, data


def files(found: dict[str, Any]) -> set[str]:
    return {case["hits"][0]["citation"]["file"] for case in found["cases"]}


@pytest.mark.parametrize("query", ["老年食堂", ""])
def test_a_list_has_the_cases_and_says_how_many_files_there_are(mixed: tuple[str, str], query: str) -> None:
    found = cases(mixed[0], q=query)
    assert files(found) == set(list(CASES)[: 2 if query else 3])
    assert (found["form"], found["total"], found["files"]) == ("case", len(found["cases"]), 2)
    assert found["facets"]["kind"] == {"news": found["total"]}
    found = cases(mixed[0], q=query, form="file")
    assert files(found) == {"通知.txt", "条例.txt"} and (found["total"], found["files"]) == (2, 2)
    assert found["facets"]["kind"] == {"other": 2}
    found = cases(mixed[0], q=query, form="all")
    assert files(found) >= {"通知.txt", "条例.txt", *list(CASES)[:2]} and found["total"] > 4  # the notice has several items


def test_who_asks_for_files_or_one_document_gets_them(mixed: tuple[str, str]) -> None:
    found = cases(mixed[0], kind="other")
    assert (found["form"], files(found)) == ("file", {"通知.txt", "条例.txt"})
    document = next(case["hits"][0]["citation"]["document_id"] for case in found["cases"])
    assert cases(mixed[0], document=document)["form"] == "all"
    reply = httpx.get(f"{mixed[0]}/api/cases?form=notice")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_form")


def test_a_timeline_has_the_cases_alone(mixed: tuple[str, str]) -> None:
    def shown(**more: str) -> set[str]:
        found = httpx.get(f"{mixed[0]}/api/timeline", params={"q": "老年食堂", **more}).json()
        return {hit["citation"]["file"] for hit in (*found["hits"], *found["undated"])}

    assert shown() == set(list(CASES)[:2]) and shown(form="file") == {"通知.txt", "条例.txt"}


def test_on_the_command_line(mixed: tuple[str, str]) -> None:
    run = jianbao("--data", mixed[1], "cases", "老年食堂")
    assert run.stdout.splitlines()[0] == "共 2 个案例，另有 2 份文件（--form file）"
    run = jianbao("--data", mixed[1], "cases", "老年食堂", "--form", "file", "--json")
    assert files(json.loads(run.stdout)) == {"通知.txt", "条例.txt"}


def test_the_page_leads_to_the_files_and_back(page: Page, mixed: tuple[str, str]) -> None:
    page.goto(f"{mixed[0]}/?q=老年食堂")
    expect(page.locator(".hit .title")).to_have_count(2)
    page.get_by_role("button", name="另有 2 份文件").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("2 份文件，共 2 份")
    expect(page.locator(".hits")).to_contain_text("云溪县养老服务条例")
    back = page.get_by_role("button", name="只看案例")
    expect(back).to_be_focused()
    back.click()
    expect(page.locator(".hit .title")).to_have_count(2)
    expect(page.locator(".hits")).not_to_contain_text("条例")


BYLINE = "来源：示例日报 记者：张示 2024-05-06"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"山里办起老年食堂\n\n{CASES['山里办起老年食堂.txt']}", "news"),  # nobody is credited, but it is told
        (f"云溪县发布老年食堂调研报告\n{BYLINE}\n记者近日走访了云溪县的老年食堂，看到老人围坐吃饭。", "news"),
        (NOTICE, "other"), (LAW, "other"), (TABLE, "other"),
        ("关于做好老年食堂建设的通知\n来源：云溪县政府网 2024-03-01\n请各乡镇年底前建成老年食堂。", "other"),
        ("老年食堂用餐须知\n用餐老人凭卡就餐，外来人员登记后就餐，餐后把餐具放回原处。", "other"),
    ],
)  # fmt: skip
def test_what_is_a_case_and_what_a_file(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / ("a.html" if text is TABLE else "a.txt")
    path.write_text(text, encoding="utf-8")
    assert read_document(path, path.name).kind == kind
