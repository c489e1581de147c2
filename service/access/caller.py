"""Who asks: what a route is given of its caller, and of what is held as that caller sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from answer.answerer import Answerer
from index.search.index import SearchIndex
from index.store.groups import Groups
from service.errors import Refused
from service.keys.key import Key


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
