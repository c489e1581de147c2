"""Who gets in at a real server: by which key, for what, from the pages of which sites."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import jianbao, serving, without_keys
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from index.sync.intake import SyncReport
from service.access.caller import Caller
from service.access.middleware import Access
from service.access.needs import Needs
from service.http.app import create_app
from service.keys.registry import Keys
from service.settings import read_settings

PORTAL = "https://portal.example.gov.cn"
SEARCH = "/api/search?q=云和木玩&k=1"


@pytest.fixture(scope="module")
def running(sample_data: tuple[Path, SyncReport], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address and the data folder of a real server of its own."""
    data = tmp_path_factory.mktemp("keys") / "data"
    shutil.copytree(sample_data[0], data)
    with serving(data) as address:
        yield address, data


@pytest.fixture
def keys(running: tuple[str, Path]) -> Iterator[Keys]:
    """The keys of the running server: none yet."""
    yield Keys(running[1])
    without_keys(running[1])


@pytest.fixture
def site(running: tuple[str, Path], keys: Keys) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running[0], timeout=60) as client:
        yield client


def bearer(token: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **headers}


def told(reply: httpx.Response) -> tuple[int, str]:
    """Return the status of a reply and the code of its error."""
    return reply.status_code, reply.json()["error"]["code"] if reply.is_error else ""


def test_without_keys_this_machine_may_do_all_and_others_nothing(site: httpx.Client) -> None:
    assert site.get("/api/session").json() == {"required": False, "name": "", "scope": "admin", "groups": []}
    assert site.get(SEARCH).status_code == 200
    proxied = ({"X-Forwarded-For": "10.0.0.5"}, {"Via": "1.1 gate", "Host": "jianbao.example"}, {"X-Real-IP": "127.0.0.1"})
    for headers in proxied:
        for reply in (
            site.get("/api/session", headers=headers),
            site.get(SEARCH, headers=headers),
            site.delete("/api/x", headers=headers),
        ):
            assert told(reply) == (403, "only_here")
    assert told(site.get(SEARCH, headers={"Origin": PORTAL})) == (403, "origin_not_allowed")
    assert told(site.get(SEARCH, headers=bearer("jb_never"))) == (401, "key_unknown")


def test_with_a_key_every_request_needs_one(site: httpx.Client, keys: Keys) -> None:
    token = keys.create("归档程序", "search", [])
    for path in (SEARCH, "/api/documents", "/api/nowhere"):
        assert told(site.get(path)) == (401, "key_required")
    assert told(site.get(SEARCH, headers={"Origin": PORTAL})) == (401, "key_required")
    assert told(site.get(SEARCH, headers=bearer("jb_wrong"))) == (401, "key_unknown")
    assert site.get(SEARCH, headers=bearer(token)).status_code == 200
    assert [site.get(path).status_code for path in ("/", "/healthz", "/widget.js")] == [200, 200, 200]


def test_another_host_name_for_this_machine_needs_a_key(site: httpx.Client, keys: Keys) -> None:
    led_here = {"Host": "evil.example:8000", "Origin": "http://evil.example:8000"}
    assert told(site.get(SEARCH, headers=led_here)) == (403, "host_not_local")
    for said in ({"X-Forwarded-For": "10.0.0.7"}, {"X-Real-IP": "9"}, {"Sec-Fetch-Site": "same-origin", "Via": "x"}):
        assert told(site.get(SEARCH, headers={**led_here, **said})) == (403, "only_here")  # a page can say so itself
    token = keys.create("门户", "search", [])
    assert site.get(SEARCH, headers={**led_here, **bearer(token)}).status_code == 200


def test_scopes_hold(site: httpx.Client, keys: Keys) -> None:
    tokens = {scope: keys.create(scope, scope, []) for scope in ("search", "ingest", "admin")}
    wanted = [("GET", SEARCH), ("POST", "/api/ask"), ("POST", "/api/nowhere"), ("DELETE", "/api/nowhere"), ("PATCH", "/api/x")]
    passed = {
        scope: [told(site.request(*one, headers=bearer(token)))[1] != "scope_too_small" for one in wanted]
        for scope, token in tokens.items()
    }
    assert passed["search"] == [True, True, False, False, False]
    assert passed["ingest"] == [True, True, True, True, False]
    assert passed["admin"] == [True, True, True, True, True]


def test_a_revoked_key_is_refused_at_once_and_the_last_one_opens_nothing(
    site: httpx.Client, keys: Keys, running: tuple[str, Path]
) -> None:
    token = keys.create("门户", "search", [])
    assert site.get(SEARCH, headers=bearer(token)).status_code == 200
    assert jianbao("--data", str(running[1]), "key", "revoke", "门户").returncode == 0
    assert told(site.get(SEARCH, headers=bearer(token))) == (401, "key_unknown")
    assert told(site.get(SEARCH)) == (401, "key_required")


def test_a_key_serves_the_pages_of_its_sites_only(site: httpx.Client, keys: Keys) -> None:
    token = keys.create("门户", "search", [PORTAL])
    right = site.get(SEARCH, headers=bearer(token, Origin=PORTAL))
    assert (right.status_code, right.headers["Access-Control-Allow-Origin"]) == (200, PORTAL)
    assert "Origin" in right.headers["Vary"] and "Access-Control-Allow-Credentials" not in right.headers
    for wrong in ("https://evil.example", "null", "", "http://portal.example.gov.cn", f"{PORTAL}:8443"):
        reply = site.get(SEARCH, headers=bearer(token, Origin=wrong))
        assert (told(reply), reply.headers["Access-Control-Allow-Origin"]) == ((403, "origin_not_allowed"), "*")
    own = str(site.base_url).rstrip("/")
    for origin in (own, own.replace("http:", "https:")):  # the latter through a proxy that ends TLS
        assert site.get(SEARCH, headers=bearer(token, Origin=origin)).status_code == 200
    assert told(site.get(SEARCH, headers={"Origin": own, "Sec-Fetch-Site": "same-site"})) == (401, "key_required")


