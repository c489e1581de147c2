"""The tables of the catalog, and how those of older versions are migrated."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from filelock import Timeout

from index.errors import DAMAGED, Busy, CatalogUnusable
from index.store.connections import UNUSABLE, connect, is_writable, lock_of, why
from index.store.figures import COLUMNS, STATED, TABLE, with_functions
from index.store.groups import PUBLIC
from index.store.layout import FOLDER
from index.store.records import CORRECTED, SPAN, STAMPED, checksum
from ingest.document import CLOSED

VERSION = 8
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
    origin TEXT NOT NULL,                                -- the file it was read from; an archive holds several
    checksum INTEGER NOT NULL                            -- of file, text and record
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
_REMOVED = "CREATE INDEX IF NOT EXISTS removed_by_change ON removed (change);"
_WORDS = """
CREATE TABLE IF NOT EXISTS words (                       -- of the collection, to find those of like meaning
    word TEXT PRIMARY KEY, model TEXT NOT NULL, passages INTEGER NOT NULL, vector BLOB NOT NULL
);
"""
_GROUPS = """
ALTER TABLE documents ADD COLUMN folder_group TEXT NOT NULL DEFAULT '公开';   -- as index.store.groups tells from the origin
ALTER TABLE documents ADD COLUMN own_group TEXT NOT NULL DEFAULT '公开';      -- as the document states
ALTER TABLE files ADD COLUMN folder_group TEXT NOT NULL DEFAULT '公开';
CREATE INDEX documents_seen ON documents (id, folder_group, own_group);       -- the row of a long text is long to read
CREATE INDEX files_by_group ON files (folder_group);
"""
_CORRECTIONS = """
CREATE TABLE corrections (                               -- by people; they outlive their document, in case its file comes back
    number INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, kind TEXT NOT NULL,
    words TEXT NOT NULL, before INTEGER NOT NULL,        -- of the line: ingest.corrections.Anchor
    value TEXT NOT NULL, made_by TEXT NOT NULL, made_when TEXT NOT NULL,
    undone_by TEXT NOT NULL DEFAULT '', undone_when TEXT NOT NULL DEFAULT '',     -- "" while it counts
    checksum INTEGER NOT NULL                            -- of all but the number
);
CREATE INDEX corrections_of_document ON corrections (document_id);
CREATE TABLE as_read (                                   -- what corrected documents were before
    document_id TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE, record TEXT NOT NULL, checksum INTEGER NOT NULL
);
CREATE INDEX documents_by_certainty ON documents (json_extract(record, '$.certainty'));
"""
_MARKS = f"""
ALTER TABLE files ADD COLUMN stated TEXT NOT NULL DEFAULT '{CLOSED}';         -- access groups that any part states, a label
ALTER TABLE files ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;             -- of the file and its stamp
ALTER TABLE passages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;          -- of all but number and change
CREATE INDEX documents_placed ON documents (origin, folder_group);            -- to work out access groups without the texts
CREATE INDEX documents_stated ON documents (own_group, coalesce(nullif(json_extract(record, '$.group'), ''), '{PUBLIC}'));
"""
_CHECKED = f"""
UPDATE files SET checksum = checksum({STAMPED});
UPDATE passages SET checksum = checksum({SPAN});
UPDATE corrections SET checksum = checksum({CORRECTED});
"""
_LISTED = """
CREATE INDEX documents_listed ON documents (date, kind, series, id);          -- to filter without the rows of long texts
"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
{_FILES}
{_WORDS}
{_DOCUMENTS}
CREATE INDEX IF NOT EXISTS documents_of_origin ON documents (origin);
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    section TEXT NOT NULL, record TEXT NOT NULL,         -- record: the fields of Item without its passages, JSON
    same_as TEXT,                                        -- the item that this one reprints; it is not searched itself
    checksum INTEGER NOT NULL                            -- of the record
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
{_REMOVED}
{_GROUPS}
{_CORRECTIONS}
{_MARKS}
{TABLE}
{_LISTED}
INSERT OR IGNORE INTO state VALUES ('version', '{VERSION}'), ('change', '0'), ('lineage', hex(randomblob(8)) || '.');
"""
_FROM_VERSION = {
    1: f"""{_FILES}
