"""Concurrency limits: how many requests are worked on at a time, of all callers and of each."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from service.errors import Refused


class _Share:
    """One caller's share of a limit: the places still free to it, and its requests that are worked on or wait."""

    def __init__(self, working: int) -> None:
        self.free, self.requests = asyncio.Semaphore(working), 0


class ConcurrencyLimit:
    """How many requests are worked on at a time; some more wait their turn, and those beyond are refused at once.

    One caller gets at most half of the places, to work and to wait: its surplus waits for its own requests and holds up
    nobody else. `patience`: the seconds that a request waits at most.
    """

    def __init__(self, working: int, waiting: int, patience: float) -> None:
        self._most, self._share, self._patience = working + waiting, max(1, working // 2), patience
        self._free = asyncio.Semaphore(working)
        self._shares: dict[tuple[str, ...], _Share] = {}
        self.working = self.queued = 0

    @asynccontextmanager
    async def place(self, *who: str) -> AsyncIterator[None]:
        """Occupy a place while a request is worked on; raise Refused if too many wait, or the wait is too long."""
        share = self._shares.setdefault(who, _Share(self._share))
        share.requests += 1
        try:
            if self.working + self.queued >= self._most or share.requests > max(1, self._most // 2):
                raise _overloaded(self._patience)
            async with await self._turn(share):
                self.working += 1
                try:
                    yield
                finally:
                    self.working -= 1
        finally:
            share.requests -= 1
            if not share.requests:
                del self._shares[who]

    async def _turn(self, share: _Share) -> AsyncExitStack:
        """Wait for a place in the caller's share, then for one of all; return the stack that frees both."""
        self.queued += 1
        try:
            async with asyncio.timeout(self._patience), AsyncExitStack() as turns:
                await turns.enter_async_context(share.free)
                await turns.enter_async_context(self._free)
                return turns.pop_all()
        except TimeoutError:
            raise _overloaded(self._patience) from None
        finally:
            self.queued -= 1


def concurrency_limits() -> dict[str, ConcurrencyLimit]:
    """Return a limit for each kind of work: searches, answers (a language model may write for long), pages, files.

    What takes long has a limit of its own, so that searches never wait for it: pages, which one process draws and reads and
    of which a browser requests several; and files that are sent, to be indexed or compared.
    """
    processors = os.cpu_count() or 2
    return {
        "search": ConcurrencyLimit(max(8, 2 * processors), 64, 5.0),
        "ask": ConcurrencyLimit(16, 32, 10.0),
        "page": ConcurrencyLimit(8, 72, 60.0),
        "upload": ConcurrencyLimit(4, 8, 10.0),
        "draft": ConcurrencyLimit(4, 8, 10.0),
    }


def _overloaded(patience: float) -> Refused:
    return Refused("overloaded", "现在的请求太多，服务忙不过来：请稍后再试", 503, math.ceil(patience))
