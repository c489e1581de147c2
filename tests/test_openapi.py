"""The description of the interface: every example holds on a real server, and whatever is made up from it gives no 5xx."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from conftest import DOCUMENTS
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Page
from schemathesis.checks import not_a_server_error

from answer.answerer import Answerer
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.mirror import sync
from service.audit.log import Audit
from service.http.app import create_app
from service.keys.registry import Keys

MADE_UP = int(os.environ.get("MADE_UP_QUERIES", "200"))  # 10,000 in the full run


@pytest.fixture(scope="module")
def described(server: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{server}/openapi.json").json()
    return found


def test_each_route_says_what_it_is_for_and_each_parameter_what_it_means(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert not operation["summary"].isascii(), (method, path)
            assert all(one["description"] and "example" in one for one in operation.get("parameters", []))
            assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys() and "422" not in operation["responses"]
    assert described["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}


def test_the_examples_hold_on_a_real_server(server: str, described: dict[str, Any]) -> None:
    """What an example shows has the names that a real response has, at every depth."""
    for path, asked in (
        ("/api/search", {"q": "共富工坊"}), ("/api/cases", {"q": "共富工坊"}), ("/api/timeline", {"q": "共富工坊"}),
        ("/api/suggest", {"q": "共富"}), ("/healthz", {}), ("/readyz", {}),
    ):  # fmt: skip
        shown = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
        _holds(shown, httpx.get(f"{server}{path}", params=asked).json(), path)
    for path in ("/api/ask", "/api/similar"):
        operation = described["paths"][path]["post"]
        body = operation["requestBody"]["content"]["application/json"]["example"]
        shown = operation["responses"]["200"]["content"]["application/json"]["example"]
        _holds(shown, httpx.post(f"{server}{path}", json=body).json(), path)
    error = described["paths"]["/api/search"]["get"]["responses"]["400"]["content"]["application/json"]["example"]
    assert httpx.get(f"{server}/api/search?q=").json() == error


def _holds(example: Any, real: Any, where: str) -> None:
    assert isinstance(real, type(example)) or {type(real), type(example)} == {int, float}, where
    if isinstance(example, dict) and not where.endswith(("region", "section")):
        assert example.keys() <= real.keys(), (where, example.keys() - real.keys())
        for name, value in example.items():
            _holds(value, real[name], f"{where} {name}")
    elif isinstance(example, list) and example and real:
        _holds(example[0], real[0], where)


@pytest.mark.slow
def test_nothing_made_up_from_the_description_is_a_server_error(tmp_path: Path, tiny_encoder: Encoder) -> None:
    """By schemathesis, over every operation with a key that may do everything, on an index of its own."""
    folder, keys = tmp_path / "documents", Keys(tmp_path / "data")
    shutil.copytree(DOCUMENTS / "新闻", folder, ignore=shutil.ignore_patterns("*.pdf", "*.docx"))
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    key = {"Authorization": f"Bearer {keys.create('全部', 'admin', [], rate=1_000_000)}"}
    app = create_app(Answerer(SearchIndex(catalog, tiny_encoder), None), keys, audit=Audit(tmp_path / "data", 1, queries=True))
    seen: Counter[int] = Counter()
    for found in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        operation = found.ok()
        uploads = operation.label == "POST /api/documents"  # each of which is a sync

        @given(case=operation.as_strategy())
        @settings(max_examples=5 if uploads else 25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def check(case: schemathesis.Case) -> None:
            reply = case.call(headers=key)
            seen[reply.status_code] += 1
            case.validate_response(reply, checks=[not_a_server_error])

        check()
    assert sum(seen.values()) > 300 and seen[200] > 50 and not [status for status in seen if status >= 500]


PARTS = (
    "😀", "👨‍👩‍👧‍👦", "\0", "\u202e", "\u200f", "\ufeff", "\ud800", "ﷺ", "\u3000", "㍿", "é", "ạ̈", "न",
    "עברית", "العربية", "ꙮ", "𠮷", "'; DROP TABLE documents; --", '" OR 1=1', "NEAR(a b)", "a AND NOT b", "*", "^",
    "(((", "text:x", "[1 TO 5]", "~3", "^2", "\\", "/", "%", "%00", "\r\n", "\t", "<b>", "${x}", "{{x}}",
    "1e999", "-1", "NaN", "null", "0", "A", "—", "？", "？？？", "。", "、", "共富工坊", "余姚市", "第3期", "2024年",
    "百分之九十", "３５００万", "为什么", "哪些县", "那临安呢", "最大", "十万八千里", "》", "《", "【",
)  # fmt: skip


def made_up(number: int) -> Iterator[str]:
    """Yield so many queries: parts put together at random, now and then repeated to 100,000 characters."""
    chance = random.Random(9)
    for turn in range(number):
        text = "".join(chance.choice(PARTS) for _ in range(chance.randint(1, 12)))
        yield text * (100_000 // max(1, len(text))) if turn % 97 == 0 else text


@pytest.mark.slow
def test_no_query_is_a_server_error(sample_index: SearchIndex, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Emoji, NUL, right to left, 100,000 characters, SQL, query syntax: to whatever takes a text."""
    app = create_app(Answerer(sample_index, None), Keys(tmp_path_factory.mktemp("keys")))
    seen: Counter[int] = Counter()
    with TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 5), base_url="http://127.0.0.1") as client:
        for turn, query in enumerate(made_up(MADE_UP)):
            plain = query.encode(errors="replace").decode()
            calls = (
                lambda q: client.get("/api/search", params={"q": q}), lambda q: client.get("/api/cases", params={"q": q}),
                lambda q: client.get("/api/suggest", params={"q": q}), lambda q: client.get("/api/timeline", params={"q": q}),
                lambda q: client.get("/api/search", params={"q": "共富", "region": q, "folder": q}),
                lambda q: client.get("/api/cases", params={"figure": q}),
            )  # fmt: skip
            as_body = turn % 7 == 0 or len(plain) > 10_000  # no server takes an address of 100,000 characters
            reply = client.post("/api/ask", json={"question": plain}) if as_body else calls[turn % len(calls)](plain)
            seen[reply.status_code] += 1
            assert reply.status_code < 500, (query[:200], reply.text)
            assert reply.status_code == 200 or reply.json()["error"]["message"]
    assert seen[200] > MADE_UP / 2 and seen[400] > 0


def test_half_characters_are_no_server_error(server: str) -> None:
    for body in (
        b'{"question": "\\ud800"}',
        b'{"question": "a\\u0000b"}',
        b'{"question": ["a"]}',
        b"\xff\xfe",
        b"",
        b"[]",
        b"{}" * 9,
    ):
        reply = httpx.post(f"{server}/api/ask", content=body, headers={"Content-Type": "application/json"}, timeout=30)
        assert reply.status_code in (200, 400), body
    for path, body in (
        ("similar", b'{"item": "\\ud800-1"}'),
        ("feedback", b'{"query": "a", "item": "\\ud800-1", "helpful": true}'),
    ):
        reply = httpx.post(f"{server}/api/{path}", content=body, headers={"Content-Type": "application/json"}, timeout=30)
        assert reply.status_code == 404, reply.text


def test_the_page_of_the_interface_needs_no_internet(server: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/docs")
    page.locator(".opblock").first.wait_for()
    assert page.locator(".opblock").count() >= 20
    page.locator(".opblock-summary", has_text="/api/search").first.click()
    page.get_by_text("要查的内容", exact=True).wait_for()
    assert all(url.startswith((server, "data:", "blob:")) for url in asked), asked
