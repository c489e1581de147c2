"""A real chat server on the loopback address, in OpenAI's format, that streams scripted replies."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from loopback_server import KEY, LoopbackServer, SilentHandler, served

Reply = Callable[[list[dict[str, str]]], str]


class ChatServer(LoopbackServer):
    """Says what `reply` makes of the messages, a few characters an event; some replies go wrong on purpose."""

    def __init__(self) -> None:
        super().__init__(_Answers)
        self.reply: Reply = lambda _messages: ""
        self.status = 200
        self.pause = 0.0  # seconds before each event
        self.breaks_after = 10**9  # events, after which the connection is closed
        self.raw: bytes | None = None  # sent in place of events
        self.asked: list[dict[str, Any]] = []


class _Answers(SilentHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        status = self.server.status if self.headers["Authorization"] == f"Bearer {KEY}" else 401
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if status != 200:
            return
        if self.server.raw is not None:
            self.wfile.write(self.server.raw)
            return
        text = self.server.reply(body["messages"])
        for number, start in enumerate(range(0, len(text), 3)):
            if number >= self.server.breaks_after:
                return
            time.sleep(self.server.pause)
            self._send({"choices": [{"index": 0, "delta": {"content": text[start : start + 3]}}]})
        self._send({"choices": [], "usage": {"total_tokens": 7}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, event: Any) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Serve until the block ends."""
    with served(ChatServer()) as server:
        yield server
