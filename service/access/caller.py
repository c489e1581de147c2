"""Dependencies of the routes: the caller, the index as visible to it, and the function that notes a response for the audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Request

from answer.answerer import Answerer
from index.search.index import SearchIndex
from index.store.groups import Groups
from service.errors import Refused
from service.keys.key import Key

_MOST_SHOWN = 100  # documents in one audit line
Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, what it may do, and which documents are visible to it."""

    name: str  # of the key, or of the person who has signed on; "" without a key or session
    scope: str  # one of SCOPES
    groups: Groups  # access groups whose documents are visible, None for all
    key: Key | None = None


def whole_answerer(request: Request) -> Answerer:
    """Return the answerer over the whole index; raise Refused while it is being loaded."""
    answerer: Answerer | None = request.app.state.answerer
    if answerer is None:
        raise Refused("loading", "服务正在启动，索引和模型还没有载入：请稍后再试", 503)
    return answerer


def whole_index(request: Request) -> SearchIndex:
    """Return the whole index, for routes that change it."""
    return whole_answerer(request).index


def caller_of(request: Request) -> Caller:
    """Return the caller; fail for a request that the access middleware has not let in."""
    caller: Caller = request.state.caller
    return caller


def visible_answerer(request: Request) -> Answerer:
    """Return the answerer over what is visible to the caller."""
    return whole_answerer(request).visible_to(caller_of(request).groups)


def visible_index(request: Request) -> SearchIndex:
    """Return the index restricted to what is visible to the caller."""
    return whole_index(request).visible_to(caller_of(request).groups)


def address_of(request: Request) -> str:
    """Return the address that a request comes from, "" if it is not known."""
    return request.client.host if request.client else ""


CurrentCaller = Annotated[Caller, Depends(caller_of)]
VisibleIndex = Annotated[SearchIndex, Depends(visible_index)]
VisibleAnswerer = Annotated[Answerer, Depends(visible_answerer)]
WholeIndex = Annotated[SearchIndex, Depends(whole_index)]


class Noting(Protocol):
    """Notes the response of a route (`told`) for the audit, and returns it."""

    def __call__(self, action: str, told: Body, query: str = "", **more: Any) -> Body:
        """Note an action; `more` goes into its audit line, without what is empty."""


def noting(request: Request) -> Noting:
    """Return the function with which a route notes what the audit line of this request says."""

    def note(action: str, told: Body, query: str = "", **more: Any) -> Body:
        shown = list(dict.fromkeys(_documents(told)))[:_MOST_SHOWN]
        asked = {"query": query} if query else {}
        request.state.noted = {
            "action": action,
            **asked,
            **{k: v for k, v in more.items() if v != "" and v is not None and v != {}},
            "shown": shown,
        }
        return told

    return note


def unnoted(action: str, told: Body, query: str = "", **more: Any) -> Body:
    """Return `told` without a note: a person on this very machine needs no audit."""
    return told


Note = Annotated[Noting, Depends(noting)]


def _documents(response: Any) -> Iterator[str]:
    """Yield the ids of all documents anywhere in a response."""
    if isinstance(response, Mapping):
        if isinstance(document_id := response.get("document_id"), str):
            yield document_id
        for value in response.values():
            if isinstance(value, (Mapping, list, tuple)):
                yield from _documents(value)
    elif isinstance(response, (list, tuple)):
        for value in response:
            yield from _documents(value)
