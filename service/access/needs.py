"""What a route needs of its caller and of the machine; each says so itself, where it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.routing import Match
from starlette.types import Scope

Endpoint = TypeVar("Endpoint", bound=object)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route needs before a request is let in."""

    scope: str = "search"  # one of SCOPES; "" for a page of ours that has no key yet
    work: str = "search"  # the concurrency limit that it counts against; "" where it takes no time
    files: bool = False  # whether files are sent, which are read for as long as that takes: scans page by page


_UNDECLARED = Needs("admin")
_NO_ROUTE = {"GET": "search", "HEAD": "search", "POST": "ingest", "PUT": "ingest", "DELETE": "ingest"}  # else admin


def needs(scope: str, work: str = "search", *, files: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Declare what an endpoint needs; stands between it and its route."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, "needs", Needs(scope, work, files))  # noqa: B010  any function may carry it
        return endpoint

    return declare


def needs_of(scope: Scope) -> Needs:
    """Return what the route of a request needs; one that does not say is for administrators only.

    Where there is no route, it is told so who may do such things at all.
    """
    for route in scope["app"].routes:
        if route.matches(scope)[0] is Match.FULL:
            return getattr(getattr(route, "endpoint", None), "needs", _UNDECLARED)
    return Needs(_NO_ROUTE.get(scope["method"], "admin"))
