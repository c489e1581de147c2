"""The HTTP interface and the page."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from answer.answerer import Answerer
from index.errors import IndexingError, ModelUnavailable
from service import VERSION
from service.ask import add_ask
from service.documents import add_documents
from service.errors import BadRequest, error_body
from service.forms import checked_query, refuse_unknown, search_form

_LOG = logging.getLogger("jianbao")
_WEB = Path(__file__).parent / "web"
_PAGE_POLICY = "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"


def create_app(answerer: Answerer) -> FastAPI:
    """Return the application that serves this answerer and its index."""
    index = answerer.index
    app = FastAPI(title="简报 Jianbao", version=VERSION, docs_url=None, redoc_url=None)
    _answer_errors(app)
    _add_pages(app)
    add_ask(app, answerer)
    add_documents(app, index)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/search")
    def search(
        request: Request,
        q: str = "",
        k: int = 10,
        kind: str = "",
        region: str = "",
        section: str = "",
        contributor: str = "",
        since: str = "",
        until: str = "",
        document: str = "",
        folder: str = "",
    ) -> dict[str, Any]:
        refuse_unknown(request.query_params.keys())
        return search_form(index, *checked_query(q, k, request.query_params))

    return app


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return _page("index.html")

    @app.get("/documents/{document_id}", include_in_schema=False)
    def reading_page(document_id: str) -> Response:
        return _page("document.html")

    app.mount("/web", StaticFiles(directory=_WEB), name="web")


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(BadRequest)
    def bad_request(_request: Request, error: BadRequest) -> JSONResponse:
        return JSONResponse(error_body(error.code, str(error)), error.status)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        names = "、".join(str(problem["loc"][-1]) for problem in error.errors())
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


def _page(name: str) -> Response:
    headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(_WEB / name, headers=headers)
