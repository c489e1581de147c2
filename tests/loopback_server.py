"""What the servers of the tests have in common: a free port of the loopback address, a thread, and silence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

KEY = "sk-a-secret"


class LoopbackServer(ThreadingHTTPServer):
    """A server whose address ends in /v1, as those of OpenAI's format do."""

    daemon_threads = True

    def __init__(self, answers: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), answers)

    def handle_error(self, *_: Any) -> None:
        """Clients that have gone away are part of the tests."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class SilentHandler(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


Server = TypeVar("Server", bound=LoopbackServer)


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """Serve until the block ends."""
    with server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
