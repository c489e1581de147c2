"""What a route needs of its caller and of the machine, declared at the route itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from starlette.routing import Match
from starlette.types import Scope

Endpoint = TypeVar("Endpoint", bound=object)
ScopeName = Literal["", "search", "ingest", "admin"]


@dataclass(frozen=True, slots=True)
class Needs:
    """The needs of a route, checked before a request is let in."""

    scope: str = "search"  # one of SCOPES; "" for our own page while it has no key yet
    work: str = "search"  # the concurrency limit that it counts against; "" where it takes no time
    files: bool = False  # whether files are sent; reading them has no time limit: scans are read page by page
    public: bool = False  # open to anybody: it has no data


_UNDECLARED = Needs("admin")
_NO_ROUTE = {"GET": "search", "HEAD": "search", "POST": "ingest", "PUT": "ingest", "DELETE": "ingest"}  # by method, else admin
_DATA = ("/api/", "/feed.atom", "/mcp", "/metrics")  # below these even a path without a route is refused to strangers


def public(endpoint: Endpoint) -> Endpoint:
    """Declare that an endpoint, or an application that is mounted, has no data and is open to anybody."""
    setattr(endpoint, "needs", Needs("", "", public=True))  # noqa: B010  a function has no such attribute of its own
    return endpoint


def needs(scope: ScopeName, work: str = "search", *, files: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Declare what an endpoint needs; the decorator goes between the route and the function."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, "needs", Needs(scope, work, files))  # noqa: B010  a function has no such attribute of its own
        return endpoint

    return declare


def needs_of(scope: Scope) -> Needs:
    """Return what the route of a request needs; a route that declares nothing is for administrators only.

    A path of data without a route needs the usual scope of its method: only callers with that scope learn that it does not
    exist. Any other path without a route is nobody's.
    """
    for route in scope["app"].routes:
        if route.matches(scope)[0] is Match.FULL:
            return getattr(getattr(route, "endpoint", getattr(route, "app", None)), "needs", _UNDECLARED)
    data = scope["path"].startswith(_DATA)
    return Needs(_NO_ROUTE.get(scope["method"], "admin")) if data else Needs("", "", public=True)
