"""/api/session: our own pages store a key in a cookie, and learn what it allows."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict

from service.access.caller import Caller
from service.access.identity import COOKIE, UNKNOWN, identify
from service.access.needs import needs
from service.errors import Refused
from service.keys.registry import Keys
from service.settings import Settings


class SessionBody(BaseModel):
    """The body of POST /api/session."""

    model_config = ConfigDict(extra="forbid")

    key: str


def add_session(app: FastAPI, keys: Keys, settings: Settings, anyone: bool) -> None:
    """Add the routes with which our own pages store a key in a cookie that their scripts cannot read."""

    @app.get("/api/session")
    @needs("", "")
    def session(request: Request) -> dict[str, Any]:
        try:
            caller = identify(request, keys, settings, anyone)
        except Refused as error:
            if error.status != 401:
                raise
            caller = Caller("", "", frozenset())
        required = bool(settings.sso_user) or keys.any()
        groups = sorted(
            (settings.groups or {}).keys() if caller.groups is None else caller.groups & (settings.groups or {}).keys()
        )
        return {"required": required, "name": caller.name, "scope": caller.scope, "groups": groups}

    @app.post("/api/session")
    @needs("", "")
    def begin(body: SessionBody, request: Request, response: Response) -> dict[str, str]:
        token = body.key.strip()
        if not (key := keys.of(token)):
            raise Refused("key_unknown", UNKNOWN, 401)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, secure=secure, httponly=True, samesite="strict")
        return {"name": key.name, "scope": key.scope}

    @app.delete("/api/session", status_code=204)
    @needs("", "")
    def end(response: Response) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
