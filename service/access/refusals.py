"""The one JSON form of all errors over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

from service.errors import Refused

_SOON = 5  # seconds, the Retry-After of a 503 that gives none
_UNREAD = (408, 411, 413)  # statuses of requests whose body was not read to its end


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """Return {"error": {"code", "message"}}."""
    return {"error": {"code": code, "message": message}}


def refusal(error: Refused, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the HTTP response for an error."""
    wait = error.retry_after or (_SOON if error.status == 503 else 0)
    waiting = {"Retry-After": str(wait)} if wait else {}
    unread = {"Connection": "close"} if error.status in _UNREAD else {}  # else the server would go on reading an endless body
    return JSONResponse(error_body(error.code, str(error)), error.status, {**waiting, **unread, **(headers or {})})