INSERT INTO files SELECT file, size, mtime_ns, sha256, 1, '', '' FROM documents;
ALTER TABLE documents RENAME TO old_documents;
{_DOCUMENTS}
INSERT INTO documents SELECT id, file, kind, date, series, text, record, file, 0 FROM old_documents;
DROP TABLE old_documents;
CREATE INDEX documents_of_origin ON documents (origin);
ALTER TABLE items ADD COLUMN same_as TEXT;
{_FACTS}
ALTER TABLE documents DROP COLUMN checksum;""",
    2: f"""{_WORDS}
{_REMOVED}
ALTER TABLE documents ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE documents SET checksum = checksum(file, text, record);
UPDATE items SET checksum = checksum(record);
INSERT INTO state VALUES ('lineage', hex(randomblob(8)) || '.');""",
    3: _GROUPS,
    4: _CORRECTIONS,
    5: _MARKS + _CHECKED,
    6: "",  # what it added is made anew
    7: f"DROP TABLE IF EXISTS figures;{TABLE}INSERT INTO figures ({COLUMNS}) {STATED};{_LISTED}",
}


def prepare(path: Path) -> None:
    """Create the tables if there are none, migrate those of an older version; raise CatalogUnusable for a newer one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogUnusable(f"{UNUSABLE}（{path.parent}：{why(error)}）") from error
    if path.exists() and not path.stat().st_size and (path.parent / FOLDER).is_dir():
        raise CatalogUnusable(f"{DAMAGED}（{path} 是空的）")  # not a new catalog: views of it exist
    if is_writable(path):
        _close_to_others(path)
    version = version_of(path)
    if version > VERSION:
        raise CatalogUnusable(f"{path} 是第 {version} 版格式，本程序只读到第 {VERSION} 版：请升级程序，或换一个数据文件夹")
    if version != VERSION:
        try:
            with lock_of(path, wait=10):
                _migrate(path)
        except Timeout as error:
            raise Busy("另一个进程正在写这个数据文件夹，格式要等它结束后才能升级：请稍后再试") from error
        except OSError as error:
            raise CatalogUnusable(f"{UNUSABLE}（{path}：{why(error)}）") from error
    if is_writable(path):
        keep_log(path)


def _close_to_others(path: Path) -> None:
    """Make the file, or keep an older one, so that only its owner and group may read what all documents say."""
    with suppress(OSError):  # another user's file
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        for end in ("", "-wal", "-shm"):
            file = Path(f"{path}{end}")
            mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0
            if mode & 0o007 and mode & 0o200:  # one that nobody may write has been put there so
                file.chmod(mode & ~0o007)


def keep_log(path: Path) -> None:
    """Turn on SQLite's write-ahead log, so that readers and the one writer do not wait for each other."""
    with connect(path) as db:
        if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            db.execute("PRAGMA journal_mode = WAL")


def version_of(path: Path) -> int:
    """Return the version of the tables, 0 where there are none."""
    with connect(path) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
            return 0
        return int(db.execute("SELECT value FROM state WHERE key = 'version'").fetchone()[0])


def _migrate(path: Path) -> None:
    version = version_of(path)  # another process may have been first
    with connect(path) as db:
        if version == 0:
            db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
            return
        db.create_function("checksum", -1, lambda *values: checksum(*map(str, values)))
        with_functions(db)
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA legacy_alter_table = ON")
        for old in range(version, VERSION):  # vectors are kept; coming from version 1, the next sync reads all files again
            done = f"UPDATE state SET value = '{old + 1}' WHERE key = 'version';"
            db.executescript(f"BEGIN IMMEDIATE;{_FROM_VERSION[old]}{done}COMMIT;")
