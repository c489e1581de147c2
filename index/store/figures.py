"""The figures that items state, a row each, so that all of them can be put in order without opening a document."""

from __future__ import annotations

import re
import sqlite3

from index.store.connections import placeholders
from index.store.handle import WritableConnection
from index.text.words import fold
from ingest.document import Document, Item

_FIELDS = ("start", "end", "value", "unit", "kind", "change", "each", "subject", "level")
COLUMNS = ", ".join(("item_id", *(f'"{name}"' for name in _FIELDS), "label", "context"))
_BEFORE = 120  # characters before a figure
_SENTENCE_END = re.compile("[。！？\n]")
TABLE = """
CREATE TABLE IF NOT EXISTS figures (                     -- ingest.document.Figure; label and context as texts are compared
    item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    value REAL NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, change INTEGER NOT NULL, each TEXT NOT NULL,
    subject TEXT NOT NULL, level INTEGER NOT NULL, label TEXT NOT NULL,
    context TEXT NOT NULL,                               -- the item's title, and the sentence as far as the figure
    PRIMARY KEY (label, item_id, start)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS figures_of_item ON figures (item_id);
"""
_WITHOUT = {"kind": "''", "change": "0", "each": "''", "subject": "''", "level": "3"}  # of items read before these were known
_VALUES = ", ".join(f"coalesce(json_extract(value, '$.{name}'), {_WITHOUT.get(name, 0)})" for name in _FIELDS)
_START = "json_extract(value, '$.start')"
STATED = (  # the rows that items' records make
    f"SELECT items.id, {_VALUES}, fold(coalesce(json_extract(value, '$.label'), '')),"
    f" context(json_extract(items.record, '$.title'), substr(text, max(1, {_START} - {_BEFORE - 1}), min({_START}, {_BEFORE})))"
    " FROM items JOIN documents ON documents.id = document_id, json_each(items.record, '$.figures')"
)


def with_functions(db: sqlite3.Connection) -> None:
    """Give a connection the functions that STATED calls."""
    db.create_function("fold", 1, fold, deterministic=True)
    db.create_function("context", 2, _context, deterministic=True)


def _context(title: str, before: str) -> str:
    return fold(f"{title} {_SENTENCE_END.split(before)[-1]}")


def add_figures(db: WritableConnection, item_id: str, document: Document, item: Item) -> None:
    """Add the rows of an item."""
    for figure in item.figures:
        stated = [item_id, *(getattr(figure, name) for name in _FIELDS), fold(figure.label)]
        before = document.text[max(0, figure.start - _BEFORE) : figure.start]
        row = [*stated, _context(item.title, before)]
        db.execute(f"INSERT INTO figures ({COLUMNS}) VALUES ({placeholders(row)})", row)
