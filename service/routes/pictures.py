"""The routes for what the page's pictures show: where places stand on a map, what is told twice, numbers by month and issue."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI
from fastapi import Query as InAddress

from index.store.documents import items_by_issue, items_by_month
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.cases import stories_form
from service.actions.parameters import plain
from service.actions.places import places_form
from service.routes.items import ItemParameters

MOST_ISSUES = 1000  # in one response


def add_pictures(app: FastAPI) -> None:
    """Add the routes."""

    @app.get("/api/places")
    @needs("search")
    def places(region: str = "") -> dict[str, Any]:
        return places_form(plain(region))

    @app.get("/api/stories")
    @needs("search")
    def stories(asked: Annotated[ItemParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        return note("stories", stories_form(index, asked.items.split(",")), items=asked.items.split(","))

    @app.get("/api/numbers")
    @needs("search")
    def numbers(index: VisibleIndex) -> dict[str, Any]:
        return {"months": items_by_month(index.catalog), "issues": items_by_issue(index.catalog, MOST_ISSUES)}
