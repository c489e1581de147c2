"""Errors of requests, and the one JSON shape in which every error is told."""

from __future__ import annotations


class BadRequest(Exception):
    """A request cannot be answered as it is; `code` is for programs, the message is Chinese and for people."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def no_item(item_id: str) -> BadRequest:
    """Return the error of an item that is not held."""
    return BadRequest("no_item", f"没有编号为“{item_id[:50]}”的案例，可能它所在的文件已移除或更新", 404)


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """Return {"error": {"code", "message"}}."""
    return {"error": {"code": code, "message": message}}
