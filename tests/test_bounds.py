"""Bounds: how often, how much at a time, how large, how slow; each refused with a word that says what to do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from guarded import Guarded, guarded
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from service.access import bounds
from service.access.caller import noting
from service.access.concurrency import ConcurrencyLimit
from service.access.middleware import Access
from service.audit.log import Audit, lines_of
from service.errors import Refused
from service.http.app import create_app
from service.http.journal import Journal
from service.keys.registry import Keys
from service.settings import read_settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("bounds")) as server:
        yield server


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


def test_a_key_may_ask_so_often_from_one_address_and_another_key_is_not_held_up(server: Guarded) -> None:
    def ask(kind: str, address: str) -> httpx.Response:
        headers = {**server.bearer(kind), "X-Forwarded-For": address}  # through a proxy on this machine, which is believed
        return httpx.get(f"{server.address}/api/documents", headers=headers)

    replies = [ask("slow", "10.0.0.1") for _ in range(5)]
    assert [reply.status_code for reply in replies] == [200] * 3 + [429] * 2
    assert code(replies[-1]) == (429, "too_many_requests") and 1 <= int(replies[-1].headers["retry-after"]) <= 60
    assert ask("slow", "10.0.0.2").status_code == 200
    assert ask("search", "10.0.0.1").status_code == 200


def test_who_shows_wrong_keys_again_and_again_is_told_to_wait(server: Guarded) -> None:
    headers = {"Authorization": "Bearer jb_wrong", "X-Forwarded-For": "10.0.0.9"}
    seen = {httpx.get(f"{server.address}/api/status", headers=headers).status_code for _ in range(bounds.REFUSALS + 5)}
    assert seen == {401, 429}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/search?q=" + "长" * 1001, (400, "query_too_long")),
        ("/api/search?q=a&k=101", (400, "bad_k")),
        ("/api/search?q=a&k=x", (400, "invalid_parameter")),
        ("/api/search?q=a&region=" + "长" * 201, (400, "condition_too_long")),
        ("/api/search?q=%20", (400, "empty_query")),
        ("/api/cases?q=a&sort=best", (400, "bad_sort")),
        ("/api/documents?k=0", (400, "bad_k")),
        ("/api/export?items=" + ",".join(map(str, range(51))), (400, "bad_items")),
    ],
)
def test_limits_of_what_is_asked_are_said(server: Guarded, path: str, expected: tuple[int, str]) -> None:
    assert code(httpx.get(f"{server.address}{path}", headers=server.bearer("all"))) == expected


def test_a_file_is_known_by_its_content_and_not_by_its_name(server: Guarded) -> None:
    for name, content in (("图.pdf", b"\x89PNG\r\n\x1a\n"), ("程序.docx", b"MZ\x90\0"), ("空.pdf", b"%PDF-1.4\n%%EOF")):
        reply = httpx.post(f"{server.address}/api/documents", files={"file": (name, content)}, headers=server.bearer("admin"))
        assert reply.status_code == 201 and reply.json()["files"][0]["reason"] and not reply.json()["files"][0]["documents"]
        assert not (server.folder / "上传" / name).exists()


def test_beyond_the_places_some_wait_and_the_rest_are_sent_away() -> None:
    async def crowd() -> list[str]:
        slots, free = ConcurrencyLimit(working=2, waiting=3, patience=0.2), asyncio.Event()

        async def work(who: int) -> str:
            try:
                async with slots.place(str(who)):
                    await free.wait()
                    return "done"
            except Refused as error:
                return f"{error.status} {error.retry_after}"

        tasks = [asyncio.create_task(work(who)) for who in range(10)]
        await asyncio.sleep(0.05)
        assert (slots.working, slots.queued) == (2, 3)
        away = [task.result() for task in tasks if task.done()]
        assert away == ["503 1"] * 5
        await asyncio.sleep(0.3)  # those that waited have lost their patience
        free.set()
        done = await asyncio.gather(*tasks)
        assert (slots.working, slots.queued) == (0, 0)
        assert await work(0) == "done"
        return done

    assert sorted(asyncio.run(crowd())) == ["503 1"] * 8 + ["done"] * 2


def test_one_caller_leaves_half_of_the_places_to_others() -> None:
    async def crowd() -> list[str]:
        slots, free = ConcurrencyLimit(working=2, waiting=6, patience=1.0), asyncio.Event()

        async def work(who: str) -> str:
            try:
                async with slots.place(who, "10.0.0.1"):
                    if who == "a":
                        await free.wait()
                    return who
            except Refused as error:
                return f"{who} {error.code}"

        greedy = [asyncio.create_task(work("a")) for _ in range(6)]
        await asyncio.sleep(0.05)
        others = [await work("b") for _ in range(5)]  # while nothing of the other's ends
        assert slots.working == 1
        free.set()
        done = await asyncio.gather(*greedy)
        assert await work("a") == "a" and not slots._shares  # what was held is given back
        return others + done

    assert asyncio.run(crowd()) == ["b"] * 5 + ["a"] * 4 + ["a overloaded"] * 2


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    app = create_app(None, Keys(tmp_path))  # whose routes say what they need
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    client = ("127.0.0.1", 1)
    asked = {"type": "http", "method": "POST", "path": "/api/ask", "query_string": b""}
    return {**asked, "app": app, "headers": headers, "client": client}


def statuses(app: Access, scope: Scope, receive: Receive) -> list[int]:
    sent: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            sent.append(message["status"])

    asyncio.run(app(scope, receive, send))
    return sent


async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("the application was asked")


def test_a_request_that_does_not_arrive_is_given_up(scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SLOWEST_BODY", 0.1)

    async def dribble() -> Message:
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert statuses(Access(never, Keys(tmp_path), read_settings({})), scope, dribble) == [408]


def test_a_request_in_pieces_is_counted(scope: Scope, tmp_path: Path) -> None:
    async def pieces() -> Message:
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    assert statuses(Access(never, Keys(tmp_path), read_settings({})), scope, pieces) == [413]


def test_what_takes_too_long_is_told_so_and_keeps_its_place_until_it_ends(
    scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LONGEST", 0.1)
    slots = {name: ConcurrencyLimit(1, 0, 1.0) for name in ("ask", "search")}
    seen: list[tuple[str, int]] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.3)
        noting(Request(scope))("ask", {"document_id": "a1"}, "梨", found=True)
        seen.append(("worked", slots["ask"].working))
        await Response("late")(scope, receive, send)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.append(("answered", message["status"]))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}"}

    access = Access(slow, Keys(tmp_path), read_settings({}), limits=slots)
    asyncio.run(Journal(access, Audit(tmp_path, 1, True))(scope, receive, send))
    assert seen == [("answered", 503), ("worked", 1)] and slots["ask"].working == 0
    (line,) = lines_of(tmp_path)
    assert (line["status"], line["query"]) == (503, "梨") and not {"shown", "found"} & line.keys()  # nobody was told


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/documents/a1/pages/3", "page"),
        ("GET", "/api/documents/a1/places", "page"),
        ("GET", "/api/documents/a1", "search"),
        ("GET", "/api/documents", "search"),
        ("POST", "/api/documents", "upload"),
        ("POST", "/api/similar/file", "draft"),
        ("POST", "/api/ask", "ask"),
    ],
)
def test_what_takes_long_has_places_of_its_own(scope: Scope, tmp_path: Path, method: str, path: str, kind: str) -> None:
    slots = {name: ConcurrencyLimit(1, 0, 1.0) for name in ("search", "ask", "page", "upload", "draft")}
    held: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        held.extend(name for name, one in slots.items() if one.working)
        await Response("")(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    scope |= {"method": method, "path": path}
    assert statuses(Access(app, Keys(tmp_path), read_settings({}), limits=slots), scope, receive) == [200]
    assert held == [kind]


def test_what_fails_after_that_does_not_end_the_connection(
    scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bounds, "LONGEST", 0.1)

    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(0.2)
        raise ZeroDivisionError

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}"}

    assert statuses(Access(slow, Keys(tmp_path), read_settings({})), scope, receive) == [503]
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.setattr(bounds, "LONGEST", 1.0)
    with pytest.raises(ZeroDivisionError):
        statuses(Access(slow, Keys(tmp_path), read_settings({})), scope, receive)


def test_an_answer_that_has_begun_may_take_its_time(scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LONGEST", 0.1)

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.3)
        await send({"type": "http.response.body", "body": b"x"})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}"}

    assert statuses(Access(slow, Keys(tmp_path), read_settings({})), scope, receive) == [200]


def test_a_file_whose_next_piece_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SLOWEST_PIECE", 0.05)

    async def wait() -> Message:
        await asyncio.sleep(5)
        return {"type": "http.request"}

    assert asyncio.run(bounds.patient(wait)()) == {"type": "http.disconnect"}  # type: ignore[arg-type]


def test_nobody_holds_a_place_by_sending_slowly(server: Guarded) -> None:
    host, port = server.address.removeprefix("http://").split(":")
    key = server.bearer("search")["Authorization"]
    slow = []
    for request in ("GET /api/suggest?q=a", "POST /api/similar/file?k=1", "POST /api/ask", "POST /mcp") * 4:
        connection = socket.create_connection((host, int(port)))
        head = f"{request} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {key}\r\nContent-Length: 1000\r\n"
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\na".encode())
        slow.append(connection)
    try:
        for _ in range(5):
            reply = httpx.get(f"{server.address}/api/search?q=云溪县", headers=server.bearer("all"), timeout=4)
            assert reply.status_code == 200
    finally:
        for connection in slow:
            connection.close()
