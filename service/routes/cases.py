"""The routes for precedents: case search, cases similar to one or to a draft, timelines and comparisons."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi import Query as InAddress
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from cases.similar import Case
from index.search.index import SearchIndex
from ingest.budget import draft_budget
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.cases import cases_form, comparison_form, figures_form, similar_form, timeline_form
from service.actions.drafts import case_of_file, case_of_item, case_of_text
from service.actions.parameters import FilterParameters, SearchParameters, TopicParameters, checked_k, plain
from service.errors import Refused
from service.inbox.accepted import format_of
from service.routes.items import ItemParameters
from service.routes.uploads import MOST_FORM, refuse_large


class CaseParameters(SearchParameters):
    """The parameters of a search for cases."""

    sort: str = ""
    figure: str = ""
    form: str = ""


class FigureParameters(TopicParameters):
    """The parameters of a list of what figures measure."""

    like: str = ""


class TimelineParameters(TopicParameters):
    """The parameters of a timeline."""

    form: str = ""


class SimilarParameters(FilterParameters):
    """The parameters of a search for similar cases."""

    k: int = 10
    elsewhere: bool = False  # whether to leave out cases of the same regions


class SimilarBody(SimilarParameters):
    """The body of POST /api/similar: an item's id, or a text."""

    item: str = ""
    text: str = ""


def add_cases(app: FastAPI) -> None:
    """Add the routes."""

    @app.get("/api/cases")
    @needs("search")
    def cases(asked: Annotated[CaseParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = cases_form(index, asked.q, asked.k, asked.conditions, asked.sort, asked.figure, asked.form)
        return note("cases", found, found["query"], figure=asked.figure, conditions=asked.conditions, found=found["total"])

    @app.get("/api/figures")
    @needs("search")
    def figures(asked: Annotated[FigureParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = figures_form(index, asked.q, asked.conditions, asked.like)
        return note("figures", found, found["query"], figure=asked.like, conditions=asked.conditions)

    @app.post("/api/similar")
    @needs("search", "draft")
    def find(body: SimilarBody, index: VisibleIndex, note: Note) -> dict[str, Any]:
        if bool(body.item) == bool(body.text.strip()):
            raise Refused("bad_draft", "item（案例编号）和 text（草稿全文）要写一个，且只写一个")
        case = case_of_item(index, plain(body.item)) if body.item else case_of_text(index, body.text)
        return note(
            "similar", similar_form(index, case, body.k, body.conditions, body.elsewhere), case.title, item=plain(body.item)
        )

    @app.post("/api/similar/file", openapi_extra={"requestBody": _FILE})
    @needs("search", "draft", files=True)
    async def find_file(
        request: Request, asked: Annotated[SimilarParameters, InAddress()], index: VisibleIndex, note: Note
    ) -> dict[str, Any]:
        k, conditions = checked_k(asked.k), asked.conditions
        case = await case_of_upload(index, request)
        found = await run_in_threadpool(similar_form, index, case, k, conditions, asked.elsewhere)
        return note("similar", found, case.title)

    @app.get("/api/timeline")
    @needs("search")
    def in_time(asked: Annotated[TimelineParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = timeline_form(index, asked.q, asked.conditions, asked.form)
        return note("timeline", found, found["query"], conditions=asked.conditions, found=len(found["hits"]))

    @app.get("/api/compare")
    @needs("search")
    def side_by_side(asked: Annotated[ItemParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        return note("compare", comparison_form(index, asked.items.split(",")))


LARGEST_DRAFT = 20 << 20  # bytes of a file
_LONGEST_NAME = 50  # characters of a file name, which is the title of a draft without one
_FILE = {
    "content": {
        "multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}
    }
}


async def case_of_upload(index: SearchIndex, request: Request) -> Case:
    """Return the draft in a form's field `file` as a case; raise Refused."""
    refuse_large(request, LARGEST_DRAFT, f"草稿文件太大（上限 {LARGEST_DRAFT >> 20} MB）")
    async with request.form(max_files=MOST_FORM, max_fields=MOST_FORM) as form:
        files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
        if len(files) != 1:
            message = "请求里没有文件：请用 multipart/form-data，字段名 file" if not files else "一次只能用一个文件查找"
            raise Refused("no_file" if not files else "too_many_files", message)
        name = re.sub(r"[\x00-\x1f]|.*[/\\]", "", plain(files[0].filename or ""))
        suffix, content = format_of(name), await files[0].read()
    gone = threading.Event()
    watching = asyncio.create_task(_hang_up(request, gone))
    try:
        short = name.removesuffix(suffix)[:_LONGEST_NAME] + suffix
        return await run_in_threadpool(_case_of_bytes, index, short, content, gone.is_set)
    finally:
        watching.cancel()


async def _hang_up(request: Request, gone: threading.Event) -> None:
    """Set `gone` when the sender of a request, which has come in whole, hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()


def _case_of_bytes(index: SearchIndex, name: str, content: bytes, gone: Callable[[], bool]) -> Case:
    with TemporaryDirectory(prefix="jianbao-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return case_of_file(index, path, draft_budget(), gone)
