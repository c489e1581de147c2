"""Errors of requests, and the one JSON shape in which every error is told."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

_SOON = 5  # seconds
_UNREAD = (408, 411, 413)  # whose body was not read to its end


class Refused(Exception):
    """A request cannot be answered as it is; `code` is for programs, the message is Chinese and for people."""

    def __init__(self, code: str, message: str, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code, self.status = code, status
        self.retry_after = retry_after  # seconds, 0 where waiting does not help


def no_item(item_id: str) -> Refused:
    """Return the error of an item that is not held."""
    return Refused("no_item", f"没有编号为“{item_id[:50]}”的案例，可能它所在的文件已移除或更新", 404)


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """Return {"error": {"code", "message"}}."""
    return {"error": {"code": code, "message": message}}


def refusal(error: Refused, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response that tells an error."""
    wait = error.retry_after or (_SOON if error.status == 503 else 0)
    waiting = {"Retry-After": str(wait)} if wait else {}
    unread = {"Connection": "close"} if error.status in _UNREAD else {}  # else a body that never ends would be listened to
    return JSONResponse(error_body(error.code, str(error)), error.status, {**waiting, **unread, **(headers or {})})
