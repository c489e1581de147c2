"""The routes of the viewer: page images of originals, and where on them a span of a document's text stands."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response

from index.search.index import SearchIndex
from index.store.documents import document_of
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.pages.process import PageProcess
from ingest.pages.worker import Source
from ingest.read import PAGED
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.errors import Refused, no_document
from service.routes.documents import original_of

NARROWEST, WIDEST = 600, 2400  # width of a page image, in pixels
_WIDTHS = (800, 1200, 1600, WIDEST)  # few, so that an image drawn once serves again
LONGEST_SPAN = 20_000  # characters, about a dozen pages
_WAITING = 8  # requests at a time, so that searches keep the server's other threads
_RENDERING = 1  # raise it when page images change, so that browsers fetch them again


def add_viewer(app: FastAPI) -> None:
    """Add the routes that show pages; the process `app.state.pages` draws and reads them."""
    pages = app.state.pages = PageProcess()
    threads = CapacityLimiter(_WAITING)

    @app.get("/api/documents/{document_id}/pages/{number}")
    @needs("search", "page")
    async def page(
        request: Request, index: VisibleIndex, note: Note, document_id: str, number: int, width: int = 1200
    ) -> Response:
        cached = request.headers.get("if-none-match", "")
        note("page", None, opened=document_id, page=number)
        return await to_thread.run_sync(_page, index, pages, document_id, number, width, cached, limiter=threads)

    @app.get("/api/documents/{document_id}/places")
    @needs("search", "page")
    async def places(index: VisibleIndex, document_id: str, start: int | None = None, end: int | None = None) -> dict[str, Any]:
        return await to_thread.run_sync(_places, index, pages, document_id, start, end, limiter=threads)


def _page(index: SearchIndex, pages: PageProcess, document_id: str, number: int, width: int, cached: str) -> Response:
    if not NARROWEST <= width <= WIDEST:
        raise Refused("bad_width", f"页面图的宽度 width 要在 {NARROWEST} 到 {WIDEST} 像素之间")
    source = _source(index, document_id)
    if source is None:
        raise Refused("no_pages", "这种格式的原件不分页，没有页面图", 404)
    wide = next(step for step in _WIDTHS if step >= width)
    drawn = f"{_RENDERING} {source.member} {source.stamp} {number} {wide}"
    headers = {
        "ETag": f'"{hashlib.sha256(drawn.encode()).hexdigest()[:20]}"',
        "Cache-Control": "private, no-cache",  # revalidated each time by its ETag: another person may have signed on
        "X-Content-Type-Options": "nosniff",
    }
    if headers["ETag"] in cached:
        return Response(status_code=304, headers=headers)
    try:
        picture = pages.picture(source, number, wide)
    except Unreadable as error:
        raise _unavailable(error) from error
    original_of(index, document_id)  # a file that has changed meanwhile may state other groups
    if picture is None:
        raise Refused("no_page", f"原件没有第 {number} 页", 404)
    return Response(picture, media_type="image/webp", headers=headers)


def _places(index: SearchIndex, pages: PageProcess, document_id: str, start: int | None, end: int | None) -> dict[str, Any]:
    """Return {"pages", "sizes", "places": [{"page", "boxes"}], "recognised"}; boxes in shares of page width and height."""
    document = document_of(index.catalog, document_id)
    if document is None:
        raise no_document()
    span = _checked_span(document, start, end)
    source = _source(index, document_id)
    if source is None:
        return {"pages": 0, "sizes": [], "places": [], "recognised": {}}
    try:
        total, sizes = pages.sizes(source)
        places = _on_pages(pages, source, document, *span) if span else []
    except Unreadable as error:
        raise _unavailable(error) from error
    shown = {place["page"] for place in places}
    recognised = {page: sure for page, sure in document.recognised if page in shown}
    return {"pages": total, "sizes": sizes, "places": places, "recognised": recognised}


def _checked_span(document: Document, start: int | None, end: int | None) -> tuple[int, int] | None:
    if start is None and end is None:
        return None
    length = len(document.text)
    if start is None or end is None or not 0 <= start < end <= length:
        raise Refused("bad_span", f"start 和 end 要同时给出，且 0 ≤ start < end ≤ {length}")
    if end - start > LONGEST_SPAN:
        raise Refused("span_too_long", f"这一段太长（{end - start} 字，上限 {LONGEST_SPAN} 字）")
    return start, end


def _on_pages(pages: PageProcess, source: Source, document: Document, start: int, end: int) -> list[dict[str, Any]]:
    """Return each page with some text of the span, and the boxes that could be found there."""
    recognised = {page for page, _ in document.recognised}
    borders = (*document.page_starts, len(document.text))
    spanned = document.pages(start, end) or (1, 0)
    places = []
    for number in range(spanned[0], spanned[-1] + 1):
        begin, stop = borders[number - 1], borders[number]
        here = max(start, begin), min(end, stop)
        text = document.text[begin:stop]
        if text[here[0] - begin : here[1] - begin].strip():
            boxes = pages.boxes(source, number, number in recognised, text, here[0] - begin, here[1] - begin)
            places.append({"page": number, "boxes": boxes})
    return places


def _source(index: SearchIndex, document_id: str) -> Source | None:
    """Return the original of a document, None if its format has no pages."""
    path, member = original_of(index, document_id)
    if member.startswith("#") or Path(path.name + member).suffix.lower() not in PAGED:
        return None
    stat = path.stat()
    return Source(path, member, f"{stat.st_size} {stat.st_mtime_ns}")


def _unavailable(error: Unreadable) -> Refused:
    return Refused("page_unavailable", str(error), 503)
