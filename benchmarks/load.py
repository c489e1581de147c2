"""Load a real server from another process: throughput and latency at 1, 8 and 32 clients, memory, overload.

    python benchmarks/load.py DATA QUERIES [--seconds 30] [--minutes 30] [--crowd 200]

DATA contains an index (such as that of benchmarks/scale.py with 100,000 passages), QUERIES is a queries.jsonl. Each client
requests searches, cases and answers in turn, the next as soon as it has a response. It sends an X-Forwarded-For address of its
own, as a proxy would, and an API key that is revoked at the end. Then eight clients go on at half that rate for `--minutes`,
while the server's memory is recorded. Last, a crowd sends requests all at once, most of which must be refused.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from service.keys.key import HIGHEST_RATE
from service.keys.registry import Keys

_CLIENTS = (1, 8, 32)


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, int]]:
    """Run a server; give its address and its process id."""
    program = str(Path(sys.executable).with_name("jianbao"))
    command = [program, "--data", str(data), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        yield line.split("：")[1].split("（")[0], process.pid
        process.terminate()
        process.wait(60)


@contextmanager
def key(data: Path) -> Iterator[str]:
    """Give a key that sees everything and may ask without end; take it back."""
    keys, name = Keys(data), f"load {time.time():.0f}"
    yield keys.create(name, "search", [], ["*"], rate=HIGHEST_RATE)
    keys.revoke(name)


def memory(pid: int, what: str) -> float:
    """Return the memory of a process in MiB: RssAnon, its own, or VmRSS, with the files that it has mapped."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


class Clients:
    """Clients that ask until they are told to stop, each on a connection of its own."""

    def __init__(self, address: str, token: str, questions: list[str], pause: float = 0.0) -> None:
        self._address, self._token, self._questions, self._pause = address, token, questions, pause
        self.times: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.without_wait = 0  # refusals without a Retry-After header
        self._stop = threading.Event()

    def run(self, clients: int, seconds: float) -> float:
        """Ask for so many seconds; return how many were answered each second."""
        threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(clients)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        self._stop.wait(seconds)
        self._stop.set()
        for thread in threads:
            thread.join()
        return self.statuses[200] / (time.perf_counter() - began)

    def _ask(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
        with httpx.Client(base_url=self._address, headers=headers, timeout=60) as client:
            turn = number
            while not self._stop.is_set():
                question = self._questions[turn * 7 % len(self._questions)]
                began = time.perf_counter()
                if turn % 3 == 0:
                    reply = client.post("/api/ask", json={"question": question})
                else:
                    reply = client.get("/api/search" if turn % 3 == 1 else "/api/cases", params={"q": question})
                self.statuses[reply.status_code] += 1
                if reply.status_code == 200:
                    self.times.append((time.perf_counter() - began) * 1000)
                elif "retry-after" not in reply.headers:
                    self.without_wait += 1
                self._stop.wait(self._pause)
                turn += 1


def main() -> None:
    """Measure and print."""
    options = _options()
    questions = [json.loads(line)["text"] for line in options.queries.read_text(encoding="utf-8").splitlines()][:1000]
    with key(options.data) as token, serving(options.data) as (address, pid):
        Clients(address, token, questions).run(2, 5)  # warm-up: loads what is loaded at first use
        print(f"memory of its own {memory(pid, 'RssAnon'):.0f} MiB, with mapped files {memory(pid, 'VmRSS'):.0f}")
        print("clients  answers/s   p50 ms   p95 ms   p99 ms  statuses")
        rate = 1.0
        for number in _CLIENTS:
            clients = Clients(address, token, questions)
            rate = clients.run(number, options.seconds)
            _print(number, rate, clients)
        print(f"memory of its own {memory(pid, 'RssAnon'):.0f} MiB after that")
        _watch(Clients(address, token, questions, 8 / rate * 2), pid, options.minutes)
        crowd = Clients(address, token, questions)
        rate = crowd.run(options.crowd, options.seconds)
        _print(options.crowd, rate, crowd)
        print(f"refused without Retry-After {crowd.without_wait}; memory of its own {memory(pid, 'RssAnon'):.0f} MiB")


def _watch(clients: Clients, pid: int, minutes: float) -> None:
    """Go on at half the pace, and print the memory ten times."""
    thread = threading.Thread(target=clients.run, args=(8, minutes * 60))
    thread.start()
    seen = []
    for _ in range(10):
        thread.join(minutes * 6)
        seen.append(memory(pid, "RssAnon"))
    print(f"{minutes:g} minutes of 8 clients at half the pace, {dict(clients.statuses)} requests so far:")
    print("  memory of its own, MiB:", " ".join(f"{one:.0f}" for one in seen))
    thread.join()


def _print(number: int, rate: float, clients: Clients) -> None:
    p50, p95, p99 = np.percentile(clients.times, [50, 95, 99]) if clients.times else (0.0, 0.0, 0.0)
    print(f"{number:>7}  {rate:>9.1f}  {p50:>7.0f}  {p95:>7.0f}  {p99:>7.0f}  {dict(clients.statuses)}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--seconds", type=float, default=30, help="for each number of clients")
    parser.add_argument("--minutes", type=float, default=30, help="for which the memory is watched")
    parser.add_argument("--crowd", type=int, default=200, help="clients at last")
    return parser.parse_args()


if __name__ == "__main__":
    main()
