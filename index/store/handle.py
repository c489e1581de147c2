"""The catalog as its readers hold it: statements go in and rows come out, whatever answers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Rows(Protocol):
    """What a statement finds, a tuple for each row; read once."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that have not been read."""

    def fetchone(self) -> Any:
        """Return the next row, None if there is none."""

    def fetchall(self) -> list[Any]:
        """Return all rows that have not been read."""


class Connection(Protocol):
    """One state of the catalog, of which statements show what is visible to the caller."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Run a statement; the parameters take the places of its question marks."""