def test_browsers_are_let_ask_and_read_why_not(site: httpx.Client, keys: Keys) -> None:
    keys.create("门户", "search", [PORTAL])
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    reply = site.options("/api/ask", headers=asked)
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert site.get("/web/icon.svg", headers={"Origin": PORTAL}).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in site.get("/", headers={"Origin": PORTAL}).headers


def test_our_own_page_keeps_a_key_in_a_cookie(site: httpx.Client, keys: Keys) -> None:
    token = keys.create("档案室", "ingest", [PORTAL])
    assert site.get("/api/session").json() == {"required": True, "name": "", "scope": "", "groups": []}
    assert told(site.post("/api/session", json={"key": "jb_错"})) == (401, "key_unknown")
    assert told(site.post("/api/session", json={"key": token}, headers={"Origin": PORTAL})) == (403, "origin_not_allowed")
    begun = site.post("/api/session", json={"key": f" {token}\n"})
    assert begun.json() == {"name": "档案室", "scope": "ingest"}
    cookie = begun.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie and "secure" not in cookie
    assert site.get(SEARCH).status_code == 200
    assert site.get("/api/session").json() == {"required": True, "name": "档案室", "scope": "ingest", "groups": []}
    assert told(site.get(SEARCH, headers={"Origin": PORTAL})) == (401, "key_required")  # it never counts for another site
    assert told(site.get(SEARCH, headers=bearer("jb_wrong"))) == (401, "key_unknown")  # what is sent goes first
    assert site.delete("/api/session").status_code == 204
    assert told(site.get(SEARCH)) == (401, "key_required")


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_damaged_file_lets_nobody_in(site: httpx.Client, keys: Keys, running: tuple[str, Path], damage: bytes) -> None:
    token = keys.create("门户", "admin", [])
    (running[1] / "access.sqlite").write_bytes(damage)
    for reply in (site.get(SEARCH), site.get(SEARCH, headers=bearer(token)), site.get("/api/session")):
        assert told(reply) == (503, "keys_unusable") and "access.sqlite 已损坏" in reply.text
    run = jianbao("--data", str(running[1]), "key", "list")
    assert (run.returncode, "access.sqlite 已损坏" in run.stderr) == (2, True)


def test_keys_that_are_taken_away_open_nothing(site: httpx.Client, keys: Keys, running: tuple[str, Path]) -> None:
    token = keys.create("门户", "search", [])
    assert site.get(SEARCH, headers=bearer(token)).status_code == 200
    file = running[1] / "access.sqlite"
    file.rename(running[1] / "away")
    for reply in (site.get(SEARCH), site.get(SEARCH, headers=bearer(token)), site.get("/metrics"), site.get("/api/session")):
        assert told(reply) == (503, "keys_unusable")
    (running[1] / "away").rename(file)
    assert site.get(SEARCH, headers=bearer(token)).status_code == 200


def test_answers_still_stream(site: httpx.Client, keys: Keys) -> None:
    headers = bearer(keys.create("门户", "search", [PORTAL]), Origin=PORTAL)
    question = {"question": "缙云县共富工坊吸纳多少村民就业？", "stream": True}
    reply = site.post("/api/ask", json=question, headers=headers)
    assert reply.headers["Content-Type"].startswith("text/event-stream") and "event: answer" in reply.text
    assert reply.headers["Access-Control-Allow-Origin"] == PORTAL


def test_every_route_says_what_it_needs(tmp_path: Path) -> None:
    routes = create_app(None, Keys(tmp_path)).routes
    declared = {route.path: getattr(getattr(route, "endpoint", getattr(route, "app", None)), "needs", None) for route in routes}
    assert len(declared) > 30
    assert [path for path, needs in declared.items() if not isinstance(needs, Needs)] == []
    assert not [
        path for path, needs in declared.items() if needs.public and path.startswith(("/api/", "/feed", "/mcp", "/metrics"))
    ]


@pytest.mark.parametrize("path", ["/api/forgotten", "/export/forgotten"])
def test_a_route_that_does_not_say_is_for_administrators(tmp_path: Path, path: str) -> None:
    keys = Keys(tmp_path)
    app = create_app(None, keys)
    app.get(path)(lambda: {"secret": 1})
    client = TestClient(app)
    replies = {
        scope: client.get(path, headers={"Authorization": f"Bearer {keys.create(scope, scope, [])}"})
        for scope in ("search", "ingest", "admin")
    }
    assert {scope: reply.status_code for scope, reply in replies.items()} == {"search": 403, "ingest": 403, "admin": 200}
    assert client.get(path).status_code == 401


def test_each_piece_goes_out_before_the_next_is_made(tmp_path: Path) -> None:
    seen: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"first", b"second"):
            seen.append(f"made {piece.decode()}")
            await send({"type": "http.response.body", "body": piece, "more_body": piece == b"first"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        seen.append(message.get("body", message["type"]))

    scope = {
        "type": "http",
        "app": create_app(None, Keys(tmp_path)),
        "method": "GET",
        "path": "/api/search",
        "headers": [],
        "client": ("10.0.0.5", 1),
        "query_string": b"",
    }
    asyncio.run(Access(app, Keys(tmp_path), read_settings({}), anyone=True)(scope, receive, send))
    assert seen == ["http.response.start", "made first", b"first", "made second", b"second"]
    assert scope["state"]["caller"] == Caller("", "search", frozenset())
