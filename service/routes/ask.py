"""POST /api/ask: one JSON answer, or the same as server-sent events while a language model writes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response, StreamingResponse

from answer.answer import Answer
from answer.followup import readings_of
from index.errors import IndexingError
from service.access.caller import Note, VisibleAnswerer
from service.access.needs import needs
from service.access.refusals import error_body
from service.actions.forms import answer_form
from service.actions.parameters import FilterParameters, checked_query, checked_turns
from service.routes.events import STREAMED, event

_LOG = logging.getLogger("jianbao")


class AskBody(FilterParameters):
    """The body of POST /api/ask."""

    question: str
    previous: list[str] = []  # the earlier questions of the conversation, the earliest first
    stream: bool = False


def add_ask(app: FastAPI) -> None:
    """Add the route that answers."""

    @app.post("/api/ask")
    @needs("search", "ask")
    def ask(body: AskBody, answerer: VisibleAnswerer, note: Note) -> Response:
        question, before, conditions = checked_query(body.question), checked_turns(body.previous), body.conditions
        if body.stream:
            events = answerer.events(question, before, conditions)
            return StreamingResponse(
                _stream_answer(readings_of(question, before)[0], events, note),
                media_type="text/event-stream",
                headers=STREAMED,
            )
        return JSONResponse(_noted(note, answerer.answer(question, before, conditions)))


def _noted(note: Note, answer: Answer) -> dict[str, Any]:
    return note("ask", answer_form(answer), answer.understood, found=answer.found)


def _stream_answer(question: str, events: Iterator[Any], note: Note) -> Iterator[str]:
    """Yield an `understood` event (the completed question), `sentence` events as they come, then an `answer` or an `error`."""
    yield event("understood", {"question": question})
    note("ask", None, question)  # in case the caller disconnects before the answer is complete
    try:
        for part in events:
            if isinstance(part, Answer):
                yield event("answer", _noted(note, part))
            else:
                yield event("sentence", asdict(part))
    except IndexingError as error:
        _LOG.error("%s", error)
        yield event("error", error_body("unavailable", "检索暂时用不了，请稍后再试；原因见服务日志"))
