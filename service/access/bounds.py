"""Bounds: how often a caller may ask, how large a request may be, how slowly it may come and how long an answer may take."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterable

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.refusals import refusal
from service.errors import Refused

LARGEST_BODY = 1 << 19  # bytes of a request that sends no file; the longest draft has 300 KB
SLOWEST_BODY = 30.0  # seconds for such a request to arrive
SLOWEST_PIECE, SLOWEST_FILE = 30.0, 600.0  # seconds for the next piece of a file, and for all of it
LONGEST = 150.0  # seconds until an answer begins; a language model is given 120 for all of its own
REFUSALS = 60  # requests a minute from one address that show no key or a wrong one
_LOG = logging.getLogger("jianbao")


class Rates:
    """How often each caller has asked lately, from each address."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, per_minute: int, *who: str) -> None:
        """Count a request; raise BadRequest if it is one too many."""
        rate = RateLimitItemPerMinute(per_minute)
        if not self._limiter.hit(rate, *who):
            wait = max(1, math.ceil(self._limiter.get_window_stats(rate, *who).reset_time - time.time()))
            raise Refused("too_many_requests", f"请求太频繁（每分钟最多 {per_minute} 次）：请 {wait} 秒后再试", 429, wait)


async def in_time(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request; where no answer has begun by then, say so, and return when the work has ended, which nobody hears.

    Threads cannot be ended: what takes too long keeps its place until it is done.
    """
    begun = late = False

    async def heard(message: Message) -> None:
        nonlocal begun
        begun = True
        if not late:
            await send(message)

    work = asyncio.ensure_future(app(scope, receive, heard))
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
        _LOG.exception("%s", scope["path"])  # raised, it would end the connection, on which another request may be by now
    finally:
        work.cancel()


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
        raise Refused("too_slow", "请求没有发完，已停止等待：请重试", 408) from None
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


def _too_large() -> Refused:
    return Refused("request_too_large", f"请求太大（上限 {LARGEST_BODY >> 10} KB）", 413)
