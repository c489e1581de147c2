"""GET /api/themes: what the collection is about over the years."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI
from fastapi import Query as InAddress

from cases.themes import KnownThemes
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.parameters import FilterParameters
from service.actions.themes import themes_form


def add_themes(app: FastAPI) -> None:
    """Add the route."""
    known = KnownThemes()

    @app.get("/api/themes")
    @needs("search")
    def themes(asked: Annotated[FilterParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        return note("themes", themes_form(known.of(index, asked.conditions)), conditions=asked.conditions)
