"""Errors that tell a caller why a request cannot be answered."""

from __future__ import annotations


class Refused(Exception):
    """A request cannot be answered as it stands; `code` is for programs, the message (Chinese) for people."""

    def __init__(self, code: str, message: str, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code, self.status = code, status
        self.retry_after = retry_after  # seconds until a retry makes sense, 0 if unknown, or where waiting does not help


def no_item(item_id: str) -> Refused:
    """Return the error for an item that is not indexed."""
    return Refused("no_item", f"没有编号为“{item_id[:50]}”的案例，可能它所在的文件已移除或更新", 404)


def no_document() -> Refused:
    """Return the error for a document that is not indexed."""
    return Refused("no_document", "没有这份文件，可能已从文件夹中移除", 404)
