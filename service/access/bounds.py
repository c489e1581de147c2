"""Bounds of a request: the rate limit, its size, the time it may take to arrive and the time until a response begins."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Collection, Iterable

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.refusals import refusal
from service.errors import Refused

LARGEST_HEAD = 1 << 14  # bytes of a request's address and headers
DECIDING = frozenset((b"authorization", b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest"))
LARGEST_BODY = 1 << 19  # bytes of a request without files; the longest draft takes 300 KB
SLOWEST_BODY = 30.0  # seconds for a request without files to arrive
SLOWEST_PIECE, SLOWEST_FILE = 30.0, 600.0  # seconds for the next chunk of a file, and for all of it
LONGEST = 150.0  # seconds until a response begins; a language model gets 120 for its whole answer
REFUSALS = 60  # requests a minute from one address without a key or with a wrong one
_LOG = logging.getLogger("jianbao")


class Rates:
    """The rate limits: recent requests of each caller from each address."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, per_minute: int, *who: str) -> None:
        """Count a request; raise Refused if it exceeds `per_minute`."""
        rate = RateLimitItemPerMinute(per_minute)
        if not self._limiter.hit(rate, *who):
            wait = max(1, math.ceil(self._limiter.get_window_stats(rate, *who).reset_time - time.time()))
            raise Refused("too_many_requests", f"请求太频繁（每分钟最多 {per_minute} 次）：请 {wait} 秒后再试", 429, wait)


def check_head(headers: Iterable[tuple[bytes, bytes]], address: bytes, deciding: Collection[bytes]) -> None:
    """Raise Refused if a request's head is too large, or has a header twice that decides who asks."""
    headers = list(headers)
    if sum(len(name) + len(value) + 4 for name, value in headers) + len(address) > LARGEST_HEAD:
        raise Refused("head_too_large", f"请求的地址和请求头太长（上限 {LARGEST_HEAD >> 10} KB）", 431)
    names = Counter(name.lower() for name, _ in headers)
    if twice := next((name.decode("latin-1") for name in deciding if names[name] > 1), ""):
        raise Refused("repeated_header", f"请求头 {twice} 出现了不止一次，不知道以哪个为准：请检查代理的配置")


async def in_time(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request; if no response begins within LONGEST, send 503, drop the late response, return when the work ends.

    A thread cannot be stopped: work that takes too long keeps its place in the concurrency limit until it is done.
    """
    begun = late = False

    async def send_unless_late(message: Message) -> None:
        nonlocal begun
        begun = True
        if not late:
            await send(message)

    work = asyncio.ensure_future(app(scope, receive, send_unless_late))
    try:
        await asyncio.wait([work], timeout=LONGEST)
        if not work.done() and not begun:
            late = True
            message = f"等了 {LONGEST:g} 秒还没有结果，已停止等待：请缩小范围或换个问法，或请管理员查看服务日志"
            _LOG.error("%s：%s", scope["path"], message)
            await refusal(Refused("took_too_long", message, 503))(scope, receive, send)
        await work
    except Exception:
        if not late:
            raise
        _LOG.exception("%s", scope["path"])  # raised, it would close the connection, which may carry another request by now
    finally:
        work.cancel()


async def read_body(receive: Receive, headers: Iterable[tuple[bytes, bytes]]) -> Receive:
    """Read a request without files; return a `receive` that replays it. Raise Refused if it is too large or too slow."""
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
        raise Refused("too_slow", "请求没有发完，已停止等待：请重试", 408) from None
    pieces.reverse()

    async def again() -> Message:
        return pieces.pop() if pieces else await receive()

    return again


def patient(receive: Receive) -> Receive:
    """Return a `receive` that reports a disconnect when the next chunk of a file does not come in time.

    After the last chunk it waits as long as need be: only a real disconnect comes then.
    """
    end, whole = time.monotonic() + SLOWEST_FILE, False

    async def next_piece() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(SLOWEST_PIECE, max(0.0, end - time.monotonic())))
        except TimeoutError:
            return {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return next_piece


def _too_large() -> Refused:
    return Refused("request_too_large", f"请求太大（上限 {LARGEST_BODY >> 10} KB）", 413)
