"""The routes for cases: one item with all its facts, and several as an export file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi import Query as InAddress
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from cases.stories import same_stories
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.items import export_of, item_form


class ItemParameters(BaseModel):
    """Item ids, separated by commas; an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    items: str = ""


class ExportParameters(ItemParameters):
    """The parameters of an export."""

    format: str = "markdown"
    title: str = ""


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
        body, media_type, name = export_of(index.catalog, asked.items.split(","), asked.format, asked.title, index)
        shown = [{"document_id": item_id.rpartition("-")[0]} for item_id in asked.items.split(",")]
        note("export", shown, items=asked.items.split(","), format=asked.format)
        disposition = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(body, media_type=media_type, headers={"Content-Disposition": disposition})
