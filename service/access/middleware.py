"""The access middleware: it lets in each request for data, or says why not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack, nullcontext
from functools import partial

from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.bounds import DECIDING, REFUSALS, Rates, check_head, in_time, patient, read_body
from service.access.caller import Caller, address_of
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
        request, send = Request(scope), _kept_private(send)
        try:
            check_head(scope["headers"], scope.get("raw_path", b"") + scope.get("query_string", b""), _deciding(self._settings))
            caller = scope.setdefault("state", {})["caller"] = self._let_in(request, needs)
            # A small request arrives in full before it takes a place, so that a slow sender occupies none.
            body = patient(receive) if needs.files else await read_body(receive, scope["headers"])
            place = self._limits[needs.work].place(caller.name, address_of(request)) if needs.work else nullcontext()
            async with AsyncExitStack() as held:
                await held.enter_async_context(place)
                site = foreign_origin(request.headers)
                app = _until_sent(self._app, held)
                serve = app if needs.files else partial(in_time, app)
                await serve(scope, body, with_cors(send, site) if site else send)
        except Refused as error:
            if error.status >= 500 and not error.retry_after:
                _LOG.error("%s", error)
            challenge = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
            await refusal(error, {**ANY_SITE, **challenge})(scope, receive, send)

    def _let_in(self, request: Request, needs: Needs) -> Caller:
        """Return the caller, if it may make this request; raise Refused if not."""
        address = address_of(request)
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
        if needs.files and caller.key and caller.key.origins:  # it stands in a page, for everybody to see
            raise Refused("no_files", f"密钥“{caller.name}”是给网页用的，不能传文件：请粘贴文字，或在检索网页上传", 403)
        return caller


def _deciding(settings: Settings) -> frozenset[bytes]:
    """Return the names of the headers by which it is decided who asks, and from where."""
    stated = (settings.sso_user, settings.sso_groups)
    return DECIDING | {name.lower().encode("latin-1", "replace") for name in stated if name}


def _kept_private(send: Send) -> Send:
    """Return a `send` by which no cache keeps a response that does not say otherwise, and no browser guesses its type."""

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("X-Content-Type-Options", "nosniff")
        await send(message)

    return send_private


def _until_sent(app: ASGIApp, held: AsyncExitStack) -> ASGIApp:
    """Return an application that gives back what is held when sending begins: who reads slowly occupies no place.

    Events are sent while the work goes on, and keep it.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_free(message: Message) -> None:
            if message["type"] == "http.response.start" and not Headers(raw=message["headers"]).get(
                "content-type", ""
            ).startswith("text/event-stream"):
                await held.aclose()
            await send(message)

        await app(scope, receive, send_free)

    return serve


def _too_small(caller: Caller, needed: str) -> Refused:
    by = f"密钥“{caller.name}”" if caller.key else f"“{caller.name}”"
    who = f"{by}不能用来{_ALLOWS[needed]}" if caller.name else f"没有密钥时，只有在服务所在的机器上才能{_ALLOWS[needed]}"
    return Refused("scope_too_small", f"{who}：请管理员运行 jianbao key create 名称 --scope {needed}", 403)
