"""The routes for documents: their list, a document as it was read, and its original file."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask, BackgroundTasks

from index.search.index import SearchIndex
from index.store.documents import file_of, list_documents
from index.store.groups import stamp_if_seen
from ingest.containers import opened_original
from ingest.errors import Unreadable
from ingest.formats.plaintext import decode
from ingest.formats.webpage import declared_charset
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.forms import MOST_DOCUMENTS
from service.errors import Refused, no_document
from service.routes.corrections import corrected_form

# An original is a foreign file: its content may be shown, but may neither run scripts nor load anything.
_ORIGINAL_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_PAGES = {".html", ".htm", ".shtml"}
_TEXTS = {".txt", ".md"}
_HEAD = 4096  # bytes of a page in which it says its encoding


def add_documents(app: FastAPI) -> None:
    """Add the routes that show documents."""

    @app.get("/api/documents")
    @needs("search")
    def documents(index: VisibleIndex, k: int = MOST_DOCUMENTS) -> dict[str, Any]:
        if not 1 <= k <= MOST_DOCUMENTS:
            raise Refused("bad_k", f"份数 k 要在 1 到 {MOST_DOCUMENTS} 之间")
        counts = index.catalog.counts()
        total = {"total": counts["documents"], "items": counts["items"]}
        return {**total, "documents": list_documents(index.catalog, k)}

    @app.get("/api/documents/{document_id}")
    @needs("search")
    def document(document_id: str, index: VisibleIndex, note: Note) -> dict[str, Any]:
        return note("document", corrected_form(index, document_id), opened=document_id)

    @app.get("/api/documents/{document_id}/original")
    @needs("search")
    def original(document_id: str, index: VisibleIndex, note: Note) -> Response:
        path, member = original_of(index, document_id)
        note("original", None, opened=document_id)
        return _original(path, member) if index.catalog.groups is None else _checked_original(index, document_id, path, member)


def original_of(index: SearchIndex, document_id: str, there: bool = True) -> tuple[Path, str]:
    """Return the file a document was read from, and its member as `opened_original` takes it; raise Refused.

    A file that contains anything not visible to the caller is refused. `there`: whether it has to be in the folder still.
    """
    file, origin = file_of(index.catalog, document_id)
    if not file:
        raise no_document()
    with index.catalog.connect() as db:
        stamp = stamp_if_seen(db, origin)
    limited = index.catalog.groups is not None
    if limited and stamp is None:
        raise Refused("no_original", "这份文件所在的表格、邮件或压缩包里还有您不能看的内容，所以不能打开原件", 404)
    known = index.catalog.state("folder")
    folder = Path(known).resolve()
    path = (folder / origin).resolve()
    if not known or not path.is_relative_to(folder) or (there and not path.is_file()):
        raise Refused("no_original", "原件已不在文件夹中", 404)
    if limited and there and (path.stat().st_size, path.stat().st_mtime_ns) != stamp:  # it may state other groups now
        raise Refused("no_original", "原件在收录之后改过，下一次收录以后才能打开", 404)
    return path, file.removeprefix(origin)


def _original(path: Path, member: str) -> Response:
    return _copied(path, member) if member.startswith("/") else _file(path, path.name)


def _checked_original(index: SearchIndex, document_id: str, path: Path, member: str) -> Response:
    """Return a copy of an original, which is still the one that may be shown when it has been made."""
    response = _copied(path, member)
    original_of(index, document_id)
    return response


def _copied(path: Path, member: str) -> Response:
    keeper = TemporaryDirectory(prefix="jianbao-")
    try:
        with opened_original(path, member) as unpacked:
            if unpacked is None:
                raise Refused("no_original", "压缩包或邮件里已没有这份文件", 404)
            copy = Path(shutil.copy2(unpacked, keeper.name))
    except Unreadable as error:
        raise Refused("no_original", str(error), 404) from error
    response = _file(copy, Path(member if member.startswith("/") else path).name)
    cleanups = [task for task in (response.background, BackgroundTask(keeper.cleanup)) if task]
    response.background = BackgroundTasks(cleanups)
    return response


def _file(path: Path, name: str) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    suffix = path.suffix.lower()
    if suffix == ".pdf":  # no sandbox: browsers show no PDF in one, and run its scripts only inside their viewer
        return FileResponse(path, filename=name, content_disposition_type="inline", headers=headers)
    headers["Content-Security-Policy"] = _ORIGINAL_POLICY
    if suffix in _PAGES:
        with path.open("rb") as stream:
            charset = declared_charset(stream.read(_HEAD)) or "utf-8"
        return FileResponse(path, media_type=f"text/html; charset={charset}", headers=headers)
    if suffix in _TEXTS:
        return _text(path, headers)
    return FileResponse(path, filename=name, headers=headers)


def _text(path: Path, headers: dict[str, str]) -> Response:
    """Return a text in UTF-8, sent from a file: many of them, slowly read, would fill the memory."""
    keeper = TemporaryDirectory(prefix="jianbao-")
    copy = Path(keeper.name) / "text"
    try:
        copy.write_bytes(decode(path.read_bytes()).encode())
    except Unreadable as error:
        raise Refused("no_original", str(error), 404) from error
    return FileResponse(
        copy, media_type="text/plain; charset=utf-8", headers=headers, background=BackgroundTask(keeper.cleanup)
    )
