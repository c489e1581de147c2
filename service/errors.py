"""What a person or a program asked for and cannot be given, and why."""

from __future__ import annotations


class Refused(Exception):
    """A request cannot be answered as it is; `code` is for programs, the message is Chinese and for people."""

    def __init__(self, code: str, message: str, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code, self.status = code, status
        self.retry_after = retry_after  # seconds, 0 where waiting does not help


def no_item(item_id: str) -> Refused:
    """Return the error of an item that is not held."""
    return Refused("no_item", f"没有编号为“{item_id[:50]}”的案例，可能它所在的文件已移除或更新", 404)


def no_document() -> Refused:
    """Return the error of a document that is not held."""
    return Refused("no_document", "没有这份文件，可能已从文件夹中移除", 404)
