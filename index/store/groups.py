"""Access groups (公开, 内部, …): connections that show only the documents visible to a caller.

Every query of Jianbao names tables of the catalog. For a caller who may not see all, temporary SQLite views of the same
names hide these tables, so no query can forget the caller, and nothing can be written. A document is visible to a caller who
has the access group of its folder and all of those that it states itself, which are stored as one label (内部/农业处).
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from index.store.connections import placeholders
from index.store.handle import Connection, WritableConnection
from ingest.access.words import parts
from ingest.document import CLOSED

PUBLIC = "公开"  # unless a rule or the document states another; visible to everybody who may search

Groups = frozenset[str] | None  # the access groups of a caller, beside PUBLIC; None: everything is visible
Rules = Mapping[str, Sequence[str]]  # access group → the folders, below the indexed one, that belong to it

_VISIBLE = "d.folder_group IN {groups} AND d.own_group IN {groups}"
_OF_ITEM = ("passages", "regions", "contributors", "figures")
_OF_DOCUMENT = ("corrections", "as_read")  # a correction whose document is not there is nobody's


@contextmanager
def visible_only(db: sqlite3.Connection, groups: Groups) -> Iterator[None]:
    """Show within a block only what is visible to these access groups (0.2 ms)."""
    if groups is None:
        yield
        return
    for statement in _views(groups):
        db.execute(statement)
    try:
        yield
    finally:
        for name in ("documents", "items", "files", *_OF_ITEM, *_OF_DOCUMENT):
            db.execute(f"DROP VIEW temp.{name}")


def _views(groups: frozenset[str]) -> Iterator[str]:
    listed = "({})".format(", ".join("'{}'".format(name.replace("'", "''")) for name in sorted(groups | {PUBLIC})))
    visible = _VISIBLE.format(groups=listed)
    yield "PRAGMA temp_store = MEMORY"
    # Rows are tested through an index, without joins: so SQLite plans a query as it does for callers who may see all.
    test = f"SELECT {visible} FROM main.documents d INDEXED BY documents_seen WHERE d.id ="
    yield f"CREATE TEMP VIEW documents AS SELECT rowid, * FROM main.documents o WHERE ({test} o.id)"
    yield f"CREATE TEMP VIEW items AS SELECT i.rowid, i.* FROM main.items i WHERE ({test} i.document_id)"
    for name in _OF_ITEM:
        item = f"(SELECT ({test} i.document_id) FROM main.items i WHERE i.id = p.item_id)"
        yield f"CREATE TEMP VIEW {name} AS SELECT p.* FROM main.{name} p WHERE {item}"
    for name in _OF_DOCUMENT:
        yield f"CREATE TEMP VIEW {name} AS SELECT c.* FROM main.{name} c WHERE ({test} c.document_id)"
    hidden = f"SELECT 1 FROM main.documents d WHERE d.origin = f.file AND NOT ({visible})"
    files = f"SELECT f.rowid, f.* FROM main.files f WHERE f.folder_group IN {listed} AND f.stated IN {listed}"
    yield f"CREATE TEMP VIEW files AS {files} AND NOT EXISTS ({hidden})"


def seen_by(groups: frozenset[str], in_use: frozenset[str]) -> frozenset[str]:
    """Return the groups and labels in use that a caller of these access groups may see, beside PUBLIC."""
    own = (groups | {PUBLIC}) - {CLOSED}
    return frozenset(stored for stored in in_use if parts(stored) <= own) - {PUBLIC}


def stamp_if_seen(db: Connection, origin: str) -> tuple[int, int] | None:
    """Return size and time of a file as it was read, None unless the caller may see all that is in it, skipped parts too."""
    row: tuple[int, int] | None = db.execute("SELECT size, mtime_ns FROM files WHERE file = ?", [origin]).fetchone()
    return row


def folder_groups(rules: Rules) -> Callable[[str], str]:
    """Return a function from a file's path below the indexed folder to its access group, by the longest folder in the rules."""
    named = [(place_of(folder), group) for group, folders in rules.items() for folder in folders]
    by_length = sorted(named, key=lambda pair: -len(pair[0]))

    def group_of(file: str) -> str:
        place = place_of(file)
        return next((group for folder, group in by_length if place.startswith(folder)), PUBLIC)

    return group_of


def place_of(folder: str) -> str:
    """Return a folder's or file's path for comparison: its parts in NFC with "/" after each, "" for the indexed folder."""
    parts = unicodedata.normalize("NFC", folder).replace("\\", "/").split("/")
    return "".join(f"{part}/" for part in parts if part not in ("", "."))


def rules_as_kept(db: Connection) -> str:
    """Return the rules of a catalog as stored, in JSON."""
    row = db.execute("SELECT value FROM state WHERE key = 'groups'").fetchone()
    return row[0] if row else "{}"


