"""A real embeddings server on the loopback address, in OpenAI's format, over a local sentence-transformers model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from loopback_server import KEY, LoopbackServer, SilentHandler, served
from sentence_transformers import SentenceTransformer


class EmbeddingsServer(LoopbackServer):
    """Answers from `model`; the statuses in `trouble` go out first, one an answer."""

    def __init__(self, model: str) -> None:
        super().__init__(_Answers)
        self.model = SentenceTransformer(model, device="cpu")
        self.trouble: list[int] = []
        self.batches: list[list[str]] = []
        self.name = ""  # what it calls its model; "" for the name that is asked for
        self.poison = "\0"  # texts with this are refused
        self.longest = 10**6  # characters of a text; more are refused
        self.change: Any = lambda rows: rows  # what happens to the rows of vectors before they are sent


class _Answers(SilentHandler):
    server: EmbeddingsServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self._send(401, {"error": {"message": f"bad key {self.headers['Authorization']}"}})
        if self.server.trouble:
            return self._send(self.server.trouble.pop(0), {"error": {"message": "busy"}})
        if max(map(len, body["input"])) > self.server.longest or any(self.server.poison in text for text in body["input"]):
            return self._send(413, {"error": {"message": "too long"}})
        self.server.batches.append(body["input"])
        rows = self.server.change(self.server.model.encode(body["input"]).tolist())
        data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
        return self._send(200, {"object": "list", "model": self.server.name or body["model"], "data": data[::-1]})

    def _send(self, status: int, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def embeddings_server(model: str) -> Iterator[EmbeddingsServer]:
    """Serve until the block ends."""
    with served(EmbeddingsServer(model)) as server:
        yield server
