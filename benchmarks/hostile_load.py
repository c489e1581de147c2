"""Mixed load with hostile callers against a real server: what everybody else is answered meanwhile, and the server's memory.

python benchmarks/hostile_load.py --minutes 15: slow readers of originals, idle connections, hostile drafts, a sync again and
again, and beside them searches, questions and drafts of others. It must end with no 5xx but 503 to the guilty.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

from service.keys.registry import Keys

ROOT = Path(__file__).resolve().parent.parent
JIANBAO = str(Path(sys.executable).with_name("jianbao"))
QUESTIONS = ("缙云县共富工坊吸纳多少村民就业？", "共享食堂一餐多少钱？", "哪些县办了夜校？")
WORDS = ("共富工坊", "食堂", "来料加工", "夜校", "山区", "老人")
DRAFT = "我县拟把来料加工的订单送到村里，让老人在家门口就业。"
IDLE = 300  # connections


class Load:
    """The callers of a run, what each kind was told, and how long the innocent waited."""

    def __init__(self, address: str, token: dict[str, str], minutes: float) -> None:
        self.address, self.token, self.end = address, token, time.monotonic() + minutes * 60
        self.told: dict[str, Counter[str]] = {}
        self.waited: list[float] = []

    def start(self, kind: str, act: Callable[[int], int | str], pause: float, count: int = 1) -> list[threading.Thread]:
        """Let `count` callers of a kind act again and again until the end."""
        told = self.told.setdefault(kind, Counter())

        def run() -> None:
            number = 0
            while time.monotonic() < self.end:
                number += 1
                try:
                    told[str(act(number))] += 1
                except (httpx.HTTPError, OSError) as error:
                    told[type(error).__name__] += 1
                time.sleep(pause)

        threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        return threads

    def ask(self, who: str, method: str, path: str, **more: object) -> int:
        """Send a request; return its status."""
        began = time.monotonic()
        headers = {"Authorization": f"Bearer {self.token[who]}"}
        status = httpx.request(method, self.address + path, headers=headers, timeout=180, **more).status_code  # type: ignore[arg-type]
        if who == "good":
            self.waited.append(time.monotonic() - began)
        return status

    def read_nothing(self, path: str) -> str:
        """Ask for an original, read nothing, and hang up after a while."""
        with _connected(self.address) as connection:
            head = f"GET {path} HTTP/1.1\r\nHost: {self.address[7:]}\r\nAuthorization: Bearer {self.token['bad']}\r\n\r\n"
            connection.sendall(head.encode())
            status = connection.recv(12).decode()
            time.sleep(20)
        return status

    def say_nothing(self) -> str:
        """Keep many idle connections for a while."""
        held = [_connected(self.address) for _ in range(IDLE)]
        time.sleep(20)
        for connection in held:
            connection.close()
        return "idle"


def main() -> None:
    """Run the load and print what came of it, JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=15)
    minutes = options.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="jianbao-load-") as folder:
        data = Path(folder) / "data"
        _sync(data, Path(folder))
        token = {name: Keys(data).create(name, "search", [], rate=10_000) for name in ("good", "bad")}
        command = [JIANBAO, "--data", str(data), "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout
            address = re.findall(r"http://[\d.:]+\d", server.stdout.readline())[0]
            load = Load(address, token, minutes)
            print(json.dumps(_run(load, server.pid, data, Path(folder)), ensure_ascii=False, indent=1))
            server.terminate()


def _run(load: Load, server: int, data: Path, folder: Path) -> dict[str, object]:
    usual = sorted(_timed(lambda n=n: load.ask("good", "GET", f"/api/search?q={WORDS[n % 6]}")) for n in range(20))[10]  # type: ignore[misc]
    listed = httpx.get(f"{load.address}/api/documents", headers={"Authorization": f"Bearer {load.token['bad']}"}).json()
    large = next(one["id"] for one in listed["documents"] if one["file"] == "大.docx")
    bomb, load.waited = _bomb(), []
    files = {"file": ("a.zip", bomb)}
    threads = [
        *load.start("searches", lambda n: load.ask("good", "GET", f"/api/search?q={WORDS[n % 6]}"), 0.3, 2),
        *load.start("questions", lambda n: load.ask("good", "POST", "/api/ask", json={"question": QUESTIONS[n % 3]}), 2),
        *load.start("drafts", lambda _: load.ask("good", "POST", "/api/similar/file", files={"file": ("a.txt", DRAFT)}), 3),
        *load.start("guilty drafts", lambda _: load.ask("bad", "POST", "/api/similar/file", files=files), 0.5, 6),
        *load.start("guilty readers", lambda _: load.read_nothing(f"/api/documents/{large}/original"), 0.5, 12),
        *load.start("guilty silence", lambda _: load.say_nothing(), 1),
        *load.start("sync", lambda _: _sync(data, folder), 5),
    ]
    memory = []
    while time.monotonic() < load.end:
        memory.append(_resident(server))
        time.sleep(10)
    for thread in threads:
        thread.join(200)
    waited = sorted(load.waited)
    return {
        "told": {kind: dict(told) for kind, told in load.told.items()},
        "search alone, median ms": round(usual * 1000),
        "innocent, median and 95 % ms": [round(waited[int(len(waited) * share)] * 1000) for share in (0.5, 0.95)],
        "memory MB, every 10 s": memory,
    }


def _sync(data: Path, folder: Path) -> int:
    """Sync a folder of the samples, a large document and a text that is new each time; return the exit code."""
    documents = folder / "documents"
    if not documents.exists():
        subprocess.run(["cp", "-R", str(ROOT / "documents"), str(documents)], check=True)
        sample = next(documents.rglob("*.docx"))
        (documents / "大.docx").write_bytes(sample.read_bytes())
        with zipfile.ZipFile(documents / "大.docx", "a", zipfile.ZIP_STORED) as package:
            package.writestr("word/media/extra.bin", os.urandom(40 << 20))
    (documents / "新.txt").write_text(
        f"云溪县第{time.time():.0f}期情况\n云溪县办起共享食堂，老人每餐只付六元。", encoding="utf-8"
    )
    return subprocess.run([JIANBAO, "--data", str(data), "sync", str(documents)], capture_output=True).returncode


def _bomb() -> bytes:
    """Return a ZIP of ninety long texts, as many as a draft may hold and more than its time allows."""
    with tempfile.TemporaryFile() as held:
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(90):
                archive.writestr(f"{number}.txt", f"第{number}期\n" + "1.甲\n" * 50_000)
        held.seek(0)
        return held.read()


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _connected(address: str) -> socket.socket:
    host, _, port = address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), 10)


def _resident(process: int) -> int:
    """Return the memory of a process in MB, 0 if it is gone."""
    with suppress(OSError):
        return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[0]) // 1024
    return 0


if __name__ == "__main__":
    main()
