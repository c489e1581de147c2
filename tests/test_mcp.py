"""The tools for language models' programs, used by the official client: over HTTP with the caller's key, and on stdio."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from conftest import JIANBAO, jianbao
from guarded import WORDS, Guarded, guarded
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

TOOLS = ["search", "ask", "case", "similar", "timeline"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("mcp")) as server:
        yield server


@asynccontextmanager
async def _over_http(server: Guarded, kind: str) -> Any:
    async with (
        httpx.AsyncClient(headers=server.bearer(kind), timeout=60) as http,
        Client(streamable_http_client(f"{server.address}/mcp", http_client=http)) as client,
    ):
        yield client


def over_http(server: Guarded, kind: str, work: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with _over_http(server, kind) as client:
            return await work(client)

    return anyio.run(run)


def on_stdio(server: Guarded, kind: str, work: Callable[[Client], Awaitable[Any]]) -> Any:
    environment = {**os.environ, "JIANBAO_KEY": server.keys[kind]}

    async def run() -> Any:
        command = StdioServerParameters(command=JIANBAO, args=["--data", str(server.data), "mcp"], env=environment)
        async with Client(stdio_client(command)) as client:
            return await work(client)

    return anyio.run(run)


async def every_tool(client: Client) -> dict[str, Any]:
    """Use every tool, and return what each gave; the case is the first that a search finds."""
    listed = await client.list_tools()
    assert [tool.name for tool in listed.tools] == TOOLS
    assert all(tool.description and tool.input_schema["properties"] for tool in listed.tools)
    calls: dict[str, dict[str, Any]] = {
        "search": {"query": "蟠龙水电站", "k": 3, "conditions": {"since": "2024-01-01"}},
        "ask": {"question": "那一共投了多少万元？", "previous": ["蟠龙水库除险加固投入多少万元？"]},
        "timeline": {"topic": "蟠龙水电站"},
        "similar": {"text": "我县拟撤并一座水电站，安置移民"},
    }
    given = {}
    for name, arguments in calls.items():
        result = await client.call_tool(name, arguments)
        assert not result.is_error, result.content
        given[name] = result.structured_content
    item = given["similar"]["hits"][0]["item_id"]
    for name in ("case", "similar"):
        result = await client.call_tool(name, {"item": item})
        assert not result.is_error, result.content
        given[f"{name} {item}"] = result.structured_content
    return given


@pytest.mark.parametrize("way", [over_http, on_stdio])
def test_every_tool_gives_what_the_callers_key_may_see(server: Guarded, way: Callable[..., Any]) -> None:
    seen = way(server, "inner", every_tool)
    assert seen["ask"]["found"] and "8310万元" in seen["ask"]["sentences"][0]["text"]
    assert seen["search"]["hits"][0]["citation"]["line"] and seen["timeline"]["hits"]
    unseen = way(server, "search", every_tool)
    found = [given.get(part) for given in unseen.values() for part in ("hits", "facets", "sentences", "nearest", "text")]
    assert not [word for word in WORDS if word in str(found)]


def test_what_is_asked_wrongly_is_told_in_words(server: Guarded) -> None:
    async def wrongly(client: Client) -> list[str]:
        calls = (
            ("search", {"query": " "}), ("search", {"query": "a", "conditions": {"where": "x"}}), ("case", {"item": "none-1"}),
            ("similar", {}), ("ask", {"question": "长" * 1001}), ("search", {"query": "a", "k": 1000}),
        )  # fmt: skip
        results = [await client.call_tool(name, arguments) for name, arguments in calls]
        assert all(result.is_error for result in results)
        return [str(result.content) for result in results]

    told = over_http(server, "search", wrongly)
    for text, word in zip(told, ("请输入", "没有这个筛选条件", "没有编号", "且只写一个", "问题太长", "k"), strict=True):
        assert word in text


def test_drafts_of_one_caller_leave_places_to_others(server: Guarded) -> None:
    async def many(client: Client) -> list[Any]:
        results: list[Any] = []

        async def send(number: int) -> None:
            results.append(await client.call_tool("similar", {"text": f"我县拟撤并第{number}座水电站，安置移民"}))

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(send, number)
        return results

    sent = over_http(server, "search", many)
    refused = [str(result.content) for result in sent if result.is_error]
    assert refused and all("忙不过来" in text for text in refused) and len(refused) < len(sent)


def test_calls_stand_in_the_audit_under_the_callers_name(server: Guarded) -> None:
    given = over_http(server, "other", every_tool)
    noted = server.audited(5, lambda line: line.get("way") == "mcp" and line["who"] == "农业")
    assert {line["action"] for line in noted} == {"search", "ask", "timeline", "similar", "item"}
    by_action = {line["action"]: line for line in noted}
    assert by_action["search"]["conditions"] == {"since": "2024-01-01"}
    assert [by_action[action]["found"] for action in ("search", "timeline")] == [
        len(given[one]["hits"]) for one in ("search", "timeline")
    ]
    assert (by_action["ask"]["found"], by_action["ask"]["query"]) == (given["ask"]["found"], given["ask"]["understood"])


def test_without_a_key_that_serves_nobody_gets_in(server: Guarded) -> None:
    for kind in ("none", "expired", "revoked"):
        reply = httpx.post(
            f"{server.address}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=server.bearer(kind)
        )
        assert reply.status_code == 401
        run = jianbao("--data", str(server.data), "mcp", JIANBAO_KEY=server.keys.get(kind, ""))
        assert run.returncode == 2 and "JIANBAO_KEY" in run.stderr
    evil = {**server.bearer("search"), "Origin": "https://evil.example"}
    assert httpx.post(f"{server.address}/mcp", json={}, headers=evil).status_code == 403
