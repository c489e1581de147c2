"""The HTTP interface and the page."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi import Query as InAddress
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from answer.answerer import Answerer
from index.errors import IndexingError, ModelUnavailable
from service import VERSION
from service.access import Access
from service.ask import add_ask
from service.documents import add_documents
from service.errors import BadRequest, error_body
from service.feed import add_feed
from service.forms import search_form
from service.items import add_items
from service.keys import Keys
from service.precedents import add_precedents
from service.requested import Query, checked_k, checked_query
from service.session import add_session
from service.site import add_site
from service.status import add_status
from service.uploads import add_uploads
from service.viewer import add_viewer

_LOG = logging.getLogger("jianbao")


def create_app(answerer: Answerer, keys: Keys) -> FastAPI:
    """Return the application that serves this answerer and its index."""
    index = answerer.index
    app = FastAPI(title="简报 Jianbao", version=VERSION, docs_url=None, redoc_url=None)
    app.add_middleware(Access, keys=keys)
    _answer_errors(app)
    add_session(app, keys)
    add_ask(app, answerer)
    add_documents(app, index)
    add_viewer(app, index)
    add_uploads(app, index)
    add_items(app, index)
    add_precedents(app, index)
    add_status(app, index)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/search")
    def search(asked: Annotated[Query, InAddress()]) -> dict[str, Any]:
        return search_form(index, checked_query(asked.q), checked_k(asked.k), asked.conditions)

    add_feed(app, index, keys)
    add_site(app, keys)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(BadRequest)
    def bad_request(_request: Request, error: BadRequest) -> JSONResponse:
        return JSONResponse(error_body(error.code, str(error)), error.status)

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
        _LOG.error("%s", error)  # names a server, and what it said: not for everybody who can search
        return JSONResponse(error_body("model_unavailable", "检索用的模型暂时用不了，请稍后再试；原因见服务日志"), 503)

    @app.exception_handler(IndexingError)
    def unavailable(_request: Request, error: IndexingError) -> JSONResponse:
        return JSONResponse(error_body("unavailable", str(error)), 503)

    @app.exception_handler(HTTPException)
    def http_error(_request: Request, error: HTTPException) -> JSONResponse:
        messages = {404: ("not_found", "没有这个地址"), 405: ("method_not_allowed", "这个地址不接受这种请求")}
        code, message = messages.get(error.status_code, ("error", "请求没有成功"))
        return JSONResponse(error_body(code, message), error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse(error_body("internal", "服务出错了，请查看服务日志"), 500)
