"""The access middleware: it lets in each request for data, or says why not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access.bounds import REFUSALS, Rates, in_time, patient, read_body
from service.access.caller import Caller
from service.access.concurrency import ConcurrencyLimit, concurrency_limits
from service.access.identity import identify, not_from
from service.access.needs import Needs, needs_of
from service.access.origins import ANY_SITE, PREFLIGHT, foreign_origin, with_cors
from service.access.refusals import refusal
from service.errors import Refused
from service.keys.key import SCOPES, USUAL_RATE
from service.keys.registry import Keys
from service.settings import Settings

_LOG = logging.getLogger("jianbao")
_CODE = ("/web/", "/widget.js")  # public, and loaded as modules by the pages of other sites
_ALLOWS = {"search": "检索和提问", "ingest": "收录文件", "admin": "管理"}


class Access:
    """Let requests in by key, site, scope, rate and concurrency limit; responses stream through unchanged."""

    def __init__(
        self,
        app: ASGIApp,
        keys: Keys,
        settings: Settings,
        anyone: bool = False,
        limits: Mapping[str, ConcurrencyLimit] | None = None,
    ) -> None:
        self._app, self._keys, self._settings, self._anyone = app, keys, settings, anyone
        self._rates = Rates()
        self._limits = limits or concurrency_limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if path.startswith(_CODE):
            await self._app(scope, receive, with_cors(send, "*"))
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":  # a web socket: the service has none
            await send({"type": "websocket.close", "code": 1008})
        elif (needs := needs_of(scope)).public:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":  # always allowed: the page can then read the actual response, which may refuse
            await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
        else:
            await self._protected(needs, scope, receive, send)

    async def _protected(self, needs: Needs, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            caller = scope.setdefault("state", {})["caller"] = self._let_in(request, needs)
            # A small request arrives in full before it takes a place, so that a slow sender occupies none.
            body = patient(receive) if needs.files else await read_body(receive, scope["headers"])
            place = self._limits[needs.work].place(caller.name, _address(request)) if needs.work else nullcontext()
            async with place:
                site = foreign_origin(request.headers)
                serve = self._app if needs.files else partial(in_time, self._app)
                await serve(scope, body, with_cors(send, site) if site else send)
        except Refused as error:
            if error.status >= 500 and not error.retry_after:
                _LOG.error("%s", error)
            challenge = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
            await refusal(error, {**ANY_SITE, **challenge})(scope, receive, send)

    def _let_in(self, request: Request, needs: Needs) -> Caller:
        """Return the caller, if it may make this request; raise Refused if not."""
        address = _address(request)
        if not needs.scope:
            self._rates.count(USUAL_RATE, "session", address)
            if site := foreign_origin(request.headers):
                raise not_from(site)
            return Caller("", "", frozenset())
        try:
            caller = identify(request, self._keys, self._settings, self._anyone)
        except Refused as error:
            if error.status == 401:
                self._rates.count(REFUSALS, "refused", address)
            raise
        if caller.scope != "admin" or caller.key:
            self._rates.count(caller.key.per_minute if caller.key else USUAL_RATE, "caller", caller.name, address)
        if SCOPES.index(caller.scope) < SCOPES.index(needs.scope):
            raise _too_small(caller, needs.scope)
        return caller


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _too_small(caller: Caller, needed: str) -> Refused:
    by = f"密钥“{caller.name}”" if caller.key else f"“{caller.name}”"
    who = f"{by}不能用来{_ALLOWS[needed]}" if caller.name else f"没有密钥时，只有在服务所在的机器上才能{_ALLOWS[needed]}"
    return Refused("scope_too_small", f"{who}：请管理员运行 jianbao key create 名称 --scope {needed}", 403)
