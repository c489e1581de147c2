"""POST and DELETE /api/documents/{id}/corrections: people correct how a document was read, and undo that."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from index.errors import Busy
from index.search.index import SearchIndex
from index.store.corrections import corrections_of
from index.store.documents import document_of
from index.sync.corrections import correct, undo
from service.access.caller import CurrentCaller, Note, VisibleIndex, WholeIndex
from service.access.needs import needs
from service.actions.corrections import checked_correction, correction_forms
from service.actions.forms import document_form
from service.errors import Refused, no_document

_BUSY = "正在收录文件，请等它结束后再更正"


class CorrectionBody(BaseModel):
    """The body of POST /api/documents/{id}/corrections."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    at: int | None = None  # offset in the document's text, of the line or item; none for the document's title and date
    line: str = ""  # the words that the caller saw there
    value: str = ""


def add_corrections(app: FastAPI) -> None:
    """Add the routes that correct documents."""

    @app.post("/api/documents/{document_id}/corrections", status_code=201)
    @needs("ingest")
    def add(
        document_id: str, body: CorrectionBody, index: WholeIndex, visible: VisibleIndex, caller: CurrentCaller, note: Note
    ) -> dict[str, Any]:
        if not (document := document_of(visible.catalog, document_id)):
            raise no_document()
        made = checked_correction(document, body.kind, body.at, body.line, body.value)
        note("correct", None, opened=document_id, kind=made.kind, where=made.anchor.words, value=made.value)
        try:
            if not correct(index.catalog, index.encoder, document_id, made, caller.name):
                raise Refused("nothing_to_correct", "这里本来就是这样，没有改动", 409)
        except Busy as error:
            raise Refused("busy", _BUSY, 503) from error
        return corrected_form(visible, document_id)

    @app.delete("/api/documents/{document_id}/corrections/{number}")
    @needs("ingest")
    def remove(
        document_id: str, number: int, index: WholeIndex, visible: VisibleIndex, caller: CurrentCaller, note: Note
    ) -> dict[str, Any]:
        stored = {one.number: one for one in corrections_of(visible.catalog, document_id)}
        if not (one := stored.get(number)):
            raise Refused("no_correction", "没有这一处更正", 404)
        note("undo", None, opened=document_id, kind=one.correction.kind, where=one.correction.anchor.words)
        try:
            if not undo(index.catalog, index.encoder, document_id, number, caller.name):
                raise Refused("already_undone", "这一处更正已经撤销了", 409)
        except Busy as error:
            raise Refused("busy", _BUSY, 503) from error
        return corrected_form(visible, document_id)


def corrected_form(index: SearchIndex, document_id: str) -> dict[str, Any]:
    """Return a document as it is now, with its corrections; raise Refused."""
    if not (document := document_of(index.catalog, document_id)):
        raise no_document()
    return {**document_form(document), "corrections": correction_forms(document, corrections_of(index.catalog, document_id))}