def rules_of(db: Connection) -> dict[str, list[str]]:
    """Return the rules of a catalog."""
    rules: dict[str, list[str]] = json.loads(rules_as_kept(db))
    return rules


def group_of(db: Connection, file: str) -> str:
    """Return the access group of a file by the rules of a catalog."""
    return _folder_groups(rules_as_kept(db))(file)


@lru_cache(maxsize=8)
def _folder_groups(kept: str) -> Callable[[str], str]:
    return folder_groups(json.loads(kept))


def are_kept(db: Connection, rules: Rules) -> bool:
    """Tell whether a catalog has exactly these rules."""
    return rules_as_kept(db) == _written(rules)


def _written(rules: Rules) -> str:
    return json.dumps({group: sorted(folders) for group, folders in sorted(rules.items())}, ensure_ascii=False)


def groups_in_use(db: Connection) -> frozenset[str]:
    """Return the access groups of all documents and files."""
    columns = (("documents", "folder_group"), ("documents", "own_group"), ("files", "folder_group"), ("files", "stated"))
    tables = [f"SELECT {column} FROM {table}" for table, column in columns]
    return frozenset(row[0] for row in db.execute(" UNION ".join(tables)))


def unknown_groups(db: Connection) -> dict[str, list[str]]:
    """Return the access groups that documents state and the rules do not have, with the documents' files."""
    known, found = {PUBLIC, CLOSED, *rules_of(db)}, dict[str, list[str]]()
    for (stored,) in db.execute("SELECT DISTINCT own_group FROM documents").fetchall():
        for group in sorted(parts(stored) - known):
            rows = db.execute("SELECT file FROM documents WHERE own_group = ? ORDER BY file", [stored])
            found.setdefault(group, []).extend(file for (file,) in rows)
    return found


def misplaced(db: WritableConnection, rules: Rules | None = None) -> int:
    """Return how many documents and files have other access groups than the rules, and the documents themselves, say."""
    group_of = folder_groups(rules_of(db) if rules is None else rules)
    placed = sum(times for *_, times in _wrongly_placed(db, group_of))
    return placed + int(db.execute(f"SELECT count(*) FROM documents WHERE own_group <> {_STATED}").fetchone()[0])


_STATED = f"coalesce(nullif(json_extract(record, '$.group'), ''), '{PUBLIC}')"
_AT_ONCE = 500  # files in one statement
_PLACED = (("documents", "origin"), ("files", "file"))  # table, column by which the rules place its rows; each an index alone


def _wrongly_placed(db: WritableConnection, group_of: Callable[[str], str]) -> Iterator[tuple[str, str, str, str, int]]:
    """Yield table, column, file and access group by the rules of the files whose rows have another, and how many do."""
    for table, column in _PLACED:
        grouped = f"SELECT {column}, folder_group, count(*) FROM {table} GROUP BY {column}, folder_group"
        for file, group, times in db.execute(grouped):
            if group != (right := group_of(file)):
                yield table, column, file, right, times


def regroup(db: WritableConnection, rules: Rules, change: int) -> None:
    """Work out the access groups of all documents and files by new rules, and by what the documents state.

    A reprint of an item that is now in another one is separated.
    """
    wrong: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for table, column, file, group, _ in _wrongly_placed(db, folder_groups(rules)):
        wrong[table, column, group].append(file)
    for (table, column, group), files in wrong.items():
        for start in range(0, len(files), _AT_ONCE):
            some = files[start : start + _AT_ONCE]
            db.execute(f"UPDATE {table} SET folder_group = ? WHERE {column} IN ({placeholders(some)})", [group, *some])
    db.execute(f"UPDATE documents SET own_group = {_STATED} WHERE own_group <> {_STATED}")
    parted = (
        "SELECT i.id FROM items i JOIN documents d ON d.id = i.document_id JOIN items o ON o.id = i.same_as"
        " JOIN documents e ON e.id = o.document_id WHERE d.folder_group <> e.folder_group OR d.own_group <> e.own_group"
    )
    ids = [row[0] for row in db.execute(parted)]
    for item_id in ids:
        db.execute("UPDATE items SET same_as = NULL WHERE id = ?", [item_id])
        db.execute("UPDATE passages SET change = ? WHERE item_id = ?", [change, item_id])
    db.execute(  # the next sync reads copies of files that are now in another access group
        "UPDATE files SET reading = 0 WHERE same_as <> '' AND folder_group <> (SELECT folder_group FROM files f"
        " WHERE f.file = files.same_as)"
    )
    db.execute("INSERT OR REPLACE INTO state VALUES ('groups', ?)", [_written(rules)])
