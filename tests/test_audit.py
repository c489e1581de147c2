"""The audit: who asked what and was shown what, what it tells, and feedback as a set of judgments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import jianbao
from guarded import Guarded, guarded
from playwright.sync_api import Page

from service.audit.log import EXPIRED, FOLDER, Audit, lines_of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("audit")) as server:
        yield server


@pytest.fixture
def client(server: Guarded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, headers=server.bearer("inner"), timeout=60) as client:
        yield client


def line_of(server: Guarded, reply: httpx.Response) -> dict[str, Any]:
    """Return the line that the audit holds of a response."""
    return server.audited(1, lambda line: line["id"] == reply.headers["x-request-id"])[0]


def test_a_line_says_who_was_shown_what(server: Guarded, client: httpx.Client) -> None:
    reply = client.get("/api/search", params={"q": "蟠龙水电站", "region": ""}, headers={"X-Request-ID": "from-the-portal.1"})
    line = line_of(server, reply)
    assert (line["id"], line["who"], line["action"], line["query"]) == ("from-the-portal.1", "内部", "search", "蟠龙水电站")
    assert line["shown"] == list(dict.fromkeys(hit["citation"]["document_id"] for hit in reply.json()["hits"]))
    assert line["status"] == 200 and line["ms"] > 0 and line["address"] == "127.0.0.1" and line["time"]
    hidden = server.hidden[0]
    assert line_of(server, client.get(f"/api/documents/{hidden}/original"))["opened"] == hidden
    asked = line_of(server, client.post("/api/ask", json={"question": "蟠龙水电站安置移民多少户？", "stream": True}))
    assert (asked["action"], asked["found"]) == ("ask", True) and hidden in asked["shown"] + server.hidden
    assert line_of(server, client.get(f"/api/export?items={hidden}-1"))["items"] == [f"{hidden}-1"]
    sent = client.post("/api/documents", files={"file": ("记.txt", "云溪县记录情况\n云溪县记下一笔。".encode())})
    assert line_of(server, sent)["files"] == ["上传/内部/内部/记.txt"]


def test_secrets_stand_neither_in_the_audit_nor_in_the_log(server: Guarded, client: httpx.Client) -> None:
    client.get("/feed.atom", params={"q": "云溪县", "key": server.keys["all"]}, headers={"Authorization": ""})
    client.post("/api/session", json={"key": server.keys["all"]})
    (file,) = (server.data / FOLDER).glob("*.jsonl")
    assert not [key for key in server.keys.values() if key in file.read_text(encoding="utf-8")]
    assert file.stat().st_mode & 0o777 == 0o600


def test_feedback_becomes_a_set_of_judgments_that_can_be_evaluated(
    server: Guarded, client: httpx.Client, tmp_path: Path
) -> None:
    held, other = f"{server.open[0]}-1", f"{server.hidden[0]}-1"
    for body in (
        {"query": "老人吃饭", "item": held, "helpful": False, "reason": "没看清"},
        {"query": "老人吃饭", "item": held, "helpful": True},
        {"query": "老人吃饭", "item": other, "helpful": False, "reason": "不相干"},
        {"query": "没有的", "item": other, "helpful": False},
    ):
        assert client.post("/api/feedback", json=body).json() == {"kept": True}
    assert client.post("/api/feedback", json={"query": "x", "item": "nothing-1", "helpful": True}).status_code == 404
    assert client.post("/api/feedback", json={"query": "x", "helpful": True, "reason": "长" * 501}).status_code == 400
    report = json.loads(jianbao("--data", str(server.data), "report", "--json").stdout)
    assert report["feedback"]["helpful"] == 1 and report["feedback"]["not_helpful_total"] == 3
    folder = tmp_path / "judged"
    written = jianbao("--data", str(server.data), "report", "--beir", str(folder), "--json")
    assert json.loads(written.stdout)["queries"] == 1
    judged = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(judged) == sorted([f"q1\t{held}\t1", f"q1\t{other}\t0"])
    measured = jianbao("--data", str(tmp_path / "data"), "evaluate", str(folder), "--json")
    assert json.loads(measured.stdout)["hybrid"]["hit@1"] == 1.0


def test_a_report_tells_what_is_asked_not_found_slow_and_opened(tmp_path: Path, server: Guarded) -> None:
    data = tmp_path / "data"
    jianbao("--data", str(data), "sync", str(server.folder))
    audit = Audit(data, 30, queries=True)
    for number in range(10):
        audit.write(
            {
                "action": "ask",
                "query": "水价",
                "found": number > 6,
                "ms": 10.0 * number,
                "who": "门户",
                "status": 200,
                "shown": [],
            }
        )
    audit.write(
        {"action": "search", "query": " 老人  吃饭 ", "found": 3, "ms": 999.0, "who": "", "status": 200, "shown": ["x"]}
    )
    audit.write({"action": "document", "opened": server.open[0], "status": 200, "shown": []})
    audit.write({"action": "item", "item": f"{server.open[0]}-1", "status": 404, "shown": []})
    (today,) = (data / FOLDER).glob("*.jsonl")
    with today.open("a", encoding="utf-8") as file:
        file.write('{"cut off')
    told = json.loads(jianbao("--data", str(data), "report", "--json").stdout)
    assert told["asked"] == [{"text": "水价", "times": 10}, {"text": "老人 吃饭", "times": 1}]
    assert told["not_found"] == [{"text": "水价", "times": 7}]
    assert told["slow"][0] == {"ms": 999.0, "action": "search", "query": "老人 吃饭"} and told["p50_ms"] == 50.0
    assert told["opened"] == [{"document": server.open[0], "title": "云溪县共享食堂情况", "times": 1}]
    assert "水价" in jianbao("--data", str(data), "report").stdout


def test_what_was_asked_can_be_left_out(tmp_path: Path) -> None:
    audit = Audit(tmp_path, 30, queries=False)
    audit.write({"action": "search", "query": "水价", "reason": "因为", "shown": ["a"]})
    (line,) = lines_of(tmp_path)
    assert "query" not in line and "reason" not in line and line["shown"] == ["a"]


def test_each_day_has_a_file_two_processes_may_write_it_and_old_ones_go(tmp_path: Path) -> None:
    folder, today = tmp_path / FOLDER, date.today()
    audits = [Audit(tmp_path, 3, queries=True) for _ in range(2)]
    for ago in range(5):
        (folder / f"audit-{today - timedelta(ago)}.jsonl").write_text(f'{{"ago": {ago}}}\n', encoding="utf-8")
    for audit in audits:
        audit._day = str(today - timedelta(1))  # as if it were the first line of today
        audit.write({"ago": 0, "shown": []})
    kept = [f"audit-{today - timedelta(ago)}.jsonl" for ago in (2, 1, 0)]
    assert [path.name for path in sorted(folder.glob("*.jsonl"))] == kept
    lines = [line for line in lines_of(tmp_path) if line.get("action") != EXPIRED]
    assert [line["ago"] for line in lines] == [2, 1, 0, 0, 0]
    audits[0].close()
    audits[0].write({"ago": 0, "shown": []})
    assert len([line for line in lines_of(tmp_path) if "ago" in line]) == 6


def test_the_page_asks_whether_a_case_helped(server: Guarded, page: Page) -> None:
    page.context.request.post(f"{server.address}/api/session", data={"key": server.keys["inner"]})
    page.goto(f"{server.address}/?q=蟠龙水电站移民")
    card = page.locator(".hit").first
    card.get_by_role("button", name="没用").click()
    card.get_by_role("textbox").fill("不是这一年的")
    card.get_by_role("button", name="发送").click()
    card.get_by_text("已记下").wait_for()
    line = server.audited(1, lambda line: line["action"] == "feedback" and line.get("reason") == "不是这一年的")[-1]
    assert (line["query"], line["helpful"], line["reason"]) == ("蟠龙水电站移民", False, "不是这一年的") and line["item"]


def test_the_page_asks_who_may_see_an_upload(server: Guarded, page: Page) -> None:
    page.context.request.post(f"{server.address}/api/session", data={"key": server.keys["inner"]})
    page.goto(f"{server.address}/status")
    page.get_by_label("谁能看到").wait_for()
    assert page.get_by_label("谁能看到").input_value() == "内部"
    page.get_by_label("谁能看到").select_option("公开")
    page.locator("#files").set_input_files(
        [{"name": "页.txt", "mimeType": "text/plain", "buffer": "云溪县页面情况\n云溪县从页面上传。".encode()}]
    )
    page.get_by_role("button", name="上传并收录").click()
    page.get_by_role("link", name="页.txt").wait_for()
    assert (server.folder / "上传" / "内部" / "页.txt").exists()
