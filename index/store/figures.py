"""The figures that items state, a row each, so that all of them can be put in order without opening a document."""

from __future__ import annotations

import sqlite3

from index.text.words import fold

_FIELDS = ("start", "end", "value", "unit", "kind", "change", "each", "subject", "level")
COLUMNS = ", ".join(("item_id", *(f'"{name}"' for name in _FIELDS), "label"))
TABLE = """
CREATE TABLE IF NOT EXISTS figures (                     -- ingest.document.Figure; the label as texts are compared
    item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    value REAL NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, change INTEGER NOT NULL, each TEXT NOT NULL,
    subject TEXT NOT NULL, level INTEGER NOT NULL, label TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS figures_of_item ON figures (item_id);
CREATE INDEX IF NOT EXISTS figures_by_label ON figures (label);
"""
_WITHOUT = {"kind": "''", "change": "0", "each": "''", "subject": "''", "level": "3"}  # of items read before these were known
_VALUES = ", ".join(f"coalesce(json_extract(value, '$.{name}'), {_WITHOUT.get(name, 0)})" for name in _FIELDS)
STATED = (  # the rows that items' records make
    f"SELECT items.id, {_VALUES}, fold(coalesce(json_extract(value, '$.label'), ''))"
    " FROM items, json_each(items.record, '$.figures')"
)


def with_fold(db: sqlite3.Connection) -> None:
    """Give a connection the function that STATED calls."""
    db.create_function("fold", 1, fold, deterministic=True)


def add_figures(db: sqlite3.Connection, document_id: str) -> None:
    """Add the rows of a document's items."""
    with_fold(db)
    db.execute(f"INSERT INTO figures ({COLUMNS}) {STATED} WHERE items.document_id = ?", [document_id])
