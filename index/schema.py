"""The tables of the catalog, and how its SQLite file is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import CatalogUnusable

VERSION = 2
FILE = "catalog.sqlite"
_FILES = """
CREATE TABLE IF NOT EXISTS files (
    file TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL,                                -- "" while it is being read
    reading INTEGER NOT NULL,                            -- how it was read: ingest.READING then
    same_as TEXT NOT NULL,                               -- the file of which it is a copy, or ""
    reason TEXT NOT NULL                                 -- why it could not be read, or ""
);
CREATE INDEX IF NOT EXISTS files_by_copy ON files (same_as);
"""
_DOCUMENTS = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, file TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, date TEXT NOT NULL, series TEXT NOT NULL,
    text TEXT NOT NULL, record TEXT NOT NULL,            -- record: the other fields of Document, JSON
    origin TEXT NOT NULL                                 -- the file it was read from; an archive holds several
);
"""
_FACTS = """
CREATE INDEX IF NOT EXISTS items_by_reprint ON items (same_as) WHERE same_as IS NOT NULL;
CREATE TABLE IF NOT EXISTS regions (item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS regions_of_item ON regions (item_id);
CREATE TABLE IF NOT EXISTS sketches (                    -- of an item's text, to find its reprints
    hash INTEGER NOT NULL, item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, PRIMARY KEY (hash, item_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sketches_of_item ON sketches (item_id);
"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
{_FILES}
{_DOCUMENTS}
CREATE INDEX IF NOT EXISTS documents_of_origin ON documents (origin);
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    section TEXT NOT NULL, record TEXT NOT NULL,         -- record: the fields of Item without its passages, JSON
    same_as TEXT                                         -- the item that this one reprints; it is not searched itself
);
CREATE INDEX IF NOT EXISTS items_of_document ON items (document_id);
CREATE TABLE IF NOT EXISTS contributors (item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS contributors_of_item ON contributors (item_id);
{_FACTS}
CREATE TABLE IF NOT EXISTS passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, role TEXT NOT NULL, context TEXT NOT NULL,
    change INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS vectors (
    number INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE, model TEXT NOT NULL,
    vector BLOB NOT NULL,                                -- little-endian float32
    PRIMARY KEY (number, model)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passages_of_item ON passages (item_id);
CREATE INDEX IF NOT EXISTS passages_by_change ON passages (change);
CREATE TABLE IF NOT EXISTS removed (number INTEGER PRIMARY KEY, change INTEGER NOT NULL);
INSERT OR IGNORE INTO state VALUES ('version', '{VERSION}'), ('change', '0');
"""


_FROM_VERSION_1 = f"""PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;
{_FILES}
INSERT INTO files SELECT file, size, mtime_ns, sha256, 1, '', '' FROM documents;
ALTER TABLE documents RENAME TO old_documents;
{_DOCUMENTS}
INSERT INTO documents SELECT id, file, kind, date, series, text, record, file FROM old_documents;
DROP TABLE old_documents;
CREATE INDEX documents_of_origin ON documents (origin);
ALTER TABLE items ADD COLUMN same_as TEXT;
{_FACTS}
UPDATE state SET value = '2' WHERE key = 'version';
COMMIT;"""


# What a passage was embedded from, with its vectors.
EMBEDDED = (
    'SELECT number, context, substr(text, start + 1, "end" - start), vector FROM passages JOIN vectors USING (number)'
    " JOIN items ON items.id = item_id JOIN documents ON documents.id = document_id"
)


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection: readers and the one writer do not wait for each other (WAL)."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        yield db


@contextmanager
def transaction(db: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Run a block as one transaction; a block that only reads begins with "BEGIN"."""
    db.execute(begin)
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def prepare(path: Path) -> None:
    """Make the tables where there are none; raise CatalogUnusable for another version or a file that is no catalog."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with connect(path) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
                db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
            if db.execute("SELECT value FROM state WHERE key = 'version'").fetchone()[0] == "1":
                db.executescript(
                    f"PRAGMA legacy_alter_table = ON; {_FROM_VERSION_1}"
                )  # keeps the vectors; the next sync reads all files again
            version = int(db.execute("SELECT value FROM state WHERE key = 'version'").fetchone()[0])
    except (OSError, sqlite3.DatabaseError) as error:
        raise CatalogUnusable(f"数据文件夹用不了：{path}（{error}）") from error
    if version != VERSION:
        raise CatalogUnusable(f"{path} 是第 {version} 版格式，本程序读第 {VERSION} 版：请换一个数据文件夹重新 sync")
