"""What a route is given: its caller, what is held as that caller sees it, and what notes for the audit what it is told."""

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

_MOST_SHOWN = 100  # documents of one line
Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, and what it may do and see."""

    name: str  # of the key, or of the person who has signed on; "" for anybody on this machine
    scope: str  # one of SCOPES
    groups: Groups  # of documents, None for all
    key: Key | None = None


def whole_answerer(request: Request) -> Answerer:
    """Return what answers from everything that is held; raise BadRequest while it is being loaded."""
    answerer: Answerer | None = request.app.state.answerer
    if answerer is None:
        raise Refused("loading", "服务正在启动，索引和模型还没有载入：请稍后再试", 503)
    return answerer


def whole_index(request: Request) -> SearchIndex:
    """Return everything that is held; for what changes it."""
    return whole_answerer(request).index


def caller_of(request: Request) -> Caller:
    """Return who asks; a request that nobody has let in has none, and is an error."""
    caller: Caller = request.state.caller
    return caller


def visible_answerer(request: Request) -> Answerer:
    """Return what answers from what the caller may see."""
    return whole_answerer(request).visible_to(caller_of(request).groups)


def visible_index(request: Request) -> SearchIndex:
    """Return what is held as the caller may see it."""
    return whole_index(request).visible_to(caller_of(request).groups)


CurrentCaller = Annotated[Caller, Depends(caller_of)]
VisibleIndex = Annotated[SearchIndex, Depends(visible_index)]
VisibleAnswerer = Annotated[Answerer, Depends(visible_answerer)]
WholeIndex = Annotated[SearchIndex, Depends(whole_index)]


class Noting(Protocol):
    """Notes what a route tells its caller, and gives it back."""

    def __call__(self, action: str, told: Body, query: str = "", **more: Any) -> Body:
        """Note an action; `more` stands in its line as it is."""


def noting(request: Request) -> Noting:
    """Return what notes of this request stand in its line of the audit."""

    def note(action: str, told: Body, query: str = "", **more: Any) -> Body:
        shown = list(dict.fromkeys(_documents(told)))[:_MOST_SHOWN]
        said = {"query": query} if query else {}
        request.state.noted = {
            "action": action,
            **said,
            **{k: v for k, v in more.items() if v != "" and v is not None and v != {}},
            "shown": shown,
        }
        return told

    return note


def unnoted(action: str, told: Body, query: str = "", **more: Any) -> Body:
    """Give back what is told to a person at this very machine, which needs no note."""
    return told


Note = Annotated[Noting, Depends(noting)]


def _documents(told: Any) -> Iterator[str]:
    """Yield the ids of the documents that stand anywhere in what is told."""
    if isinstance(told, Mapping):
        if isinstance(one := told.get("document_id"), str):
            yield one
        for value in told.values():
            if isinstance(value, (Mapping, list, tuple)):
                yield from _documents(value)
    elif isinstance(told, (list, tuple)):
        for value in told:
            yield from _documents(value)
