"""The HTTP interface and the page."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from answer.answerer import Answerer
from index.errors import IndexingError, ModelUnavailable
from index.lookup import document_of, documents_held, file_of
from ingest.containers import opened_original
from ingest.errors import Unreadable
from ingest.plaintext import decode
from ingest.webpage import declared_charset
from service import VERSION
from service.ask import add_ask
from service.errors import BadRequest, error_body
from service.forms import MOST_DOCUMENTS, checked_query, document_form, refuse_unknown, search_form

_LOG = logging.getLogger("jianbao")
_WEB = Path(__file__).parent / "web"
_PAGE_POLICY = "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
# An original is somebody's file: whatever stands in it may be shown, nothing of it may run or call out.
_ORIGINAL_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_PAGES = {".html", ".htm", ".shtml"}
_TEXTS = {".txt", ".md"}


def create_app(answerer: Answerer) -> FastAPI:
    """Return the application that serves this answerer and its index."""
    index = answerer.index
    app = FastAPI(title="简报 Jianbao", version=VERSION, docs_url=None, redoc_url=None)
    _answer_errors(app)
    _add_pages(app)
    add_ask(app, answerer)

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

    @app.get("/api/documents")
    def documents() -> dict[str, Any]:
        counts = index.catalog.counts()
        total = {"total": counts["documents"], "items": counts["items"]}
        return {**total, "documents": documents_held(index.catalog, MOST_DOCUMENTS)}

    @app.get("/api/documents/{document_id}")
    def document(document_id: str) -> dict[str, Any]:
        if found := document_of(index.catalog, document_id):
            return document_form(found)
        raise _no_document()

    @app.get("/api/documents/{document_id}/original")
    def original(document_id: str) -> Response:
        file, origin = file_of(index.catalog, document_id)
        if not file:
            raise _no_document()
        return _original(Path(index.catalog.state("folder")), origin, file.removeprefix(origin))

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


def _no_document() -> BadRequest:
    return BadRequest("no_document", "没有这份文件，可能已从文件夹中移除", 404)


def _page(name: str) -> Response:
    headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(_WEB / name, headers=headers)


def _original(folder: Path, origin: str, member: str) -> Response:
    path = (folder / origin).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise BadRequest("no_original", "原件已不在文件夹中", 404)
    if not member.startswith("/"):
        return _file(path, path.name)
    try:
        with opened_original(path, member) as unpacked:
            if unpacked is None:
                raise BadRequest("no_original", "压缩包或邮件里已没有这份文件", 404)
            keeper = TemporaryDirectory(prefix="jianbao-")
            kept = Path(shutil.copy(unpacked, keeper.name))
    except Unreadable as error:
        raise BadRequest("no_original", str(error), 404) from error
    response = _file(kept, Path(member).name)
    response.background = BackgroundTask(keeper.cleanup)
    return response


def _file(path: Path, name: str) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    suffix = path.suffix.lower()
    if suffix == ".pdf":  # no sandbox: browsers do not show a PDF in one, and run nothing of it outside their viewer
        return FileResponse(path, filename=name, content_disposition_type="inline", headers=headers)
    headers["Content-Security-Policy"] = _ORIGINAL_POLICY
    if suffix in _PAGES:
        data = path.read_bytes()
        charset = declared_charset(data) or "utf-8"
        return Response(data, headers={**headers, "Content-Type": f"text/html; charset={charset}"})
    if suffix in _TEXTS:
        return _text(path, headers)
    return FileResponse(path, filename=name, headers=headers)


def _text(path: Path, headers: dict[str, str]) -> Response:
    try:
        return Response(decode(path.read_bytes()), media_type="text/plain; charset=utf-8", headers=headers)
    except Unreadable as error:
        raise BadRequest("no_original", str(error), 404) from error
