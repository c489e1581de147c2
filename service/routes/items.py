"""The routes for cases: one item with all its facts, and several as an export file, for Word with pictures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi import Query as InAddress
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from cases.stories import same_stories
from index.search.index import SearchIndex
from service.access.caller import Note, Noting, VisibleIndex
from service.access.needs import needs
from service.actions.items import export_of, item_form
from service.actions.parameters import plain


class ItemParameters(BaseModel):
    """Item ids, separated by commas; an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    items: str = ""


class PictureBody(BaseModel):
    """A picture for a Word file: a PNG in base64, and its caption."""

    model_config = ConfigDict(extra="forbid")

    png: str
    caption: str = ""


class ExportParameters(ItemParameters):
    """The parameters of an export."""

    format: str = "markdown"
    title: str = ""


class ExportBody(ExportParameters):
    """The body of POST /api/export: an export with pictures."""

    pictures: list[PictureBody] = []


def add_items(app: FastAPI) -> None:
    """Add the routes that show and export cases."""

    @app.get("/api/items/{item_id}")
    @needs("search")
    def item(item_id: str, index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = item_form(index.catalog, item_id)
        return note("item", {**found, "retold": [asdict(story) for story in same_stories(index, item_id)]}, item=item_id)

    @app.get("/api/export")
    @needs("search")
    def export(asked: Annotated[ExportParameters, InAddress()], index: VisibleIndex, note: Note) -> Response:
        return exported_file(asked, [], index, note)

    @app.post("/api/export")
    @needs("search")
    def export_with_pictures(body: ExportBody, index: VisibleIndex, note: Note) -> Response:
        return exported_file(body, [(picture.png, plain(picture.caption).strip()) for picture in body.pictures], index, note)


def exported_file(asked: ExportParameters, pictures: list[tuple[str, str]], index: SearchIndex, note: Noting) -> Response:
    """Return the file that is asked for, as an attachment."""
    ids = asked.items.split(",")
    body, media_type, name = export_of(index.catalog, ids, asked.format, asked.title, index, pictures)
    shown = [{"document_id": item_id.rpartition("-")[0]} for item_id in ids]
    note("export", shown, items=ids, format=asked.format, pictures=len(pictures) or None)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(body, media_type=media_type, headers={"Content-Disposition": disposition})
