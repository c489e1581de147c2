"""The JSON form of themes, the same on every interface."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cases.themes import Theme, Themes

MOST_CASES = 20  # newest cases named of one theme


def themes_form(found: Themes) -> dict[str, Any]:
    """Return {"periods", "items", "themes": [{"names", "total", "counts", "trend", "cases"}]}."""
    return {"periods": found.periods, "items": found.items, "themes": list(map(_form, found.themes))}


def _form(theme: Theme) -> dict[str, Any]:
    cases = [asdict(one) for one in theme.items[:MOST_CASES]]
    return {"names": theme.names, "total": len(theme.items), "counts": theme.counts, "trend": theme.trend, "cases": cases}
