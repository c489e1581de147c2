"""Bounds: how often a caller may ask, how much is worked on at a time, how large a request may be and how slow."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import Message, Receive

from service.errors import BadRequest

LARGEST_BODY = 1 << 19  # bytes of a request that sends no file; the longest draft has 300 KB
SLOWEST_BODY = 30.0  # seconds for such a request to arrive
SLOWEST_PIECE, SLOWEST_FILE = 30.0, 600.0  # seconds for the next piece of a file, and for all of it
REFUSALS = 60  # requests a minute from one address that show no key or a wrong one


class Rates:
    """How often each caller has asked lately, from each address."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, per_minute: int, *who: str) -> None:
        """Count a request; raise BadRequest if it is one too many."""
        rate = RateLimitItemPerMinute(per_minute)
        if not self._limiter.hit(rate, *who):
            wait = max(1, math.ceil(self._limiter.get_window_stats(rate, *who).reset_time - time.time()))
            raise BadRequest("too_many_requests", f"请求太频繁（每分钟最多 {per_minute} 次）：请 {wait} 秒后再试", 429, wait)


class Slots:
    """How many requests are worked on at a time; some more wait their turn, and those beyond are sent away at once."""

    def __init__(self, working: int, waiting: int, patience: float) -> None:
        self._free, self._most, self._patience = asyncio.Semaphore(working), working + waiting, patience
        self.working = self.queued = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place while a request is worked on; raise BadRequest where too many wait or it takes too long."""
        if self.working + self.queued >= self._most:
            raise _overloaded(self._patience)
        self.queued += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience)
        except TimeoutError:
            raise _overloaded(self._patience) from None
        finally:
            self.queued -= 1
        self.working += 1
        try:
            yield
        finally:
            self.working -= 1
            self._free.release()


def all_slots() -> dict[str, Slots]:
    """Return the places for searches, for answers, which a language model may take its time to write, for uploads and drafts.

    Those that take long have places of their own, so that searches never wait for them.
    """
    processors = os.cpu_count() or 2
    return {
        "search": Slots(max(4, 2 * processors), 64, 5.0), "ask": Slots(16, 32, 10.0), "upload": Slots(4, 8, 10.0),
        "draft": Slots(4, 8, 10.0),
    }  # fmt: skip


def _overloaded(patience: float) -> BadRequest:
    return BadRequest("overloaded", "现在的请求太多，服务忙不过来：请稍后再试", 503, math.ceil(patience))


async def read_body(receive: Receive, headers: Iterable[tuple[bytes, bytes]]) -> Receive:
    """Read a request that sends no file; return what gives it again. Raise BadRequest if it is too large or too slow."""
    if any(name == b"content-length" and value.isdigit() and int(value) > LARGEST_BODY for name, value in headers):
        raise _too_large()
    pieces: list[Message] = []
    size = 0
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            while not pieces or pieces[-1].get("more_body", False):
                pieces.append(await receive())
                size += len(pieces[-1].get("body", b""))
                if size > LARGEST_BODY:
                    raise _too_large()
    except TimeoutError:
        raise BadRequest("too_slow", "请求没有发完，已停止等待：请重试", 408) from None
    pieces.reverse()

    async def again() -> Message:
        return pieces.pop() if pieces else await receive()

    return again


def patient(receive: Receive) -> Receive:
    """Return a `receive` that takes the caller for gone when the next piece of a file does not come."""
    end = time.monotonic() + SLOWEST_FILE

    async def next_piece() -> Message:
        try:
            return await asyncio.wait_for(receive(), min(SLOWEST_PIECE, max(0.0, end - time.monotonic())))
        except TimeoutError:
            return {"type": "http.disconnect"}

    return next_piece


def _too_large() -> BadRequest:
    return BadRequest("request_too_large", f"请求太大（上限 {LARGEST_BODY >> 10} KB）", 413)
