"""An intranet's own site on a port of its own: the host page of docs/intranet, its addresses and keys filled in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loopback_server import LoopbackServer, SilentHandler, served

HOST_PAGE = Path(__file__).resolve().parent.parent / "docs" / "intranet"
_DOCUMENTED = "http://127.0.0.1:8000"


class PortalServer(LoopbackServer):
    """Serves pages by their path, each under a policy that allows only this site and the search server."""

    def __init__(self, search: str) -> None:
        super().__init__(_Pages)
        self.policy = f"default-src 'self' {search}"
        self.key = ""
        self.search = search
        self.pages: dict[str, str] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def text_of(self, path: str) -> str:
        """Return a page set by a test, or a file of the documented host page with its address and key filled in."""
        if path in self.pages:
            return self.pages[path]
        if path == "/favicon.ico":
            return ""
        text = (HOST_PAGE / (path.strip("/") or "index.html")).read_text(encoding="utf-8")
        return text.replace(_DOCUMENTED, self.search).replace("换成 jianbao key create 给出的密钥", self.key)


class _Pages(SilentHandler):
    server: PortalServer

    def do_GET(self) -> None:
        try:
            body = self.server.text_of(self.path).encode()
        except FileNotFoundError:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if self.path.endswith(".css") else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def portal_server(search: str) -> Iterator[PortalServer]:
    with served(PortalServer(search)) as server:
        yield server
