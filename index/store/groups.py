"""Document groups (公开, 内部, …): a connection that shows nothing of the documents a caller may not see.

Every query of Jianbao names tables of the catalog. For a caller who may not see all, temporary views of the same names stand
before these tables, so no query can forget the caller, and nothing can be written. A document is seen by who has both the
group of its folder and the group that it states itself.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

PUBLIC = "公开"  # what no rule and no document says otherwise of; everybody who may search sees it

Groups = frozenset[str] | None  # what a caller may see, beside PUBLIC; None: everything
Rules = Mapping[str, Sequence[str]]  # groups: the folders, below the one that is indexed, that belong to them

_SEEN = "d.folder_group IN {groups} AND d.own_group IN {groups}"
_OF_ITEM = ("passages", "regions", "contributors")


@contextmanager
def visible_only(db: sqlite3.Connection, groups: Groups) -> Iterator[None]:
    """Show within a block only what these groups may see (0.2 ms)."""
    if groups is None:
        yield
        return
    for statement in _views(groups):
        db.execute(statement)
    try:
        yield
    finally:
        for name in ("documents", "items", "files", *_OF_ITEM):
            db.execute(f"DROP VIEW temp.{name}")


def _views(groups: frozenset[str]) -> Iterator[str]:
    listed = "({})".format(", ".join("'{}'".format(name.replace("'", "''")) for name in sorted(groups | {PUBLIC})))
    seen = _SEEN.format(groups=listed)
    yield "PRAGMA temp_store = MEMORY"
    # Tests of a row by an index, and no joins: so a query is planned as it is for who may see all.
    test = f"SELECT {seen} FROM main.documents d INDEXED BY documents_seen WHERE d.id ="
    yield f"CREATE TEMP VIEW documents AS SELECT rowid, * FROM main.documents o WHERE ({test} o.id)"
    yield f"CREATE TEMP VIEW items AS SELECT i.rowid, i.* FROM main.items i WHERE ({test} i.document_id)"
    for name in _OF_ITEM:
        item = f"(SELECT ({test} i.document_id) FROM main.items i WHERE i.id = p.item_id)"
        yield f"CREATE TEMP VIEW {name} AS SELECT p.* FROM main.{name} p WHERE {item}"
    hidden = f"SELECT 1 FROM main.documents d WHERE d.origin = f.file AND NOT ({seen})"
    files = "SELECT f.rowid, f.* FROM main.files f WHERE f.folder_group IN"
    yield f"CREATE TEMP VIEW files AS {files} {listed} AND NOT EXISTS ({hidden})"


def is_wholly_seen(db: sqlite3.Connection, origin: str) -> bool:
    """Tell whether all documents that were read from a file are shown: one of a table's rows may be for others' eyes."""
    (held,) = db.execute("SELECT count(*) FROM main.documents WHERE origin = ?", [origin]).fetchone()
    (shown,) = db.execute("SELECT count(*) FROM documents WHERE origin = ?", [origin]).fetchone()
    return bool(held == shown)


def folder_groups(rules: Rules) -> Callable[[str], str]:
    """Return what says which group a file belongs to, by its path below the folder: that of the longest folder named."""
    named = [(place_of(folder), group) for group, some in rules.items() for folder in some]
    by_length = sorted(named, key=lambda pair: -len(pair[0]))

    def group_of(file: str) -> str:
        place = place_of(file)
        return next((group for folder, group in by_length if place.startswith(folder)), PUBLIC)

    return group_of


def place_of(folder: str) -> str:
    """Return a folder, or a file, as it is compared: its parts in one Unicode form with "/" after each, "" for all."""
    parts = unicodedata.normalize("NFC", folder).replace("\\", "/").split("/")
    return "".join(f"{part}/" for part in parts if part not in ("", "."))


def rules_as_kept(db: sqlite3.Connection) -> str:
    """Return the rules that a catalog keeps, as it keeps them."""
    row = db.execute("SELECT value FROM state WHERE key = 'groups'").fetchone()
    return row[0] if row else "{}"


def rules_of(db: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the rules that a catalog keeps."""
    rules: dict[str, list[str]] = json.loads(rules_as_kept(db))
    return rules


def group_of(db: sqlite3.Connection, file: str) -> str:
    """Return which group a file belongs to by the rules that a catalog keeps."""
    return _folder_groups(rules_as_kept(db))(file)


@lru_cache(maxsize=8)
def _folder_groups(kept: str) -> Callable[[str], str]:
    return folder_groups(json.loads(kept))


def are_kept(db: sqlite3.Connection, rules: Rules) -> bool:
    """Tell whether a catalog keeps these very rules."""
    return rules_as_kept(db) == _written(rules)


def _written(rules: Rules) -> str:
    return json.dumps({group: sorted(folders) for group, folders in sorted(rules.items())}, ensure_ascii=False)


def groups_in_use(db: sqlite3.Connection) -> frozenset[str]:
    """Return the groups that documents and files belong to."""
    tables = ("SELECT folder_group FROM documents", "SELECT own_group FROM documents", "SELECT folder_group FROM files")
    return frozenset(row[0] for row in db.execute(" UNION ".join(tables)))


def regroup(db: sqlite3.Connection, rules: Rules, change: int) -> None:
    """Give all documents and files the groups of new rules; reprints of what is now in another group are items of their own."""
    group_of = folder_groups(rules)
    db.create_function("group_of", 1, group_of, deterministic=True)
    for table, place in (("documents", "origin"), ("files", "file")):
        db.execute(f"UPDATE {table} SET folder_group = group_of({place}) WHERE folder_group <> group_of({place})")
    parted = (
        "SELECT i.id FROM items i JOIN documents d ON d.id = i.document_id JOIN items o ON o.id = i.same_as"
        " JOIN documents e ON e.id = o.document_id WHERE d.folder_group <> e.folder_group OR d.own_group <> e.own_group"
    )
    ids = [row[0] for row in db.execute(parted)]
    for item_id in ids:
        db.execute("UPDATE items SET same_as = NULL WHERE id = ?", [item_id])
        db.execute("UPDATE passages SET change = ? WHERE item_id = ?", [change, item_id])
    db.execute(  # copies of what is now in another group are read by the next sync
        "UPDATE files SET reading = 0 WHERE same_as <> '' AND folder_group <> (SELECT folder_group FROM files f"
        " WHERE f.file = files.same_as)"
    )
    db.execute("INSERT OR REPLACE INTO state VALUES ('groups', ?)", [_written(rules)])
