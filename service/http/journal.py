"""The journal of requests: the id, log line, time (for the metrics) and audit line of each."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.audit.log import Audit
from service.http.metrics import count_request

_LOG = logging.getLogger("jianbao.request")
_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_QUIET = ("/web/", "/healthz", "/readyz", "/metrics")  # polled or fetched all the time: logged only on a server error
_request: ContextVar[str] = ContextVar("request", default="")


class Journal:
    """Give each request an id, which stands in its response, its log lines and its audit line."""

    def __init__(self, app: ASGIApp, audit: Audit | None) -> None:
        self._app, self._audit = app, audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent_id = Headers(scope=scope).get("x-request-id", "")
        request_id = sent_id if _ID.fullmatch(sent_id) else secrets.token_hex(8)
        _request.set(request_id)
        state = scope.setdefault("state", {})
        state["request_id"], state["audited"] = request_id, self._audit is not None
        began, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._end(scope, status, time.perf_counter() - began)

    def _end(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "")
        count_request(scope["method"], route, status, seconds)
        caller, client = scope["state"].get("caller"), scope.get("client")
        about = {
            "who": caller.name if caller else "",
            "by": ("key" if caller.key else "sign-on" if caller.name else "") if caller else "",
            "address": client[0] if client else "",
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if not scope["path"].startswith(_QUIET) or status >= 500:  # without the query string, which may hold a key
            _LOG.info("%s %s", scope["method"], scope["path"][:200], extra={"about": about})
        if self._audit and "noted" in scope["state"]:
            noted = {k: v for k, v in scope["state"]["noted"].items() if status < 400 or k not in ("shown", "found")}
            try:
                self._audit.write({"id": scope["state"]["request_id"], **about, **noted})
            except OSError as error:
                logging.getLogger("jianbao").error("审计日志写不了：%s。请检查数据文件夹的权限和空间", error.strerror)


class JsonLines(logging.Formatter):
    """A JSON line for each log record, with the id of its request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := _request.get():
            line["id"] = request_id
        line |= getattr(record, "about", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def keep_journal() -> None:
    """Write the log of this process to stderr: a JSON line for each record, or plain lines on a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s") if sys.stderr.isatty() else JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("jianbao").setLevel(logging.INFO)
