"""The service as its operators run it: when it may start, what it says of itself, how it ends, and what it never loses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import httpx
import pytest
from conftest import JIANBAO, jianbao, serving
from fastapi.testclient import TestClient
from guarded import Guarded, guarded

from index.store.catalog import Catalog
from service.http.app import create_app
from service.keys.registry import Keys
from service.settings import read_settings

TEXT = "云溪县共享食堂情况\n云溪县在三个乡镇办起共享食堂，老人每餐只付六元。"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one document."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "食堂.txt").write_text(TEXT, encoding="utf-8")
    assert jianbao("--data", str(tmp_path / "data"), "sync", str(tmp_path / "documents")).returncode == 0
    return tmp_path / "data"


@contextmanager
def started(data: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """Start a server; give the process and what it writes to stderr. It is ended if the test does not."""
    command = [JIANBAO, "--data", str(data), "serve", *options]
    env = {**os.environ, **environment}
    with (
        (data / "stderr").open("w+", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=env) as process,
    ):
        yield process, log
        process.kill()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return re.findall(r"http://[\d.:]+\d", process.stdout.readline())[0]


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_without_keys_no_other_address_is_opened_unless_told_to(data: Path) -> None:
    refused = subprocess.run(
        [JIANBAO, "--data", str(data), "serve", "--host", "0.0.0.0", "--port", "0"], capture_output=True, text=True, timeout=60
    )
    assert refused.returncode == 2 and "--allow-anyone" in refused.stderr and "jianbao key create" in refused.stderr
    with started(data, "--host", "0.0.0.0", "--port", "0", "--allow-anyone") as (process, _):
        port = address_of(process).rpartition(":")[2]
        assert httpx.get(f"http://127.0.0.1:{port}/api/status", headers={"X-Forwarded-For": "10.0.0.5"}).status_code == 200
        process.terminate()
        assert process.wait(20) == 0


def test_it_answers_that_it_is_loading_until_it_is_ready(data: Path) -> None:
    port = free_port()
    with started(data, "--port", str(port)) as (process, _):
        seen: list[tuple[int, int, int]] = []
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            while not seen or seen[-1][1] != 200:
                with suppress(httpx.ConnectError):
                    replies = [client.get(path) for path in ("/healthz", "/readyz", "/api/search?q=食堂")]
                    seen.append(tuple(reply.status_code for reply in replies))  # type: ignore[arg-type]
                time.sleep(0.02)
            assert seen[0] == (200, 503, 503) and seen[-1] == (200, 200, 200)
            assert {one[0] for one in seen} == {200}
        process.terminate()
        assert process.wait(20) == 0


def test_a_server_that_cannot_load_says_so_and_ends(data: Path) -> None:
    with started(data, "--port", "0", JIANBAO_ENCODER=str(data / "nothing")) as (process, log):
        assert process.wait(60) == 2
        log.seek(0)
        assert "jianbao:" in log.read()


@pytest.mark.parametrize("delay", [0.0, 0.4, 0.8, 1.6])
def test_a_server_that_is_stopped_while_it_loads_ends_in_order(data: Path, delay: float) -> None:
    port = free_port()
    with started(data, "--port", str(port)) as (process, log):
        for _ in range(600):
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    break
            time.sleep(0.05)
        time.sleep(delay)
        process.terminate()
        assert process.wait(20) == 0
        log.seek(0)
        assert "已停止" in log.read()


def test_the_log_is_lines_of_json_with_the_id_that_the_response_bears(data: Path) -> None:
    with started(data, "--port", "0") as (process, log):
        address = address_of(process)
        reply = httpx.get(f"{address}/api/search", params={"q": "秘密的问题", "key": "jb_secret"})
        httpx.get(f"{address}/feed.atom", params={"q": "食堂", "key": "jb_secret"})
        given = httpx.get(f"{address}/api/status", headers={"X-Request-ID": "portal-0001"})
        process.terminate()
        assert process.wait(20) == 0
        log.seek(0)
        text = log.read()
    lines = [json.loads(line) for line in text.splitlines()]
    assert (
        reply.headers["x-request-id"] in {line.get("id") for line in lines} and given.headers["x-request-id"] == "portal-0001"
    )
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert "jb_secret" not in text and "秘密的问题" not in text and lines[-1]["message"] == "已停止"


def test_metrics_tell_latency_by_stage_sizes_and_refusals(data: Path) -> None:
    key = {"Authorization": f"Bearer {Keys(data).create('监控', 'admin', [])}"}
    with serving(data) as address:
        for path in ("/api/search?q=食堂", "/api/search?q=食堂&k=0", "/api/documents/x", "/nowhere"):
            httpx.get(f"{address}{path}", headers=key)
        httpx.post(f"{address}/api/ask", json={"question": "老人每餐付多少？"}, headers=key)
        httpx.get(f"{address}/api/status")
        told = httpx.get(f"{address}/metrics", headers=key).text
    for stage in ("encode", "dense", "keyword", "look", "results", "read"):
        assert re.search(rf'jianbao_stage_seconds_count{{stage="{stage}"}} [1-9]', told), stage
    for line in (
        'jianbao_requests_total{method="GET",route="/api/search",status="200"} 1.0', 'jianbao_held{what="documents"} 1.0',
        'jianbao_requests_total{method="GET",route="/api/search",status="400"} 1.0', "jianbao_ready 1.0",
        'jianbao_requests_total{method="GET",route="other",status="401"} 1.0',
        'jianbao_working{state="waiting",work="search"} 0.0',
    ):  # fmt: skip
        assert line in told, line


def test_requests_under_way_are_finished_when_it_is_stopped(data: Path) -> None:
    with started(data, "--port", "0") as (process, _):
        address = address_of(process)
        statuses: list[int] = []

        def ask() -> None:
            with httpx.Client(base_url=address, timeout=30) as client:
                client.get("/healthz")
                connected.wait()
                statuses.append(client.post("/api/ask", json={"question": "老人每餐付多少？"}).status_code)

        connected = threading.Barrier(9)
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        connected.wait()
        time.sleep(0.1)
        process.terminate()
        for thread in threads:
            thread.join()
        assert process.wait(30) == 0 and statuses == [200] * 8


@pytest.mark.slow
def _await(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds, but no longer than that."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)


def test_killed_under_load_no_upload_that_was_reported_is_lost(data: Path) -> None:
    """Killed outright, three times, while people upload and search; then all that was reported is there, and may be found."""
    reported: list[str] = []
    for turn in range(3):
        with started(data, "--port", "0") as (process, _):
            address = address_of(process)
            stop = threading.Event()

            def upload(turn: int = turn, address: str = address, stop: threading.Event = stop) -> None:
                for number in range(1000):
                    name = f"第{turn}轮{number}号.txt"
                    text = f"第{turn}轮{number}号情况\n云溪县第{turn}轮第{number}号报告，共{turn * 1000 + number}户。"
                    with suppress(httpx.HTTPError):
                        reply = httpx.post(f"{address}/api/documents", files={"file": (name, text.encode())}, timeout=30)
                        if reply.status_code == 201:
                            reported.append(reply.json()["files"][0]["documents"][0])
                    if stop.is_set():
                        return

            def search(address: str = address, stop: threading.Event = stop) -> None:
                while not stop.is_set():
                    with suppress(httpx.HTTPError):
                        assert httpx.get(f"{address}/api/search?q=云溪县报告", timeout=30).status_code == 200

            threads = [threading.Thread(target=upload), threading.Thread(target=search)]
            for thread in threads:
                thread.start()
            _await(lambda turn=turn: len(reported) > turn)  # type: ignore[misc]  # a slow machine reports its first one late
            time.sleep(1.5 + turn * 0.37)
            os.kill(process.pid, signal.SIGKILL)
            stop.set()
            for thread in threads:
                thread.join()
    assert len(reported) >= 3
    with serving(data) as address:
        held = {one["id"] for one in httpx.get(f"{address}/api/documents?k=1000").json()["documents"]}
        assert set(reported) <= held
        found = httpx.get(f"{address}/api/search", params={"q": "云溪县报告", "document": reported[-1]}).json()["hits"]
        assert found and found[0]["citation"]["document_id"] == reported[-1]
    assert jianbao("--data", str(data), "verify").returncode == 0


def test_a_doctor_says_what_is_wrong_and_what_to_do(data: Path, tmp_path: Path) -> None:
    well = jianbao("--data", str(data), "doctor", "--json")
    found = json.loads(well.stdout)
    assert well.returncode == 0 and found["ok"] and {one["name"] for one in found["checks"]} >= {"程序", "索引", "密钥"}
    (data / "access.sqlite").write_bytes(b"no database")
    catalog = Catalog(data)
    with catalog.connect() as db:
        db.execute("UPDATE items SET checksum = 1")
    ill = jianbao("--data", str(data), "doctor", JIANBAO_LLM_URL="http://127.0.0.1:9/v1", JIANBAO_LLM_MODEL="m")
    assert ill.returncode == 1 and "✗ 密钥" in ill.stdout and "✗ 索引" in ill.stdout and "✗ 语言模型" in ill.stdout
    assert "jianbao restore" in ill.stdout
    none = jianbao("--data", str(tmp_path / "none"), "doctor")
    assert none.returncode == 1 and "jianbao sync" in none.stdout


@pytest.fixture(scope="module")
def signed_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server that believes the sign-on of a proxy on this machine."""
    with guarded(
        tmp_path_factory.mktemp("sso"), JIANBAO_SSO_USER="X-Remote-User", JIANBAO_SSO_GROUPS="X-Remote-Groups"
    ) as server:
        yield server


