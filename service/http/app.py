"""The application: HTTP API, pages and MCP tools behind their middleware, and the form of errors."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from answer.answerer import Answerer
from index.errors import IndexingError, ModelUnavailable
from service import VERSION
from service.access.concurrency import concurrency_limits
from service.access.middleware import Access
from service.access.refusals import error_body, refusal
from service.audit.log import Audit
from service.errors import Refused
from service.http.journal import Journal
from service.http.metrics import add_metrics
from service.http.openapi import describe
from service.http.site import add_site
from service.keys.registry import Keys
from service.routes.ask import add_ask
from service.routes.cases import add_cases
from service.routes.corrections import add_corrections
from service.routes.documents import add_documents
from service.routes.feed import add_feed
from service.routes.feedback import add_feedback
from service.routes.items import add_items
from service.routes.mcp import add_mcp
from service.routes.pages import add_viewer
from service.routes.pictures import add_pictures
from service.routes.search import add_search
from service.routes.session import add_session
from service.routes.status import add_status
from service.routes.themes import add_themes
from service.routes.uploads import add_uploads
from service.settings import Settings, read_settings

_LOG = logging.getLogger("jianbao")


def create_app(
    answerer: Answerer | None, keys: Keys, settings: Settings | None = None, audit: Audit | None = None, anyone: bool = True
) -> FastAPI:
    """Return the application over an answerer; None if it is still loading, to be set later as `app.state.answerer`."""
    settings = settings or read_settings({})
    app = FastAPI(title="简报 Jianbao", version=VERSION, docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.answerer, limits = answerer, concurrency_limits()
    app.add_middleware(Access, keys=keys, settings=settings, anyone=anyone, limits=limits)
    app.add_middleware(Journal, audit=audit)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.proxies))
    app.add_middleware(Peer)
    _answer_errors(app)

    add_session(app, keys, settings, anyone)
    for add in (
        add_search,
        add_ask,
        add_documents,
        add_corrections,
        add_viewer,
        add_uploads,
        add_items,
        add_cases,
        add_themes,
        add_pictures,
        add_status,
        add_feed,
        add_feedback,
    ):
        add(app)

    add_metrics(app, limits)
    app.state.mcp = add_mcp(app, limits["draft"])
    add_site(app, keys)
    describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with app.state.mcp.session_manager.run():
        yield


class Peer:
    """Record the address of the direct peer, before the headers of a proxy replace it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        client = scope.get("client")
        scope.setdefault("state", {})["peer"] = client[0] if client else ""
        await self._app(scope, receive, send)


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    def bad_request(_request: Request, error: Refused) -> JSONResponse:
        return refusal(error)

    @app.exception_handler(ClientDisconnect)
    def gone(_request: Request, _error: ClientDisconnect) -> JSONResponse:
        return JSONResponse(error_body("too_slow", "文件没有传完，已停止等待：请重试"), 408)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = error.errors()
        unknown = "、".join(str(problem["loc"][-1]) for problem in problems if problem["type"] == "extra_forbidden")
        if unknown:
            return JSONResponse(error_body("unknown_parameter", f"没有这个参数：{unknown}"), 400)
        names = "、".join(str(problem["loc"][-1]) for problem in problems)
        return JSONResponse(error_body("invalid_parameter", f"参数的值不对：{names}"), 400)

    @app.exception_handler(ModelUnavailable)
    def no_model(_request: Request, error: ModelUnavailable) -> JSONResponse:
        _LOG.error("%s", error)  # names a server and quotes it: not for everybody who can search
        return refusal(Refused("model_unavailable", "检索用的模型暂时用不了，请稍后再试；原因见服务日志", 503))

    @app.exception_handler(IndexingError)
    def unavailable(request: Request, error: IndexingError) -> JSONResponse:
        _LOG.error("%s", error)
        caller = getattr(request.state, "caller", None)
        message = (
            str(error) if caller and caller.scope == "admin" else "检索暂时用不了，请稍后再试；原因见服务日志"
        )  # it contains paths
        return refusal(Refused("unavailable", message, 503))

    @app.exception_handler(HTTPException)
    def http_error(_request: Request, error: HTTPException) -> JSONResponse:
        messages = {404: ("not_found", "没有这个地址"), 405: ("method_not_allowed", "这个地址不接受这种请求")}
        code, message = messages.get(error.status_code, ("error", "请求没有成功"))
        return JSONResponse(error_body(code, message), error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse(error_body("internal", "服务出错了，请查看服务日志"), 500)
