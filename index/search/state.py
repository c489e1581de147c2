"""What a search reads: the catalog, and what is retrieved by vectors and words, in one state."""

from __future__ import annotations

from typing import Protocol

from index.retrieval import Retrieval
from index.store.handle import Connection


class State(Retrieval, Protocol):
    """One state of the index as visible to a caller, of catalog and retrieval alike, for as long as it is lent."""

    @property
    def db(self) -> Connection:
        """The catalog."""
