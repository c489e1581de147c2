"""The routes for the state of the index (sizes, missing issues, skipped files and why) and for suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI

from answer.not_found import holdings
from index.search.suggestions import AllSuggestions
from index.store.documents import list_unsure, skipped_files, warnings_of
from service import VERSION
from service.access.caller import VisibleIndex
from service.access.needs import needs
from service.actions.parameters import LONGEST_QUERY, plain
from service.errors import Refused

MOST_TOLD = 500  # skipped files in one response, and warnings
_MOST_SUGGESTIONS = 20


def add_status(app: FastAPI) -> None:
    """Add the routes for the state of the index and for suggested queries."""
    suggestions = AllSuggestions()

    @app.get("/api/status")
    @needs("search")
    def status(index: VisibleIndex) -> dict[str, Any]:
        catalog = index.catalog
        skipped, warnings = skipped_files(catalog), warnings_of(catalog, MOST_TOLD)
        return {
            **catalog.counts(),
            "series": [asdict(series) for series in holdings(index)],
            "skipped": _skipped_form(skipped),
            "skipped_total": len(skipped),
            "warnings": warnings,
            "unsure": list_unsure(catalog),
            "synced": catalog.state("synced"),
            "writing": bool(catalog.writer()),
            "version": VERSION,
        }

    @app.get("/api/suggest")
    @needs("search")
    def suggest(index: VisibleIndex, q: str = "", k: int = 8) -> dict[str, Any]:
        if not 1 <= k <= _MOST_SUGGESTIONS:
            raise Refused("bad_k", f"建议条数 k 要在 1 到 {_MOST_SUGGESTIONS} 之间")
        if len(q) > LONGEST_QUERY:
            raise Refused("query_too_long", f"问题太长（{len(q)} 字，上限 {LONGEST_QUERY} 字）")
        return {"query": q, "suggestions": [asdict(one) for one in suggestions.visible_in(index.catalog).of(plain(q), k)]}


def _skipped_form(skipped: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"file": file, "reason": reason} for file, reason in skipped[:MOST_TOLD]]
