"""What lets the pages of other sites read responses (CORS)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

ANY_SITE = {"Access-Control-Allow-Origin": "*"}  # on what holds no data
PREFLIGHT = {
    **ANY_SITE,
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}


def with_cors(send: Send, site: str) -> Send:
    """Return a `send` that lets the pages of a site read the response."""

    async def send_with_cors(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = site
            if site != "*":
                headers.add_vary_header("Origin")
        await send(message)

    return send_with_cors
