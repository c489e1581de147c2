"""POST and DELETE /api/documents: index uploaded files with progress events; move originals out of the folder."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.datastructures import UploadFile

from index.errors import IndexingError
from index.progress import Watch, silent
from index.search.index import SearchIndex
from ingest.errors import IngestError
from ingest.read import LARGEST_FILE
from service.access.caller import Caller, CurrentCaller, Note, VisibleIndex, WholeIndex
from service.access.needs import needs
from service.access.refusals import error_body
from service.actions.parameters import plain
from service.errors import Refused
from service.inbox import folder
from service.inbox.accepted import place_for
from service.inbox.outcome import indexed, of_these
from service.routes.documents import original_of
from service.routes.events import STREAMED, event

MOST_FILES = 20  # in one request
MOST_FORM = 1000  # form parts that are parsed: more than MOST_FILES, so that the error can give the count
_FORM = 1 << 20  # bytes of a form besides its files
_COUNTED = ("files", "total_files", "pages", "passages_encoded", "passages_left")
_PATIENCE = 5.0  # seconds that a removal waits for an upload under way


def add_uploads(app: FastAPI) -> None:
    """Add the routes that add and remove documents."""
    turn = threading.Lock()  # uploads of this server wait for each other, but not for another process's sync

    @app.post("/api/documents", openapi_extra={"requestBody": _MULTIPART})
    @needs("ingest", "upload", files=True)
    async def upload(request: Request, index: WholeIndex, caller: CurrentCaller, note: Note) -> Response:
        stored = await _received(request, index, caller)
        note("upload", None, files=[one["file"] or one["name"] for one in stored])

        def work(watch: Watch) -> dict[str, Any]:
            with turn:
                done = indexed(index, stored, watch)
            return done if caller.groups is None else of_these(done, index.visible_to(caller.groups))

        if "text/event-stream" in request.headers.get("accept", ""):
            return StreamingResponse(
                _stream_progress(work, of_others=caller.groups is None), media_type="text/event-stream", headers=STREAMED
            )
        done = await run_in_threadpool(work, silent)
        return JSONResponse(done, 202 if done["waiting"] else 201)

    @app.delete("/api/documents/{document_id}")
    @needs("ingest")
    def remove(document_id: str, index: WholeIndex, visible: VisibleIndex, note: Note) -> dict[str, str]:
        original_of(visible, document_id, there=False)
        if not turn.acquire(timeout=_PATIENCE):
            raise Refused("busy", "正在收录上传的文件，请等它结束后再移出", 503)
        try:
            kept = folder.take_out(index.catalog, document_id)
            return note("remove", {"removed": document_id, "kept": kept}, opened=document_id)
        finally:
            turn.release()


_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_MULTIPART = {
    "content": {
        "multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILES, "group": {"type": "string"}}}}
    }
}


def refuse_large(request: Request, most: int, message: str) -> None:
    """Raise Refused if a form must have more than `most` bytes of files, or does not state its length."""
    if not (length := request.headers.get("content-length", "")).isdecimal():
        raise Refused("length_required", "请求要写明长度（Content-Length）", 411)
    if int(length) > most + _FORM:
        raise Refused("file_too_large", message, 413)


async def _received(request: Request, index: SearchIndex, caller: Caller) -> list[dict[str, str]]:
    """Put the files of a form into the folder; return the name and path of each, or the reason why it was refused."""
    refuse_large(request, LARGEST_FILE, f"一次最多上传 {LARGEST_FILE >> 20} MB，请分几次")
    stored = []
    async with request.form(max_files=MOST_FORM, max_fields=MOST_FORM) as form:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise Refused("no_file", "请求里没有文件：请用 multipart/form-data，字段名 file")
        if len(files) > MOST_FILES:
            raise Refused("too_many_files", f"一次最多上传 {MOST_FILES} 个文件（收到 {len(files)} 个），请分几次")
        group = plain(next((value for value in form.getlist("group") if isinstance(value, str)), "")).strip()
        place = await run_in_threadpool(place_for, index.catalog, group, caller.groups, caller.name)
        visible = index.visible_to(caller.groups).catalog
        for each in files:
            name = plain(each.filename or "")
            try:
                stored.append(
                    {"name": name, "file": await run_in_threadpool(folder.put, index.catalog, name, each.file, place, visible)}
                )
            except Refused as error:
                if len(files) == 1:
                    raise
                stored.append({"name": name, "file": "", "reason": str(error)})
    return stored


def _stream_progress(work: Callable[[Watch], dict[str, Any]], of_others: bool) -> Iterator[str]:
    """Yield `progress` events while `work` runs, then `done` or `error`; it runs on even if nobody listens.

    `of_others`: whether progress counts the files of others, which not everybody may know.
    """
    events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def run() -> None:
        try:
            hidden = {} if of_others else dict.fromkeys(_COUNTED, 0)
            events.put(("done", work(lambda progress: events.put(("progress", asdict(progress) | hidden)))))
        except (IndexingError, IngestError, Refused) as error:
            events.put(("error", error_body(getattr(error, "code", "unavailable"), str(error))))
        except Exception:
            events.put(("error", error_body("internal", "服务出错了，请查看服务日志")))
            raise

    threading.Thread(target=run, name="upload").start()
    name = ""
    while name not in ("done", "error"):
        name, data = events.get()
        yield event(name, data)
