"""Server-sent events: their format, and the headers of their response."""

from __future__ import annotations

import json
from typing import Any

STREAMED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # so that a proxy passes events on as they come


def event(name: str, data: Any) -> str:
    """Return one event, its data as JSON."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
