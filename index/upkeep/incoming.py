"""A backup that anybody may have written: only the rows of the catalog's own tables are taken, into a fresh catalog."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from index.errors import CatalogUnusable
from index.progress import Tell
from index.store.catalog import Catalog
from index.store.changes import NEW_HISTORY
from index.store.connections import connect, transaction
from index.store.schema import version_of
from index.upkeep.faults import catalog_faults

_OWN = ("version", "folder", "writer")  # of the state: what this machine says, not a backup
_LEFT = ("removed",)  # a table whose rows count within one history only, and a restored catalog begins a new one
_NAMES = "SELECT type, name, tbl_name, rootpage FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"


def taken_from(given: Path, folder: Path, tell: Tell) -> Catalog:
    """Return a fresh catalog in a folder with the rows of a backup; raise CatalogUnusable if that is none or damaged.

    `given` is changed: it must be a copy. Triggers, views, virtual tables and other tables of it are left out.
    """
    with given.open("rb") as stream:
        if stream.read(15) != b"SQLite format 3":
            raise CatalogUnusable("它不是 jianbao backup 写的")
    fresh = Catalog(folder)
    with connect(fresh.path) as db:
        tables = {name: _columns(db, name) for kind, name, *_ in db.execute(_NAMES).fetchall() if kind == "table"}
    if extras := _stripped(given, tables.keys()):
        tell(f"备份里有不是目录库的东西，没有恢复：{'、'.join(extras[:5])}{'等' if len(extras) > 5 else ''}")
    if version_of(given) == 0:
        raise CatalogUnusable("它不是 jianbao backup 写的")
    Catalog(given.parent)  # brings it to this version
    _copy(given, fresh, tables)
    if faults := catalog_faults(fresh.path):
        raise CatalogUnusable("；".join(faults[:3]))
    return fresh


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [f'"{row[1]}"' for row in db.execute(f"PRAGMA table_info({table})")]


def _stripped(given: Path, tables: Collection[str]) -> list[str]:
    """Take out of a file's schema whatever is no table of the catalog, without running any of it; return the names."""
    with connect(given) as db:
        if broken := [text for (text,) in db.execute("PRAGMA integrity_check(5)") if text != "ok"]:
            raise CatalogUnusable(f"数据库结构损坏：{'；'.join(broken)}")
        found = db.execute(_NAMES).fetchall()
        extras = [name for kind, name, table, page in found if kind in ("view", "trigger") or not page or table not in tables]
        if extras:
            db.execute("PRAGMA writable_schema = ON")
            with transaction(db):
                db.executemany("DELETE FROM sqlite_master WHERE name = ?1 OR (tbl_name = ?1 AND type = 'index')", zip(extras))
    return extras


def _copy(given: Path, fresh: Catalog, tables: Mapping[str, Sequence[str]]) -> None:
    with connect(fresh.path) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("ATTACH ? AS given", [str(given)])
        with transaction(db):
            for table, columns in tables.items():
                listed = ", ".join(columns)
                only = f" WHERE key NOT IN {_OWN}" if table == "state" else ""
                if table not in _LEFT:
                    db.execute(f"INSERT OR REPLACE INTO main.{table} ({listed}) SELECT {listed} FROM given.{table}{only}")
            db.execute(NEW_HISTORY)
