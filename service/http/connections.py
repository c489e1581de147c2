"""The server's connections: a request's head has a deadline, an unread response ends, and who says nothing gives way."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.access.identity import is_trusted
from service.access.refusals import error_body, refusal
from service.errors import Refused

MOST = 500  # connections
MOST_OF_ONE = 100  # of one address that is no trusted proxy; a browser opens six
SLOWEST_HEAD = 15.0  # seconds for the head of a request to arrive
STALLED = 30.0  # seconds in which nothing of a response is read
_SWEEP = 1.0  # seconds between looks at all connections
_CROWDED = Refused("overloaded", "同时打开的连接太多，服务忙不过来：请稍后再试", 503)
_NO_HTTP = error_body("bad_request", "请求不合 HTTP 的格式，或请求头太长：请检查地址和请求头")
_LOG = logging.getLogger("jianbao")


class Connections:
    """The open connections of a server; `proxies` may have as many as they need, other addresses MOST_OF_ONE."""

    def __init__(self, proxies: Collection[str]) -> None:
        self._proxies = proxies
        self._open: set[_Connection] = set()
        self._sweeping = False

    def connection(self, **server: Any) -> _Connection:
        """Return the protocol of a new connection, as uvicorn asks for it."""
        return _Connection(self, **server)

    def begin(self, new: _Connection) -> bool:
        """Add a connection; beyond a bound the one that has been silent longest ends. Return whether it may ask."""
        self._open.add(new)
        if not self._sweeping:
            self._sweep()
        own = [one for one in self._open if one.address == new.address]
        crowd = own if len(own) > MOST_OF_ONE and not is_trusted(new.address, self._proxies) else []
        crowd = crowd or (list(self._open) if len(self._open) > MOST else [])
        silent = [one for one in crowd if one.silent and one is not new]
        if silent:
            victim = min(silent, key=lambda one: one.since)
            self.end(victim)  # at once: of many that come in one turn of the loop, each has to end another one
            victim.transport.abort()
        return not crowd or bool(silent)

    def end(self, gone: _Connection) -> None:
        """Forget a connection."""
        self._open.discard(gone)

    def _sweep(self) -> None:
        now = time.monotonic()
        for one in tuple(self._open):
            one.check(now)
        self._sweeping = bool(self._open)
        if self._sweeping:
            asyncio.get_running_loop().call_later(_SWEEP, self._sweep)


class _Connection(H11Protocol):
    """A connection that ends if a head does not arrive in time, or nothing of a response is read."""

    def __init__(self, others: Connections, **server: Any) -> None:
        super().__init__(**server)
        self._others, self.address = others, ""
        self.since = self._moved = time.monotonic()  # when it fell silent or a head began; when something was last read
        self._begun, self._unread = False, 0  # whether a head has begun; bytes still to be read

    @property
    def silent(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; a connection beyond the bounds is told so when it asks."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if not self._others.begin(self):
            self.app = _crowded

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._others.end(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes; the first byte of a head starts its time."""
        if self.silent and not self._begun:
            self._begun, self.since = True, time.monotonic()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._begun, self.since = False, time.monotonic()
        super().on_response_complete()

    def resume_writing(self) -> None:
        """Go on writing, as something has been read."""
        self._moved = time.monotonic()
        super().resume_writing()

    def check(self, now: float) -> None:
        """End the connection if its time is over."""
        unread = self.transport.get_write_buffer_size()
        if not unread or unread < self._unread:
            self._moved = now
        self._unread = unread
        if now - self._moved > STALLED or (self.silent and not unread and now - self.since > SLOWEST_HEAD + _SWEEP):
            _LOG.info("连接没有动静，已断开：%s", self.address)
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP request, in the form of all errors."""
        body = json.dumps(_NO_HTTP, ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


async def _crowded(scope: Scope, receive: Receive, send: Send) -> None:
    _LOG.warning("连接太多：%s", (scope.get("client") or [""])[0])
    await refusal(_CROWDED, {"Connection": "close"})(scope, receive, send)
