"""The catalog as its readers hold it: statements go in and rows come out, whatever answers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol


class Rows(Protocol):
    """What a statement finds, a tuple for each row; read once."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that have not been read."""

    def fetchone(self) -> Any:
        """Return the next row, None if there is none."""

    def fetchall(self) -> list[Any]:
        """Return all rows that have not been read."""

    @property
    def description(self) -> Any:
        """The columns, a tuple that begins with the name for each."""

    @property
    def lastrowid(self) -> int | None:
        """The number that the catalog gave to the row inserted last."""


class Connection(Protocol):
    """One state of the catalog, of which statements show what is visible to the caller."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Run a statement; the parameters take the places of its question marks."""


class WritableConnection(Connection, Protocol):
    """One by which the catalog's writer changes it."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Any:
        """Run a statement once for each row of parameters."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun and not ended."""
