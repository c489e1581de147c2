"""People correct documents: on the page in a real browser, over HTTP with their keys; found, kept, undone, audited."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, jianbao, serving
from guarded import Guarded, guarded
from playwright.sync_api import Page, expect
from test_accessibility import RULES

from index.store.connections import lock_of
from index.store.layout import FILE
from ingest.document import Document
from ingest.read import read_document

LINES = [
    "浙里示例", "2024年第7期", "示例办公室编　2024年7月31日", "【市县交流】",
    "▲磐安县以“药乡积分”激发治理热情。磐安县推行积分制，312户农户参与，兑换物资1.2万元。", "（磐安县供稿）",
    "▲永嘉县公开招聘“职业经理人”。永嘉县面向全国发布公告，47人报名，11人签约。",
    "苍南县建设“渔港直播工坊”帮渔嫂变主播。苍南县培训渔嫂860人，带货1900万元。", "（苍南县供稿）",
    "▲泰顺县推行客货邮“预约响应”。泰顺县开通12条线路，服务群众3.4万人次。", "（泰顺县供稿）",
]  # fmt: skip
ID, DOUBTFUL = Document("简报.txt", "bulletin", "", "").id, Document("存疑.docx", "bulletin", "", "").id
UNSURE = read_document(ROOT / "tests" / "data" / "layouts" / "48-business-env.docx", "存疑.docx")


class Office:
    """A real server with its folder, and what it says of the issue."""

    def __init__(self, address: str, tmp: Path) -> None:
        self.address, self.folder, self.data = address, tmp / "documents", tmp / "data"

    def sync(self, lines: list[str]) -> str:
        (self.folder / "简报.txt").write_text("\n".join(lines), encoding="utf-8")
        return jianbao("--data", str(self.data), "sync", str(self.folder)).stderr

    def form(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.address}/api/documents/{ID}").json()
        return found

    def active(self) -> list[dict[str, Any]]:
        """Return the corrections that count."""
        return [one for one in self.form()["corrections"] if not one["undone_when"]]

    def items(self) -> list[str]:
        return [item["title"][:3] for item in self.form()["items"]]

    def correct(self, **body: Any) -> httpx.Response:
        return httpx.post(f"{self.address}/api/documents/{ID}/corrections", json=body, timeout=60)

    def at(self, words: str) -> int:
        """Return the offset of words in the document's text, which the items' texts tell."""
        return next(item["span"][0] + item["text"].index(words) for item in self.form()["items"] if words in item["text"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tiny_model: str) -> Iterator[Office]:
    tmp = tmp_path_factory.mktemp("office")
    (tmp / "documents").mkdir()
    shutil.copy(ROOT / "tests" / "data" / "layouts" / "48-business-env.docx", tmp / "documents" / "存疑.docx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIANBAO_ENCODER", tiny_model)
        told = Office("", tmp).sync(LINES)
        assert f"请先核对这几份的条目划分：\n  存疑.docx（把握 {UNSURE.certainty:.0%}）：“" in told
        with serving(tmp / "data") as address:
            yield Office(address, tmp)


@pytest.fixture
def office(running: Office) -> Iterator[Office]:
    yield running
    running.sync(LINES)
    for one in running.active():
        httpx.delete(f"{running.address}/api/documents/{ID}/corrections/{one['number']}", timeout=60)


def open_to_correct(page: Page, office: Office, document: str = ID) -> None:
    page.goto(f"{office.address}/documents/{document}")
    page.get_by_role("button", name="更正", exact=True).click()


def done(page: Page, text: str) -> None:
    expect(page.locator("#done")).to_contain_text(text)


def test_a_split_and_a_merge_on_the_page_are_found_kept_and_undone(page: Page, office: Office) -> None:
    before = office.form()
    open_to_correct(page, office)
    page.get_by_role("button", name="从这里分开：苍南县").click()
    done(page, "已更正：从“苍南县建设“渔港直播工坊”帮渔嫂变主播。…”分开")
    expect(page.get_by_text("第 3 条 · 地区：浙江省温州市苍南县")).to_be_visible()
    page.get_by_role("button", name="与上一条合并：泰顺县").click()
    done(page, "与上一条合并")
    assert office.items() == ["磐安县", "永嘉县", "苍南县"]
    page.goto(f"{office.address}/?q=渔港直播工坊带货")
    expect(page.locator(".hit").first).to_contain_text("苍南县培训渔嫂860人")
    expect(page.locator(".hit").first).not_to_contain_text("永嘉县面向全国")
    changed = [*LINES[:4], "▲景宁县办起畲乡食堂。景宁县办食堂21家。", "（景宁县供稿）", *LINES[4:]]
    assert "更正" not in office.sync(changed)
    assert office.items() == ["景宁县", "磐安县", "永嘉县", "苍南县"]
    office.sync(LINES)
    page.goto(f"{office.address}/documents/{ID}")
    page.get_by_text("更正记录（2）").click()
    listed = page.locator("#corrections li")
    expect(listed.nth(1)).to_contain_text(re.compile("本机，20..-..-.. ..:.."))
    for number in (0, 1):
        listed.nth(number).get_by_role("button", name="撤销").click()
        done(page, "已撤销")
        expect(listed.nth(number)).to_contain_text("已撤销（本机")
    after = office.form()
    assert {**after, "corrections": []} == {**before, "corrections": []}


def test_titles_regions_and_the_date_are_asked_for_in_a_dialog(page: Page, office: Office, expected: list[str]) -> None:
    expected.append("400")
    open_to_correct(page, office)
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="改标题：永嘉县").click()
    dialog.get_by_role("textbox").fill("永嘉县招贤")
    page.keyboard.press("Enter")
    done(page, "标题改为“永嘉县招贤”")
    expect(page.get_by_role("heading", name="永嘉县招贤")).to_be_visible()
    page.get_by_role("button", name="改地区：永嘉县招贤").click()
    dialog.get_by_role("textbox").fill("永嘉")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_have_text(
        "没有叫“永嘉”的地区：是不是 浙江省温州市永嘉县？请写全名，如 浙江省杭州市临安区"
    )
    dialog.get_by_role("textbox").fill("浙江省温州市永嘉县、浙江省温州市")
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_text("第 2 条 · 地区：浙江省温州市永嘉县、浙江省温州市")).to_be_visible()
    page.get_by_role("button", name="改日期").click()
    dialog.get_by_label("改日期").fill("2024-08-02")
    page.keyboard.press("Enter")
    expect(page.locator("#about")).to_contain_text("2024-08-02")
    page.get_by_role("button", name="改文件标题").click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    found = httpx.get(f"{office.address}/api/search", params={"q": "永嘉县招贤", "since": "2024-08-02"}).json()["hits"][0]
    assert (found["citation"]["item"], found["citation"]["date"]) == ("永嘉县招贤", "2024-08-02")
    assert found["citation"]["regions"] == ["浙江省温州市永嘉县", "浙江省温州市"]
    page.locator("#done").get_by_role("button", name="撤销").click()
    expect(page.locator("#about")).to_contain_text("2024-07-31")


def test_doubtful_lines_are_listed_marked_and_settled(page: Page, office: Office) -> None:
    page.goto(f"{office.address}/status")
    sure, doubts = f"{UNSURE.certainty:.0%}", len(UNSURE.doubts)
    inside = next(one for one in UNSURE.doubts[::-1] if one.begins and one.start > UNSURE.items[0].end)
    row = page.get_by_role("row", name=f"{UNSURE.title} {sure} {doubts} 处")
    row.get_by_role("link").click()
    page.get_by_text(f"条目划分的把握 {sure}：请核对 {doubts} 处").click()
    page.get_by_role("button", name=UNSURE.text[inside.start :][:12]).click()
    mark = page.get_by_title(f"这里也许不是新的一条（{inside.chance:.0%}）")
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    page.get_by_role("button", name="更正", exact=True).click()
    page.get_by_role("button", name="这里没有读错").last.click()
    done(page, "已记下：这里没有读错")
    expect(page.get_by_text(f"请核对 {doubts - 1} 处")).to_be_visible()
    page.locator("#done").get_by_role("button", name="撤销").click()
    expect(page.get_by_text(f"请核对 {doubts} 处")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_correcting_by_keyboard_breaks_no_rule_and_fits(page: Page, office: Office, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{office.address}/documents/{DOUBTFUL}")
    page.get_by_role("button", name="更正", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("#sure summary").press("Enter")
    button = page.get_by_role("button", name="从这里分开").first
    button.focus()
    page.keyboard.press("Enter")
    done(page, "已更正")
    expect(page.get_by_role("button", name="改标题").nth(1)).to_be_focused()
    page.locator("#corrections summary").press("Enter")
    for dialog in (False, True):
        if dialog:
            page.get_by_role("button", name="改标题").first.press("Enter")
        found = Axe().run(page, options=RULES)
        assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found.response["violations"]] == []
        small = page.locator("button, input, summary, .button").evaluate_all(
            "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML)"
        )
        assert small == [] and page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    page.locator("#done").get_by_role("button", name="撤销").press("Enter")
    done(page, "已撤销")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "move"}, 400, "bad_kind"),
        ({"kind": "split"}, 400, "bad_place"),
        ({"kind": "split", "at": 99999}, 400, "bad_place"),
        ({"kind": "split", "at": 0}, 400, "bad_place"),
        ({"kind": "title", "at": 0, "value": "x"}, 400, "bad_place"),
        ({"kind": "date", "value": "2024年"}, 400, "bad_date"),
        ({"kind": "document_title", "value": " \n"}, 400, "empty_title"),
        ({"kind": "document_title", "value": "长" * 201}, 400, "title_too_long"),
        ({"kind": "date", "place": 1}, 400, "unknown_parameter"),
        ({"kind": "date", "value": "2024-07-31"}, 409, "nothing_to_correct"),
    ],
)
def test_what_cannot_be_corrected_is_said(office: Office, body: dict[str, Any], status: int, code: str) -> None:
    reply = office.correct(**body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code), reply.text
    assert not reply.json()["error"]["message"].isascii() and office.active() == []


def test_places_that_do_not_fit_and_a_busy_index_are_told(office: Office) -> None:
    first, second, inner = office.at("磐安县以"), office.at("永嘉县公开"), office.at("苍南县建设")
    assert office.correct(kind="merge", at=first).json()["error"]["message"] == "那一行不在任何条目里，或者前面没有条目可以合并"
    assert office.correct(kind="regions", at=inner, value="").json()["error"]["code"] == "bad_place"
    assert office.correct(kind="regions", at=second, value="火星").json()["error"]["code"] == "no_region"
    assert office.correct(kind="split", at=inner, line="别的一行").json()["error"]["code"] == "document_changed"
    with lock_of(office.data / FILE, wait=0):
        reply = office.correct(kind="split", at=inner, line="苍南县建设")
    assert (reply.status_code, reply.json()["error"]["message"]) == (503, "正在收录文件，请等它结束后再更正")
    assert reply.headers["retry-after"] and office.active() == []
    made = office.correct(kind="split", at=inner, line="苍南县建设")
    assert made.status_code == 201 and len(made.json()["items"]) == 4
    one = made.json()["corrections"][-1]
    assert (one["kind"], one["at"], one["who"], one["where"][:5]) == ("split", inner, "", "苍南县建设")
    undo = f"{office.address}/api/documents/{ID}/corrections"
    assert httpx.delete(f"{undo}/{one['number']}", timeout=60).json()["items"] == office.form()["items"]
    assert httpx.delete(f"{undo}/{one['number']}").json()["error"]["code"] == "already_undone"
    assert httpx.delete(f"{undo}/99999").json()["error"]["code"] == "no_correction"


def test_a_correction_that_lost_its_place_is_a_warning_and_says_so_on_the_page(page: Page, office: Office) -> None:
    assert office.correct(kind="split", at=office.at("苍南县建设")).status_code == 201
    told = office.sync([line.replace("苍南县", "文成县") for line in LINES])
    assert "提醒  简报.txt：有 1 处更正找不到原来的位置：苍南县建设“渔港直播工坊”帮渔嫂变主播。…" in told
    page.goto(f"{office.address}/documents/{ID}")
    page.locator("#corrections summary").click()
    expect(page.locator("#corrections li").first).to_contain_text("（找不到原来的位置，没有起作用）")


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("keyed")) as server:
        yield server


def test_only_who_may_take_in_and_see_a_document_corrects_it(keyed: Guarded) -> None:
    hidden, held = keyed.hidden[0], keyed.open[0]
    body = {"kind": "document_title", "value": "改过的标题"}

    def told(kind: str, document: str, number: int = 0) -> tuple[int, str]:
        path = f"{keyed.address}/api/documents/{document}/corrections"
        headers = keyed.bearer(kind)
        reply = httpx.delete(f"{path}/{number}", headers=headers) if number else httpx.post(path, json=body, headers=headers)
        return reply.status_code, reply.json().get("error", {}).get("code", "")

    assert told("nobody", held) == (401, "key_required")
    assert told("search", held) == (403, "scope_too_small")
    assert told("ingest", hidden) == told("other", hidden) == (404, "no_document")
    assert told("inner", hidden) == told("ingest", held) == (201, "")
    assert told("admin", hidden) == (409, "nothing_to_correct")
    seen = httpx.get(f"{keyed.address}/api/documents/{hidden}", headers=keyed.bearer("all")).json()
    (made,) = seen["corrections"]
    assert (seen["document"]["title"], made["who"]) == ("改过的标题", "内部")
    assert told("other", hidden, made["number"]) == told("other", held, made["number"]) == (404, "no_correction")
    assert told("search", hidden, made["number"]) == (403, "scope_too_small")
    assert told("inner", hidden, made["number"]) == (200, "")
    lines = keyed.audited(3, lambda line: line["action"] in ("correct", "undo") and line["status"] < 300)
    assert [(line["who"], line["action"], line["opened"], line["kind"]) for line in lines] == [
        ("内部", "correct", hidden, "document_title"), ("收录", "correct", held, "document_title"),
        ("内部", "undo", hidden, "document_title"),
    ]  # fmt: skip


def test_who_may_only_search_sees_what_was_corrected_and_no_buttons(page: Page, keyed: Guarded) -> None:
    page.goto(f"{keyed.address}/documents/{keyed.open[0]}#key={keyed.keys['search']}")
    expect(page.get_by_role("heading", level=1, name="改过的标题")).to_be_visible()
    page.get_by_text("更正记录（1）").click()
    expect(page.locator("#corrections li")).to_contain_text("文件标题改为“改过的标题”")
    expect(page.get_by_role("button", name="更正", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    page.get_by_role("link", name="打开原件").wait_for()


LAYOUTS = ROOT / "tests" / "data" / "layouts"


def test_an_upload_names_what_to_look_at_among_the_callers_own(keyed: Guarded) -> None:
    shutil.copy(LAYOUTS / "05-yingshang-zhuanbao.docx", keyed.folder / "内部" / "密件.docx")  # is read by the same sync
    content = (LAYOUTS / "48-business-env.docx").read_bytes()
    reply = httpx.post(
        f"{keyed.address}/api/documents", files={"file": ("存疑.docx", content)}, headers=keyed.bearer("ingest"), timeout=120
    )
    (one,) = reply.json()["unsure"]
    assert (one["file"], len(one["lines"])) == ("上传/收录/存疑.docx", len(UNSURE.doubts))
    for kind, files in (("ingest", ["上传/收录/存疑.docx"]), ("all", ["上传/收录/存疑.docx", "内部/密件.docx"])):
        state = httpx.get(f"{keyed.address}/api/status", headers=keyed.bearer(kind)).json()
        assert [listed["file"] for listed in state["unsure"]] == files


def test_the_page_of_an_upload_asks_to_look_at_it(page: Page, office: Office) -> None:
    page.goto(f"{office.address}/status")
    unsure = read_document(LAYOUTS / "03-minsheng-kuaibao.pdf", "x.pdf")
    page.locator("#files").set_input_files(LAYOUTS / "03-minsheng-kuaibao.pdf")
    page.get_by_role("button", name="上传并收录").click()
    told = page.locator(".uploaded")
    expect(told).to_contain_text(f"请先核对这几份的条目划分：{unsure.title}（把握 {unsure.certainty:.0%}）", timeout=30_000)
    told.get_by_role("link", name=unsure.title).click()
    expect(page.locator("#sure")).to_contain_text(f"条目划分的把握 {unsure.certainty:.0%}：请核对 {len(unsure.doubts)} 处")
