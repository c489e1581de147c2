"""Precedents over a real server and the sample corpus: cases like one, who was first, and a feed of what comes in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from conftest import DOCUMENTS, jianbao, serving
from playwright.sync_api import Page, expect

from cases.find import find_cases
from cases.similar import similar as similar_cases
from cases.similar import stored_case
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.intake import SyncReport
from index.sync.mirror import sync
from service.actions.drafts import case_of_text
from service.keys.registry import Keys

ATOM = "{http://www.w3.org/2005/Atom}"
TOLD_TWICE = {  # scripts/samples/README.md
    "桐庐县以“中心厨房+快递配送”破解山村老人吃饭难": "一份热饭搭着快递车进山来",
    "缙云县以来料加工“共富工坊”把活送到村民家门口": "158家工坊织出山里人的好日子",
    "平湖市组建片区强村公司推动村集体“抱团”经营": "抱团的村子怎么过日子",
    "嵊泗县推行“岛医驻点+无人机送药”方便渔民看病": "药从天上来，医生岛上住",
    "庆元县“一车多用”打通山村客货邮末梢": "班车捎着香菇跑",
}
FIRST = {
    "老年助餐": "桐庐县", "零工市场": "义乌市", "积分制": "龙游县", "村级光伏": "遂昌县", "海岛医疗": "温州市洞头区",
    "共富工坊": "缙云县", "强村公司": "平湖市", "闲置农房": "安吉县德清县", "托育": "宁波市鄞州区", "残疾人就业": "温岭市",
    "客货邮": "庆元县",
}  # fmt: skip


def item_called(server: str, title: str) -> str:
    hits = httpx.get(f"{server}/api/search", params={"q": title, "k": 5}).json()["hits"]
    return next(hit["item_id"] for hit in hits if hit["citation"]["item"] == title)


def similar(server: str, **body: Any) -> list[dict[str, Any]]:
    reply = httpx.post(f"{server}/api/similar", json=body, timeout=60)
    assert reply.status_code == 200, reply.text
    hits: list[dict[str, Any]] = reply.json()["hits"]
    return hits


@pytest.mark.parametrize("one", TOLD_TWICE)
def test_the_story_told_again_is_the_most_similar(server: str, one: str) -> None:
    other = TOLD_TWICE[one]
    for asked, first in ((one, other), (other, one)):
        hits = similar(server, item=item_called(server, asked), k=3)
        assert hits[0]["citation"]["item"] == first
        assert asked not in [hit["citation"]["item"] for hit in hits]


def test_it_is_said_why(server: str) -> None:
    hits = similar(server, item=item_called(server, "温州市洞头区以“固定医生+流动医船”织密海岛医疗网"), k=3)
    (island,) = [hit for hit in hits if hit["citation"]["item"].startswith("嵊泗县")]
    assert ["派驻固定医生", "医生驻下来"] in island["measures"]
    pairs = [(one["kind"], (one["here"]["text"], one["there"]["text"])) for one in island["shared"]]
    shared = dict(reversed(pairs))  # the first of each kind
    assert shared["problem"] == (
        "洞头区离岛居民多为老人，遇到头疼脑热要等船看病。",
        "嵊泗县岛屿分散，小岛渔民看一次病往往要等船、过夜。",
    )
    assert shared["measure"][1].startswith("县级医院向小岛派驻医务人员26名") and shared["measure"][1] in island["why"]
    assert {"派驻", "诊疗"} <= set(island["terms"]) and not {"温州", "嵊泗"} & set(island["terms"])
    for hit in hits:  # each is quoted from where it says it stands
        document = httpx.get(f"{server}/api/items/{hit['item_id']}").json()
        for one in hit["shared"]:
            start, end = (place - document["span"][0] for place in one["there"]["span"])
            assert document["text"][start:end] == one["there"]["text"]


def test_nothing_is_said_where_nothing_is_alike(server: str) -> None:
    hits = similar(server, item=item_called(server, "百年榧树有了“共同管家”"), k=5)
    assert any(hit["shared"] == [] and hit["why"] == "" for hit in hits)
    assert not any("都讲到" in hit["why"] for hit in hits)


def test_other_parts_of_a_notice_are_no_other_cases(tmp_path: Path, tiny_encoder: Encoder) -> None:
    headed = zip("一二三", ("建食堂", "送饭菜", "定补贴"), strict=True)
    parts = "\n".join(f"{number}、{what}\n各地要{what}，为山区老人办好食堂，方便就近吃饭。" for number, what in headed)
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "通知.txt").write_text(f"某省关于做好老年食堂工作的通知\n各市：\n{parts}\n", encoding="utf-8")
    (folder / "报道.txt").write_text("山里办起老年食堂\n\n山区老人就近到食堂吃饭，饭菜送到家门口。", encoding="utf-8")
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    ids = [case.item_id for case in find_cases(index, "", 10, {"document": catalog_id(catalog, "通知.txt")}).cases]
    assert len(ids) > 2
    case = stored_case(index, ids[0])
    assert case and [one.hit.citation.file for one in similar_cases(index, case, 10)] == ["报道.txt"]


def catalog_id(catalog: Catalog, file: str) -> str:
    (document,) = catalog.documents_of(file)
    return document


def test_elsewhere_leaves_the_county_out(server: str) -> None:
    item = item_called(server, "缙云县以来料加工“共富工坊”把活送到村民家门口")
    hits = similar(server, item=item, k=20, elsewhere=True)
    assert len(hits) == 20
    assert not any("缙云" in region for hit in hits for region in hit["citation"]["regions"])


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("浙江省杭州市余杭区和杭州市办食堂", {"浙江省杭州市余杭区"}),
        ("浙江省杭州市办食堂", {"浙江省杭州市"}),
        ("浙江省支持办食堂", set()),
        ("上海市浦东新区办食堂", {"上海市浦东新区"}),
    ],
)
def test_elsewhere_is_outside_the_smallest_places_named(sample_index: SearchIndex, text: str, places: set[str]) -> None:
    assert case_of_text(sample_index, f"{text}。老人就近吃饭。").places == places


def test_a_draft_finds_its_like_within_filters(server: str) -> None:
    draft = "我县拟利用邮政车辆返程空厢，为山区老人配送热饭。由乡镇中心食堂统一做餐，快递员顺路送到村口。"
    assert similar(server, text=draft, k=1)[0]["citation"]["item"].startswith("桐庐县以“中心厨房")
    assert {hit["citation"]["kind"] for hit in similar(server, text=draft, k=5, kind="news")} == {"news"}


def test_a_draft_in_a_file(server: str, page: Page) -> None:
    draft = DOCUMENTS / "新闻" / "示例新闻-05-班车捎着香菇跑.pdf"
    with draft.open("rb") as content:
        reply = httpx.post(f"{server}/api/similar/file?k=2&kind=bulletin", files={"file": ("草稿.pdf", content)}, timeout=60)
    assert reply.json()["hits"][0]["citation"]["item"] == "庆元县“一车多用”打通山村客货邮末梢"
    for name, content, code in (
        ("草稿.exe", b"x", "bad_format"),
        ("草稿.pdf", b"x", "bad_draft"),
        ("草稿.txt", b"", "bad_draft"),
    ):
        reply = httpx.post(f"{server}/api/similar/file", files={"file": (name, content)}, timeout=60)
        assert (reply.is_client_error, reply.json()["error"]["code"]) == (True, code)
    for name in ("../../x/" + "长" * 300 + ".txt", "a\\b\x00\n.txt", "README.txt"):
        reply = httpx.post(f"{server}/api/similar/file", files={"file": (name, "山里老人吃饭难".encode())}, timeout=60)
        assert reply.status_code == 200 and reply.json()["hits"] and not set("/\\\n") & set(reply.json()["title"])
    two = [("file", ("a.txt", b"x")), ("file", ("b.txt", b"x"))]
    assert httpx.post(f"{server}/api/similar/file", files=two).json()["error"]["code"] == "too_many_files"
    assert httpx.post(f"{server}/api/similar/file", files={"other": ("a.txt", b"x")}).json()["error"]["code"] == "no_file"
    held = httpx.get(f"{server}/api/documents").json()["total"]
    page.goto(f"{server}/similar")
    page.get_by_label("或选一个文件").set_input_files(draft)
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".alike li").nth(1)).to_contain_text("庆元县“一车多用”打通山村客货邮末梢")
    assert httpx.get(f"{server}/api/documents").json()["total"] == held
    page.reload()
    page.get_by_label("草稿或做法").fill("我县为山里老人送饭。与快递企业签约，开通送餐线路，由快递车下乡时顺路送到村口。")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".alike .both", has_text="做法").first).to_contain_text("与7家快递企业签约")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_draft"), ({"item": "x", "text": "y"}, "bad_draft"), ({"text": "，"}, "bad_draft"),
        ({"item": "none-1"}, "no_item"), ({"text": "长" * 50_001}, "draft_too_long"),
        ({"text": "老人", "k": 101}, "bad_k"), ({"texts": "老人"}, "unknown_parameter"),
    ],
)  # fmt: skip
def test_what_is_no_draft(server: str, body: dict[str, Any], code: str) -> None:
    reply = httpx.post(f"{server}/api/similar", json=body)
    assert reply.is_client_error and reply.json()["error"]["code"] == code


@pytest.mark.parametrize("topic", FIRST)
def test_who_was_first(server: str, topic: str) -> None:
    found = httpx.get(f"{server}/api/timeline", params={"q": topic}).json()
    dates = [hit["citation"]["date"] for hit in found["hits"]]
    assert dates == sorted(dates) and len({hit["item_id"] for hit in found["hits"]}) == len(dates) > 1
    assert found["hits"][0]["item_id"] == found["first"]
    assert found["hits"][0]["citation"]["item"].startswith(FIRST[topic])
    assert not any(hit["citation"]["date"] for hit in found["undated"])


def test_on_the_command_line(sample_data: tuple[Path, SyncReport], server: str) -> None:
    data = str(sample_data[0])
    item = item_called(server, "庆元县“一车多用”打通山村客货邮末梢")
    run = jianbao("--data", data, "similar", "--item", item, "-k", "2", "--json")
    assert json.loads(run.stdout)["hits"] == similar(server, item=item, k=2)
    draft = DOCUMENTS / "新闻" / "示例新闻-05-班车捎着香菇跑.pdf"
    assert jianbao("--data", data, "similar", "--file", str(draft)).stdout.startswith("1. 班车捎着香菇跑\n   做法相近：")
    run = jianbao("--data", data, "timeline", "客货邮")
    assert run.stdout.splitlines()[0] == "2024-03-29  庆元县“一车多用”打通山村客货邮末梢  ← 收录中最早"
    for wrong in (["similar"], ["similar", "--item", "x"], ["similar", "--file", "nowhere.txt"], ["timeline", " "]):
        run = jianbao("--data", data, *wrong)
        assert (run.returncode, run.stdout) == (2, "") and run.stderr.startswith("jianbao: ")


def test_a_feed_brings_the_newest_first(server: str) -> None:
    reply = httpx.get(f"{server}/feed.atom", params={"q": "老年助餐", "section": "市县交流"})
    assert reply.headers["content-type"] == "application/atom+xml"
    feed = ElementTree.fromstring(reply.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
    assert (
        titles[0] == "天台县推行“邻里饭桌”让分散居住老人就近搭伙" and titles[-1] is not None and titles[-1].startswith("桐庐县")
    )
    assert feed.findtext(f"{ATOM}updated") == "2024-06-28T00:00:00+08:00"
    link = feed.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None and httpx.get(link.get("href", "")).status_code == 200
    assert httpx.get(f"{server}/feed.atom", params={"q": "x", "since": "去年"}).status_code == 400
    assert httpx.get(f"{server}/feed.atom", params={"q": "x", "colour": "red"}).status_code == 400


def test_a_feed_needs_a_key_where_all_else_does(sample_data: tuple[Path, SyncReport], tmp_path: Path) -> None:
    data = Path(shutil.copytree(sample_data[0], tmp_path / "data"))
    key = Keys(data).create("门户", "search", [])
    with serving(data) as address:
        assert httpx.get(f"{address}/feed.atom?q=老年助餐").status_code == 401
        assert httpx.get(f"{address}/feed.atom?q=老年助餐&key=jb_wrong").status_code == 401
        reply = httpx.get(f"{address}/feed.atom?q=老年助餐&key={key}")
        assert reply.status_code == 200 and key not in reply.text
