"""/api/session: our own page keeps a key in a cookie, and learns what it may do."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict

from service.access import COOKIE, SESSION, UNKNOWN, caller
from service.errors import BadRequest
from service.keys import Keys


class Login(BaseModel):
    """The body of POST /api/session."""

    model_config = ConfigDict(extra="forbid")

    key: str


def add_session(app: FastAPI, keys: Keys) -> None:
    """Add the routes with which our own page keeps a key in a cookie that its scripts cannot read."""

    @app.get(SESSION)
    def session(request: Request) -> dict[str, str | bool]:
        try:
            key, scope = caller(request, keys)
        except BadRequest as error:
            if error.status != 401:
                raise
            key, scope = None, ""
        return {"required": keys.any(), "name": key.name if key else "", "scope": scope}

    @app.post(SESSION)
    def begin(body: Login, request: Request, response: Response) -> dict[str, str]:
        token = body.key.strip()
        if not (key := keys.of(token)):
            raise BadRequest("key_unknown", UNKNOWN, 401)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, secure=secure, httponly=True, samesite="strict")
        return {"name": key.name, "scope": key.scope}

    @app.delete(SESSION, status_code=204)
    def end(response: Response) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
