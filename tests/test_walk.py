"""Every route of the interface, with every kind of key: nothing of a document that a caller may not see comes out."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest
from guarded import OPEN, WORDS, Guarded, guarded

KEYS = ("none", "search", "ingest", "expired", "revoked", "other", "inner", "admin")
UNSEEING = ("search", "ingest", "other")
REFUSED = (401, 429)  # who shows no key again and again is told to wait
QUERY = "蟠龙水电站移民补偿"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("walk")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Guarded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=60) as client:
        yield client


def requests_of(server: Guarded) -> dict[str, list[tuple[str, str, dict[str, object]]]]:
    """Return requests for each route of the description: of what is hidden, and of what is open."""
    hidden, held = server.hidden[0], server.open[0]
    asked: dict[str, list[tuple[str, str, dict[str, object]]]] = {
        "get /api/search": [("GET", f"/api/search?q={q}&k=100", {}) for q in (QUERY, "云溪县", "云溪县&region=云溪县")],
        "post /api/ask": [
            ("POST", "/api/ask", {"json": {"question": q, "stream": stream}})
            for q in ("蟠龙水电站安置移民多少户？", "哪些县撤并了水电站？", "云溪县投入多少万元？") for stream in (False, True)
        ],
        "get /api/cases": [("GET", f"/api/cases?{q}", {}) for q in (f"q={QUERY}", "", "figure=移民", "q=水电站&sort=date")],
        "post /api/similar": [
            ("POST", "/api/similar", {"json": body})
            for body in ({"item": f"{hidden}-1"}, {"item": f"{held}-1"}, {"text": "我县拟撤并一座水电站，安置移民"})
        ],
        "post /api/similar/file": [("POST", "/api/similar/file", {"files": {"file": ("a.txt", "撤并旧站，安置人".encode())}})],
        "get /api/figures": [("GET", f"/api/figures?q={q}", {}) for q in (QUERY, "")],
        "get /api/timeline": [("GET", f"/api/timeline?q={q}", {}) for q in (QUERY, "水电站")],
        "get /api/compare": [("GET", f"/api/compare?items={held}-1,{hidden}-1", {})],
        "get /api/items/{item_id}": [("GET", f"/api/items/{one}-1", {}) for one in (hidden, held)],
        "get /api/export": [("GET", f"/api/export?items={hidden}-1&format={form}", {}) for form in ("json", "docx")],
        "post /api/export": [
            ("POST", "/api/export", {"json": {"items": f"{hidden}-1", "format": form}}) for form in ("json", "docx")
        ],
        "get /api/places": [("GET", f"/api/places{region}", {}) for region in ("", "?region=云溪县")],
        "get /api/stories": [("GET", f"/api/stories?items={held}-1,{hidden}-1", {})],
        "get /api/numbers": [("GET", "/api/numbers", {})],
        "get /api/themes": [("GET", f"/api/themes{conditions}", {}) for conditions in ("", "?region=云溪县")],
        "get /api/suggest": [("GET", f"/api/suggest?q={q}&k=20", {}) for q in ("蟠", "水", "移", "pl", "sd", "黎", "lmy")],
        "get /api/documents": [("GET", "/api/documents", {})],
        "post /api/documents": [
            ("POST", "/api/documents", {"files": {"file": ("蟠龙水电站.txt", b"")}}),
            ("POST", "/api/documents", {"files": {"file": ("x.exe", b"x")}}),
        ],
        "get /api/documents/{document_id}": [("GET", f"/api/documents/{hidden}", {})],
        "delete /api/documents/{document_id}": [("DELETE", f"/api/documents/{server.hidden[1]}", {})],
        "post /api/documents/{document_id}/corrections": [
            ("POST", f"/api/documents/{one}/corrections", {"json": {"kind": "document_title", "value": "新标题"}})
            for one in (hidden, server.hidden[1])
        ],
        "delete /api/documents/{document_id}/corrections/{number}": [("DELETE", f"/api/documents/{hidden}/corrections/1", {})],
        "get /api/documents/{document_id}/original": [("GET", f"/api/documents/{hidden}/original", {})],
        "get /api/documents/{document_id}/pages/{number}": [("GET", f"/api/documents/{hidden}/pages/1", {})],
        "get /api/documents/{document_id}/places": [("GET", f"/api/documents/{hidden}/places?start=0&end=9", {})],
        "get /api/status": [("GET", "/api/status", {})],
        "post /api/feedback": [
            ("POST", "/api/feedback", {"json": {"query": "x", "item": f"{one}-1", "helpful": True}}) for one in (hidden, held)
        ],
        "get /feed.atom": [("GET", f"/feed.atom?q={QUERY}", {}), ("GET", "/feed.atom?q=云溪县", {})],
        "get /api/session": [("GET", "/api/session", {})],
        "post /api/session": [("POST", "/api/session", {"json": {"key": "jb_wrong"}})],
        "delete /api/session": [("DELETE", "/api/session", {})],
        "get /healthz": [("GET", "/healthz", {})],
        "get /readyz": [("GET", "/readyz", {})],
    }  # fmt: skip
    return asked


def plain(reply: httpx.Response, url: str) -> str:
    """Return what a reply says beyond what was asked."""
    text = reply.content.decode("utf-8", "replace") + str(reply.headers)
    text = re.sub(r'"missing_terms": ?\[[^]]*\]', "", text)  # words of the question that nothing of what is seen holds
    for echoed in (
        QUERY,
        "蟠龙水电站安置移民多少户？",
        "哪些县撤并了水电站？",
        "蟠龙水电站.txt",
        "我县拟撤并一座水电站，安置移民",
    ):
        text = text.replace(echoed, "")
    asked = httpx.URL(url).params.get("q", "")
    for field in ("query", "figure"):
        text = text.replace(f'"{field}":"{asked}"', "").replace(f'"{field}":"移民"', "")
    return text.replace("q=水电站", "").replace('"query":"水电站"', "")


def test_the_walk_takes_every_route(server: Guarded, client: httpx.Client) -> None:
    described = {
        f"{method} {path}" for path, methods in client.get("/openapi.json").json()["paths"].items() for method in methods
    }
    assert set(requests_of(server)) == described


@pytest.mark.parametrize("kind", ("none", "expired", "revoked"))
def test_without_a_key_that_serves_nothing_is_said(server: Guarded, client: httpx.Client, kind: str) -> None:
    for route, asked in requests_of(server).items():
        for method, url, more in asked:
            reply = client.request(method, url, headers=server.bearer(kind), **more)  # type: ignore[arg-type]
            if route.endswith(("/api/session", "/healthz", "/readyz")):
                assert not [word for word in WORDS if word in plain(reply, url)]
            else:
                assert reply.status_code in REFUSED and set(reply.json()) == {"error"}, (route, reply.status_code)
    for url in ("/metrics", "/mcp", "/api/nowhere", f"/api/documents/{server.hidden[0]}/x"):
        assert client.get(url, headers=server.bearer(kind)).status_code in REFUSED, url


@pytest.mark.parametrize("kind", UNSEEING)
def test_who_may_not_see_a_document_is_told_nothing_of_it(server: Guarded, client: httpx.Client, kind: str) -> None:
    for route, asked in requests_of(server).items():
        for method, url, more in asked:
            reply = client.request(method, url, headers=server.bearer(kind), **more)  # type: ignore[arg-type]
            told = plain(reply, url)
            assert reply.status_code < 500, (route, told)
            assert not [word for word in WORDS if word in told], (route, url, told)
            named = [one for one in server.hidden if one in told.replace(f"编号为“{one}-1”", "")]
            assert not named, (route, url, told)
    assert client.get("/metrics", headers=server.bearer(kind)).status_code == 403


def test_who_may_see_it_finds_it_everywhere(server: Guarded, client: httpx.Client) -> None:
    """So that the walk above looks in the right places."""
    for kind in ("inner", "all", "admin"):
        silent = []
        for route, asked in requests_of(server).items():
            if (
                route.startswith(("delete", "post /api/documents", "post /api/feedback"))
                or "session" in route
                or "pages" in route
            ):
                continue
            replies = [client.request(m, url, headers=server.bearer(kind), **more) for m, url, more in asked]  # type: ignore[arg-type]
            found = "".join(plain(reply, url) for reply, (_, url, _) in zip(replies, asked, strict=True))
            if not [word for word in (*WORDS, *server.hidden) if word in found]:
                silent.append(route)
        assert set(silent) == {
            "get /api/documents/{document_id}/places",
            "get /api/figures",  # what two cases measure is named, and one alone does
            "get /api/numbers",  # numbers alone; counted below
            "get /api/places",  # of the country, whatever is indexed
            "get /api/stories",  # nothing is told twice here
            "get /api/themes",  # too few items for one; counted below
            "get /healthz",
            "get /readyz",
        }, kind


def test_numbers_count_what_a_caller_may_see(server: Guarded, client: httpx.Client) -> None:
    counted: dict[str, tuple[int, int]] = {}
    for kind in ("search", "inner"):
        headers = server.bearer(kind)
        numbers, themes = (client.get(f"/api/{one}", headers=headers).json() for one in ("numbers", "themes"))
        counted[kind] = sum(month["items"] for month in numbers["months"]), themes["items"]
    assert counted["search"][0] < counted["inner"][0] and counted["search"][1] < counted["inner"][1], counted


def test_a_hidden_document_and_none_are_not_found_alike(server: Guarded, client: httpx.Client) -> None:
    """The same words but for the id that was asked for, and no slower: what is measured is the median of many, in turns."""
    hidden, headers = server.hidden[0], server.bearer("search")
    none = "0123456789ab"
    routes = (
        "/api/documents/{}",
        "/api/documents/{}/original",
        "/api/documents/{}/pages/1",
        "/api/items/{}-1",
        "/api/export?items={}-1",
    )
    for route in routes:
        times: dict[str, list[float]] = {hidden: [], none: []}
        for _ in range(25):
            for one in (hidden, none):
                began = time.perf_counter()
                reply = client.get(route.format(one), headers=headers)
                times[one].append(time.perf_counter() - began)
                assert reply.status_code == 404
                assert reply.text.replace(one, "") == client.get(route.format(none), headers=headers).text.replace(none, "")
        ratio = statistics.median(times[hidden]) / statistics.median(times[none])
        assert 0.6 < ratio < 1.67, (route, ratio)


def test_an_upload_goes_where_its_key_sees_and_tells_of_no_other(server: Guarded, client: httpx.Client) -> None:
    secret = (server.folder / "内部" / "蟠龙水电站.txt").read_bytes()

    def sent(kind: str, name: str, content: bytes, **form: str) -> httpx.Response:
        return client.post("/api/documents", files={"file": (name, content)}, data=form, headers=server.bearer(kind))

    other = sent("other", "茶市.txt", "云溪县茶市情况\n云溪县茶市开秤，首日成交31吨。".encode())
    assert other.status_code == 201 and other.json()["files"][0]["file"] == "上传/农业处/农业/茶市.txt"
    assert (other.json()["skipped"], other.json()["items"], other.json()["added"]) == ([], 3, 1)
    copy = sent("ingest", "别处.txt", secret)  # a copy of what this key may not see: nothing is said of that
    assert copy.status_code == 201 and copy.json()["files"][0]["file"] == "上传/收录/别处.txt", copy.text
    assert sent("other", "再来.txt", secret, group="内部").json()["error"]["code"] == "bad_group"
    assert sent("ingest", "再来.txt", secret, group="内部").json()["error"]["code"] == "bad_group"
    inner = sent("inner", "会议.txt", "云溪县蟠龙会议情况\n云溪县开会研究蟠龙水电站。".encode())
    assert inner.json()["files"][0]["file"] == "上传/内部/内部/会议.txt"
    (server.folder / "上传" / "蟠龙.csv").write_text(
        "标题,正文,知悉范围\n会议,云溪县开会研究蟠龙水电站。,内部\n", encoding="utf-8"
    )
    named = [sent("ingest", name, "标题,正文\n茶,云溪县茶叶开秤。\n".encode()) for name in ("蟠龙.csv", "蟠龙2.csv")]
    assert [one.status_code for one in named] == [201, 409], named  # whose name is taken is nobody's business
    document = inner.json()["files"][0]["documents"][0]
    assert client.get(f"/api/documents/{document}", headers=server.bearer("search")).status_code == 404
    assert client.delete(f"/api/documents/{document}", headers=server.bearer("other")).status_code == 404
    assert client.delete(f"/api/documents/{document}", headers=server.bearer("inner")).status_code == 200
    removed = copy.json()["files"][0]["documents"][0]
    assert client.delete(f"/api/documents/{removed}", headers=server.bearer("ingest")).status_code == 200
    assert OPEN.split("\n")[0] in client.get("/api/documents", headers=server.bearer("search")).text


def test_a_file_that_holds_more_than_a_caller_may_see_is_not_given_out(server: Guarded, client: httpx.Client) -> None:
    """A table's rows and a mail's attachments may be for different eyes; pages, places and taking out follow the original."""
    inner = '{"标题": "人事", "正文": "拟提拔蟠龙镇黎明远。", "知悉范围": "内部"}'
    rows = f'{{"标题": "云溪县茶市", "正文": "云溪县茶市开秤。"}}\n{inner}\n'
    mail = EmailMessage()
    mail["Subject"] = "云溪县来信"
    mail.set_content("云溪县来信正文一段，说的是茶市。")
    page = (
        '<html><head><meta name="知悉范围" content="内部"></head><body><h1>人事</h1><p>拟提拔蟠龙镇的黎明远。</p></body></html>'
    )
    mail.add_attachment(page.encode(), maintype="text", subtype="html", filename="人事.html")
    for name, content in (("台账.jsonl", rows.encode()), ("来信.eml", mail.as_bytes())):
        sent = client.post("/api/documents", files={"file": (name, content)}, headers=server.bearer("admin")).json()["files"][0]
        seen = [
            one for one in sent["documents"] if client.get(f"/api/documents/{one}", headers=server.bearer("ingest")).is_success
        ]
        assert len(sent["documents"]) == 2 and len(seen) == 1
        for route in ("/api/documents/{}/original", "/api/documents/{}/pages/1", "/api/documents/{}/places"):
            reply = client.get(route.format(seen[0]), headers=server.bearer("ingest"))
            assert reply.status_code == 404 and "黎明远" not in reply.text, (name, route)
        assert client.delete(f"/api/documents/{seen[0]}", headers=server.bearer("ingest")).status_code == 404
        assert (server.folder / "上传" / name).exists()
        assert client.get(f"/api/documents/{seen[0]}/original", headers=server.bearer("inner")).status_code == 200
        told = client.get("/api/status", headers=server.bearer("ingest")).text
        assert "人事" not in told