def test_who_has_signed_on_is_let_in_with_the_groups_that_the_proxy_names(signed_on: Guarded) -> None:
    def found(**headers: str) -> tuple[int, bool]:
        given = {name.replace("_", "-"): value.encode() for name, value in headers.items()}
        reply = httpx.get(f"{signed_on.address}/api/search", params={"q": "蟠龙水电站"}, headers=given)
        return reply.status_code, "移民347户" in reply.text

    assert found() == (401, False)
    assert found(X_Remote_User="王敏") == (200, False)
    assert found(X_Remote_User="wang", X_Remote_Groups="农业处, 内部") == (200, True)
    assert found(X_Remote_User="wang", X_Remote_Groups="%E5%86%85%E9%83%A8") == (200, True)
    assert found(X_Remote_User="wang", X_Remote_Groups="*") == (200, False)  # means all for keys only
    assert found(X_Remote_Groups="内部") == (401, False)
    assert found(X_Remote_User="wang", X_Remote_Groups="内部", Origin="https://evil.example") == (401, False)
    session = httpx.get(
        f"{signed_on.address}/api/session", headers={"X-Remote-User": "wang", "X-Remote-Groups": "admin"}
    ).json()
    assert (session["required"], session["name"], session["scope"]) == (True, "wang", "search")
    sent = httpx.post(f"{signed_on.address}/api/documents", files={"file": ("a.txt", b"a")}, headers={"X-Remote-User": "wang"})
    assert sent.status_code == 403


def test_sign_on_is_believed_from_the_proxies_only(tmp_path: Path) -> None:
    settings = read_settings({"JIANBAO_SSO_USER": "X-Remote-User", "JIANBAO_PROXIES": "10.9.9.0/24"})
    for peer, headers, status in (
        ("10.9.9.9", {}, 503),  # let in, to what is still loading
        ("10.9.9.9", {"X-Forwarded-For": "10.1.1.1"}, 503),
        ("127.0.0.1", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "10.9.9.9"}, 401),
    ):
        client = TestClient(create_app(None, Keys(tmp_path), settings, anyone=False), client=(peer, 5))
        assert client.get("/api/status", headers={"X-Remote-User": "wang", **headers}).status_code == status, (peer, headers)
