"""The change counter of a catalog, and the lineage within which its numbers can be compared."""

from __future__ import annotations

from index.store.handle import Connection

# The first half of a lineage identifies the history of the passage numbers, the second the model whose vectors are served.
NEW_HISTORY = "UPDATE state SET value = hex(randomblob(8)) || '.' || hex(randomblob(8)) WHERE key = 'lineage'"
NEW_LINEAGE = "UPDATE state SET value = substr(value, 1, 16) || '.' || hex(randomblob(8)) WHERE key = 'lineage'"


def position(db: Connection) -> tuple[str, int, str]:
    """Return the catalog's lineage, the number of its last change, and the model whose vectors it serves."""
    state = dict(db.execute("SELECT key, value FROM state WHERE key IN ('lineage', 'change', 'model')"))
    return state["lineage"], int(state["change"]), state.get("model", "")


def history(lineage: str) -> str:
    """Return the part of a lineage that changes when passage numbers begin to mean other passages."""
    return lineage[:16]


def next_change(db: Connection) -> int:
    """Raise the change counter and return it."""
    db.execute("UPDATE state SET value = CAST(value AS INTEGER) + 1 WHERE key = 'change'")
    return int(db.execute("SELECT value FROM state WHERE key = 'change'").fetchone()[0])
