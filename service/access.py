"""Who may use the interface: every request to /api is let in by this middleware, or told why not."""

from __future__ import annotations

import logging

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import BadRequest, error_body
from service.keys import SCOPES, Key, Keys
from service.origins import foreign_origin, is_from_here, is_rebound

COOKIE = "jianbao_key"
SESSION = "/api/session"  # needs no key, but our own page
UNKNOWN = "密钥不对，或已被撤销：请核对，或向管理员要一个新的"
_LOG = logging.getLogger("jianbao")
_CODE = ("/web/", "/widget.js")  # public, and loaded as modules by the pages of other sites
# What a request needs: a line of its own, else by its method, else admin.
_ROUTES = {("POST", "/api/ask"): "search", ("POST", "/api/similar"): "search", ("POST", "/api/similar/file"): "search"}
_METHODS = {"GET": "search", "HEAD": "search", "POST": "ingest", "PUT": "ingest", "DELETE": "ingest"}
_ANY_SITE = {"Access-Control-Allow-Origin": "*"}  # on what holds no data
_PREFLIGHT = {
    **_ANY_SITE,
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}
_REBOUND = "还没有密钥时，这台机器上只能用 127.0.0.1 或 localhost 访问：用别的主机名，请管理员先运行 jianbao key create 名称"
_MEANT = {"search": "检索和提问", "ingest": "收录文件", "admin": "管理"}


class Access:
    """Let requests in by their key, their site and what they want; answers stream through untouched."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app, self._keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if path.startswith(_CODE):
            await self._app(scope, receive, _shared(send, "*"))
        elif not path.startswith("/api/"):
            await self._app(scope, receive, send)
        elif scope["type"] != "http":  # a web socket: there is none
            await send({"type": "websocket.close", "code": 1008})
        elif scope["method"] == "OPTIONS":  # whether it may is said by the answer itself, which the page can then read
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
        else:
            await self._protected(scope, receive, send)

    async def _protected(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            key = _let_in(request, self._keys)
        except BadRequest as error:
            if error.status >= 500:
                _LOG.error("%s", error)
            headers = {**_ANY_SITE, "WWW-Authenticate": "Bearer"} if error.status == 401 else _ANY_SITE
            refusal = JSONResponse(error_body(error.code, str(error)), error.status, headers)
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["key"] = key
        site = foreign_origin(request.headers)
        await self._app(scope, receive, _shared(send, site) if site else send)


def _let_in(request: Request, keys: Keys) -> Key | None:
    """Return the key of a request that may do what it asks, None where it needs none; raise BadRequest."""
    path = request.scope["path"]
    if path == SESSION:
        if site := foreign_origin(request.headers):
            raise _not_from(site)
        return None
    key, scope = caller(request, keys)
    needed = _ROUTES.get((request.method, path)) or _METHODS.get(request.method, "admin")
    if SCOPES.index(scope) < SCOPES.index(needed):
        raise _too_small(key, needed)
    return key


def caller(request: Request, keys: Keys, stated: str = "") -> tuple[Key | None, str]:
    """Return the key of a request, if any, and the scope that it has; raise BadRequest. `stated`: a key of its address."""
    site = foreign_origin(request.headers)
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    sent = given.strip() if kind.lower() == "bearer" else stated
    token = sent or ("" if site else request.cookies.get(COOKIE, ""))
    key = keys.of(token) if token else None
    if not key:
        if sent or keys.any():
            raise _no_key(token)
        if site:
            raise _not_from(site)
        client = request.client.host if request.client else ""
        if is_rebound(client, request.headers):
            raise BadRequest("host_not_local", _REBOUND, 403)
        return None, "admin" if is_from_here(client, request.headers) else "search"
    if site and site not in key.origins:
        raise _not_from(site)
    return key, key.scope


def _no_key(token: str) -> BadRequest:
    if token:
        return BadRequest("key_unknown", UNKNOWN, 401)
    return BadRequest("key_required", "需要密钥：请求头要带 Authorization: Bearer 密钥；没有密钥请向管理员要一个", 401)


def _not_from(site: str) -> BadRequest:
    shown = "没有地址的网页（本地文件或沙箱）" if site == "null" else f"网站 {site[:200]} "
    what = "请管理员运行 jianbao key create 名称 --origin 网站地址，并在网页里换用新的密钥"
    return BadRequest("origin_not_allowed", f"{shown}还不能使用这项服务：{what}", 403)


def _too_small(key: Key | None, needed: str) -> BadRequest:
    who = f"密钥“{key.name}”不能用来{_MEANT[needed]}" if key else f"没有密钥时，只有在服务所在的机器上才能{_MEANT[needed]}"
    return BadRequest("scope_too_small", f"{who}：请管理员运行 jianbao key create 名称 --scope {needed}", 403)


def _shared(send: Send, site: str) -> Send:
    """Return a `send` that lets the pages of a site read the response."""

    async def send_shared(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = site
            if site != "*":
                headers.add_vary_header("Origin")
        await send(message)

    return send_shared
