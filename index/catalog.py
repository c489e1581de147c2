"""The catalog: one SQLite file, the only truth about what is indexed. One document is one transaction.

Each change to a document raises the change counter; views (vectors, keywords) remember the change they have reached
and ask for what came after. Passage numbers are never used again.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, astuple
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import Timeout

from index.database import connect, is_writable, lock_of, transaction
from index.errors import Busy, CatalogUnusable
from index.reprints import link_reprint, promote_reprints
from index.schema import FILE, NEW_LINEAGE, prepare
from index.stored import Stamp, checksum, dump
from ingest.document import Document


class Catalog:
    """The catalog in a data folder; each call opens its own connection, so threads and processes may share it."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE
        prepare(self.path)

    @staticmethod
    def is_in(data: Path) -> bool:
        """Tell whether a data folder holds a catalog."""
        return (data / FILE).is_file()

    def connect(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open a connection of one's own."""
        return connect(self.path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open a connection that sees one state of the catalog, whatever is written meanwhile."""
        with self.connect() as db, transaction(db, "BEGIN"):
            yield db

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of the one writer; raise Busy, saying who has it, if another process does."""
        if not is_writable(self.path):
            raise CatalogUnusable(f"数据文件夹只能读、不能写：{self.path.parent}，请检查权限")
        try:
            with lock_of(self.path, wait=0), self.connect():  # kept open: SQLite empties its log when the last one closes
                since = datetime.now().isoformat(" ", "minutes")
                self.remember("writer", f"进程 {os.getpid()}，{platform.node()}，始于 {since}")
                yield
        except Timeout as error:
            writer = self.state("writer")
            raise Busy(f"另一个进程正在写这个数据文件夹（{writer}）：请等它结束后再试") from error

    def writer(self) -> str:
        """Return who is writing at this moment, "" if nobody is."""
        try:
            with lock_of(self.path, wait=0):
                return ""
        except Timeout:
            return self.state("writer")
        except OSError:  # where the lock cannot even be made, nobody writes
            return ""

    def state(self, key: str) -> str:
        """Return a remembered value, "" if there is none."""
        with self.connect() as db:
            row = db.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
        return row[0] if row else ""

    def remember(self, key: str, value: str) -> None:
        """Keep a value under a key."""
        with self.connect() as db:
            db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, value])

    def counts(self) -> dict[str, int]:
        """Return how many documents, items and passages are indexed; a reprint counts once."""
        with self.connect() as db:
            searched = " WHERE items.same_as IS NULL"
            tables = {
                "documents": "documents",
                "items": f"items{searched}",
                "passages": f"passages JOIN items ON items.id = item_id{searched}",
            }
            return {name: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}

    def change(self) -> tuple[str, int]:
        """Return the catalog's lineage and the number of its last change.

        Numbers of two lineages say nothing of each other: a new one begins with another model's vectors and with a
        restored backup.
        """
        with self.connect() as db:
            return position(db)[:2]

    def renew(self) -> None:
        """Begin a new lineage, so that views start anew."""
        with self.connect() as db:
            db.execute(NEW_LINEAGE)

    # Documents

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamp of every indexed file."""
        with self.connect() as db:
            rows = db.execute("SELECT file, size, mtime_ns, sha256, reading, same_as, reason FROM files").fetchall()
        return {file: Stamp(*rest) for file, *rest in rows}

    def stamp(self, file: str, stamp: Stamp) -> None:
        """Remember that a file has been read to its end, could not be, or is a copy of another."""
        with self.connect() as db:
            db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", [file, *astuple(stamp)])

    def documents_of(self, file: str) -> set[str]:
        """Return the ids of the documents that were read from a file."""
        with self.connect() as db:
            return {row[0] for row in db.execute("SELECT id FROM documents WHERE origin = ?", [file])}

    def put(self, document: Document, origin: str, model: str, vectors: npt.NDArray[np.float32]) -> None:
        """Index a document read from the file `origin` in place of what was at its own; `vectors`, `(n, d)`: its passages'.

        An item that another document already holds is stored as its reprint.
        """
        rows = iter(np.ascontiguousarray(vectors, "<f4"))
        with self.connect() as db, transaction(db):
            change = next_change(db)
            _remove(db, document.id, change)
            record = {k: v for k, v in asdict(document).items() if k not in ("file", "text", "items")}
            text, rest = document.text, dump(record)
            place = [document.id, document.file, document.kind, document.date, document.series, text, rest, origin]
            check = checksum(document.file, text, rest)
            db.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*place, check])
            for position, item in enumerate(document.items, 1):
                item_id = f"{document.id}-{position}"
                fields = dump({k: v for k, v in asdict(item).items() if k != "passages"})
                row = [item_id, document.id, item.section, fields, checksum(fields)]
                db.execute("INSERT INTO items VALUES (?, ?, ?, ?, NULL, ?)", row)
                db.executemany("INSERT INTO contributors VALUES (?, ?)", [(item_id, name) for name in item.contributors])
                db.executemany("INSERT INTO regions VALUES (?, ?)", [(item_id, region.name) for region in item.regions])
                link_reprint(db, item_id, document, item)
                for p in item.passages:
                    span = [item_id, p.start, p.end, p.role, p.context, change]
                    number = db.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?)", span).lastrowid
                    db.execute("INSERT INTO vectors VALUES (?, ?, ?)", [number, model, next(rows).tobytes()])

    def remove(self, document_ids: Iterable[str]) -> None:
        """Take documents out."""
        for document_id in document_ids:
            with self.connect() as db, transaction(db):
                _remove(db, document_id, next_change(db))

    def forget(self, file: str) -> None:
        """Take a file out with all its documents."""
        self.remove(self.documents_of(file))
        with self.connect() as db:
            db.execute("DELETE FROM files WHERE file = ?", [file])


def position(db: sqlite3.Connection) -> tuple[str, int, str]:
    """Return the catalog's lineage, the number of its last change, and the model whose vectors it serves."""
    state = dict(db.execute("SELECT key, value FROM state WHERE key IN ('lineage', 'change', 'model')"))
    return state["lineage"], int(state["change"]), state.get("model", "")


def next_change(db: sqlite3.Connection) -> int:
    """Raise the change counter and return it."""
    db.execute("UPDATE state SET value = CAST(value AS INTEGER) + 1 WHERE key = 'change'")
    return int(db.execute("SELECT value FROM state WHERE key = 'change'").fetchone()[0])


def _remove(db: sqlite3.Connection, document_id: str, change: int) -> None:
    db.execute(
        "INSERT INTO removed SELECT number, ? FROM passages JOIN items ON items.id = item_id WHERE document_id = ?",
        [change, document_id],
    )
    promote_reprints(db, document_id, change)
    db.execute("DELETE FROM documents WHERE id = ?", [document_id])
