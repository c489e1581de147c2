"""GET /feed.atom: a search as an Atom feed, newest first, for portals and mail programs to poll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import FastAPI, Request
from fastapi import Query as InAddress
from fastapi.responses import Response

from cases.timeline import timeline
from index.search.hits import Hit
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.parameters import TopicParameters, checked_query

MOST = 50  # entries
_UNKNOWN_DATE = "1970-01-01"  # Atom requires a date of each entry
_NOT_IN_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


class FeedParameters(TopicParameters):
    """The parameters of a feed; feed readers send no headers, so the key may be one of them."""

    key: str = ""


def add_feed(app: FastAPI) -> None:
    """Add the route."""

    @app.get("/feed.atom", response_class=Response)
    @needs("search")
    def feed(request: Request, asked: Annotated[FeedParameters, InAddress()], index: VisibleIndex, note: Note) -> Response:
        topic = checked_query(asked.q)
        found = timeline(index, topic, asked.conditions)
        hits = [*reversed(found.dated), *found.undated][:MOST]
        body = _feed(topic, hits, str(request.base_url), str(request.url.remove_query_params("key")))
        shown = [{"document_id": hit.citation.document_id} for hit in hits]
        note("feed", shown, topic, conditions=asked.conditions, found=len(hits))
        return Response(body, media_type="application/atom+xml")


def _feed(topic: str, hits: Sequence[Hit], base: str, address: str) -> bytes:
    feed = Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(feed, "title", f"简报：{topic}")
    _add(feed, "id", address)
    SubElement(feed, "link", rel="self", href=address)
    _add(feed, "updated", _moment(max((hit.citation.date for hit in hits), default="")))
    _add(SubElement(feed, "author"), "name", "简报检索")
    for hit in hits:
        citation = hit.citation
        entry = SubElement(feed, "entry")
        _add(entry, "title", citation.item)
        _add(entry, "id", f"{base}items/{hit.item_id}")
        SubElement(entry, "link", href=f"{base}documents/{citation.document_id}#{citation.span[0]}-{citation.span[1]}")
        _add(entry, "updated", _moment(citation.date))
        _add(entry, "summary", f"{hit.text}\n{citation.line}")
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _add(parent: Element, name: str, text: str) -> None:
    made: Any = SubElement(parent, name)
    made.text = text.translate(_NOT_IN_XML)


def _moment(date: str) -> str:
    """Return an Atom timestamp: the start, in China, of a day."""
    return f"{date or _UNKNOWN_DATE}T00:00:00+08:00"
