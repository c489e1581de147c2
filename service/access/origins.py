"""Origins: the site that a request comes from, whether it is our own, and the headers for pages of other sites (CORS)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


ANY_SITE = {"Access-Control-Allow-Origin": "*"}  # for responses without data
PREFLIGHT = {
    **ANY_SITE,
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}


def foreign_origin(headers: Mapping[str, str]) -> str:
    """Return the other site whose page sent a request; "" for our own page or no page at all.

    Schemes are not compared: behind a proxy that ends TLS, the page's is https and ours http.
    """
    origin, fetch_site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    if origin is None:  # browsers leave it out where a page of another site loads a picture or a script
        return "null" if fetch_site in ("cross-site", "same-site") and not _is_followed_link(headers) else ""
    scheme, _, address = origin.lower().partition("://")
    own = _without_usual_port(headers.get("host", ""))
    # A browser that says which site it is has compared schemes, too.
    if scheme in ("http", "https") and fetch_site == "same-origin" and own and _without_usual_port(address) == own:
        return ""
    return origin.lower() or "null"


def _is_followed_link(headers: Mapping[str, str]) -> bool:
    """Tell whether a person has followed a link, as from a portal to an original: the page with the link sees nothing of it."""
    return (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")


def is_from_here(client: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request comes from this machine, and names this machine as its host.

    The headers give away a proxy on this machine and a page whose host name was pointed at 127.0.0.1 (DNS rebinding).
    """
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return is_loopback(client) and is_loopback(host) and not _is_forwarded(headers)


def is_rebound(client: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a browser on this machine was led here under another host name (DNS rebinding)."""
    has_host = bool(headers.get("host"))
    return has_host and is_loopback(client) and not _is_forwarded(headers) and not is_from_here(client, headers)


def _is_forwarded(headers: Mapping[str, str]) -> bool:
    return any(name in headers for name in _FORWARDED)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _without_usual_port(address: str) -> str:
    return address.lower().removesuffix(":80").removesuffix(":443")


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
