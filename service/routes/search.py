"""GET /api/search: the most relevant passages, with facets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI
from fastapi import Query as InAddress

from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.forms import search_form
from service.actions.parameters import SearchParameters, checked_k, checked_query


def add_search(app: FastAPI) -> None:
    """Add the route."""

    @app.get("/api/search")
    @needs("search")
    def search(asked: Annotated[SearchParameters, InAddress()], index: VisibleIndex, note: Note) -> dict[str, Any]:
        found = search_form(index, checked_query(asked.q), checked_k(asked.k), asked.conditions)
        return note("search", found, found["query"], conditions=asked.conditions, found=len(found["hits"]))
