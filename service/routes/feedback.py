"""POST /api/feedback: whether a result helped; stored in the audit, and exported from there as relevance judgments."""

from __future__ import annotations

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict

from index.store.documents import item_of
from service.access.caller import Note, VisibleIndex
from service.access.needs import needs
from service.actions.parameters import checked_query, plain
from service.errors import Refused, no_item

LONGEST_REASON = 500  # characters


class FeedbackBody(BaseModel):
    """The body of POST /api/feedback."""

    model_config = ConfigDict(extra="forbid")

    query: str  # the query that the result answers
    item: str = ""  # the case that did or did not help; "" for the whole answer
    helpful: bool
    reason: str = ""


def add_feedback(app: FastAPI) -> None:
    """Add the route."""

    @app.post("/api/feedback")
    @needs("search")
    def feedback(body: FeedbackBody, request: Request, index: VisibleIndex, note: Note) -> dict[str, bool]:
        query, reason, item = checked_query(body.query), plain(body.reason).strip(), plain(body.item)
        if len(reason) > LONGEST_REASON:
            raise Refused("reason_too_long", f"说明太长（{len(reason)} 字，上限 {LONGEST_REASON} 字）")
        if item and item_of(index.catalog, item) is None:
            raise no_item(item)
        if not request.state.audited:
            raise Refused("not_kept", "反馈没有记下：审计日志写不了，请告诉管理员", 503)
        return note("feedback", {"kept": True}, query, item=item, helpful=body.helpful, reason=reason)
