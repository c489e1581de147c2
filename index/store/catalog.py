"""The catalog, one SQLite file or tables that machines share: the only truth about what is indexed.

One document is one transaction. Each change to a document raises the change counter; views (vectors, keywords) store the change
that they have reached and apply what came after. Passage numbers are never reused. There is one writer at a time; readers
never wait.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np
from filelock import Timeout

from index.arrays import Vectors
from index.errors import Busy, CatalogUnusable
from index.store.changes import NEW_HISTORY, next_change, position
from index.store.connections import Readers, connect, is_writable, lock_of, placeholders, transaction, why
from index.store.figures import add_figures
from index.store.groups import (
    PUBLIC,
    Groups,
    Rules,
    are_kept,
    group_of,
    groups_in_use,
    misplaced,
    regroup,
    rules_of,
    seen_by,
    visible_only,
)
from index.store.handle import WritableConnection
from index.store.layout import FILE
from index.store.records import STAMPED, Stamp, checksum, item_record, record_of
from index.store.reprints import link_reprint, promote_reprints
from index.store.schema import prepare
from index.store.snapshot import last_saved
from ingest.document import Document

Beside = Callable[[WritableConnection], None]  # writes something together with a document


def nothing(_db: WritableConnection) -> None:
    """Write nothing beside a document."""


class Catalog:
    """The documents in a data folder, all or those visible to a caller; threads and processes may share it."""

    def __init__(self, data: Path) -> None:
        self._start(data / FILE)
        prepare(self.path)
        self._readers = Readers(self.path)

    def _start(self, path: Path) -> None:
        self.path = path
        self._groups: Groups = None
        self.rules: Rules | None = None  # that the catalog must have before any caller is let in, None: any
        self._in_use: tuple[object, frozenset[str]] | None = None  # position of the catalog, access groups of its documents
        self._counts: dict[Groups, tuple[object, dict[str, int]]] = {}  # access groups → position of the catalog, counts

    @staticmethod
    def is_in(data: Path) -> bool:
        """Tell whether a data folder holds a catalog."""
        return (data / FILE).is_file()

    def visible_to(self, groups: Groups) -> Self:
        """Return the catalog as visible to a caller of these access groups: read-only, without all other documents."""
        if groups is None:
            return self
        assert self._groups is None, "what one caller may see is no start for another's"
        in_use = self._in_use
        with self.reading() as db:
            if in_use is None or in_use[0] != position(db):
                if self.rules is not None and not are_kept(db, self.rules):
                    raise CatalogUnusable("文件的分组改过，与这个服务启动时的配置不符：请重新启动服务")
                in_use = self._in_use = position(db), groups_in_use(db)
        visible = copy(self)
        visible._groups = seen_by(groups, in_use[1])  # callers who differ only in access groups without documents share caches
        return visible

    @property
    def groups(self) -> Groups:
        """The access groups, and labels of several, whose documents are visible beside 公开; None for all."""
        return self._groups

    @contextmanager
    def connect(self) -> Iterator[WritableConnection]:
        """Open a new connection."""
        with connect(self.path) as db, visible_only(db, self._groups):
            yield db

    def visible(self, db: WritableConnection, groups: Groups) -> AbstractContextManager[None]:
        """Show within a block only what is visible to these access groups."""
        assert isinstance(db, sqlite3.Connection)
        return visible_only(db, groups)

    def reading(self) -> AbstractContextManager[WritableConnection]:
        """Lend a connection that reads one state of the catalog, whatever is written meanwhile; it shows all documents."""
        return self._readers.one()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of the one writer; raise Busy, naming its holder, if another process has it."""
        if not is_writable(self.path):
            raise CatalogUnusable(f"数据文件夹只能读、不能写：{self.path.parent}，请检查权限")
        try:
            with lock_of(self.path, wait=1), self.connect():  # kept open: SQLite empties its log when the last one closes
                since = datetime.now().isoformat(" ", "minutes")
                self.remember("writer", f"进程 {os.getpid()}，{platform.node()}，始于 {since}")
                lineage, change = self.change()
                if last_saved(self.path.parent, lineage) > change:  # the catalog was replaced by an older copy
                    self.renew()
                yield
        except (PermissionError, IsADirectoryError) as error:
            raise CatalogUnusable(f"数据文件夹的锁打不开：{error.filename}（{why(error)}），请检查它属于谁") from error
        except Timeout as error:
            writer = self.state("writer")
            raise Busy(f"另一个进程正在写这个数据文件夹（{writer}）：请等它结束后再试") from error

    def saving(self) -> AbstractContextManager[None]:
        """Hold the lock under which views are saved: that of the one writer."""
        return self.writing()

    def writer(self) -> str:
        """Return who is writing at this moment, "" if nobody is."""
        try:
            with lock_of(self.path, wait=0):
                return ""
        except Timeout:
            return self.state("writer")
        except (OSError, CatalogUnusable):  # where the lock cannot even be made, nobody writes
            return ""

    def state(self, key: str) -> str:
        """Return the value stored under a key, "" if there is none."""
        with self.connect() as db:
            row = db.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
        return row[0] if row else ""

    def remember(self, key: str, value: str) -> None:
        """Store a value under a key."""
        with self.connect() as db:
            db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, value])

    def change(self) -> tuple[str, int]:
        """Return the catalog's lineage and the number of its last change.

        Numbers of different lineages cannot be compared: a new lineage begins with another model's vectors and with a
        restored backup.
        """
        with self.connect() as db:
            return position(db)[:2]

    def renew(self) -> None:
        """Begin a new history: from now on passage numbers mean other passages than before."""
        with self.connect() as db:
            db.execute(NEW_HISTORY)

    def touch(self) -> None:
        """Raise the change counter, so that views look whether there are newer ones."""
        with self.connect() as db:
            next_change(db)

    def counts(self) -> dict[str, int]:
        """Return how many documents, items and passages are indexed, reprinted items once; cached until the next change."""
        with self.connect() as db:
            now, cached = position(db), self._counts.get(self._groups)
            if cached is None or cached[0] != now:
                searched = " WHERE items.same_as IS NULL"
                tables = {
                    "documents": "documents",
                    "items": f"items{searched}",
                    "passages": f"passages JOIN items ON items.id = item_id{searched}",
                }
                counted = {name: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}
                cached = self._counts[self._groups] = now, counted
        return dict(cached[1])

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamp of every indexed file."""
        with self.connect() as db:
            rows = db.execute(f"SELECT {STAMPED} FROM files").fetchall()
        return {file: Stamp(*rest) for file, *rest in rows}

    def stamp(self, file: str, stamp: Stamp) -> None:
        """Store that a file has been read to its end, could not be read, or is a copy of another."""
        with self.connect() as db:
            row = [file, *astuple(stamp)]
            marked = [*row, group_of(db, file), checksum(*map(str, row))]
            db.execute(
                f"INSERT OR REPLACE INTO files ({STAMPED}, folder_group, checksum) VALUES ({placeholders(marked)})", marked
            )

    def documents_of(self, file: str) -> set[str]:
        """Return the ids of the documents that were read from a file."""
        with self.connect() as db:
            return {row[0] for row in db.execute("SELECT id FROM documents WHERE origin = ?", [file])}

    def origins(self) -> set[str]:
        """Return the files that stored documents were read from; one being read when a sync was killed has no stamp."""
        with self.connect() as db:
            return {row[0] for row in db.execute("SELECT DISTINCT origin FROM documents")}

    def put(self, document: Document, origin: str, model: str, vectors: Vectors, beside: Beside = nothing) -> None:
        """Index a document read from the file `origin`, replacing that of the same id; `vectors` are its passages', `(n, d)`.

        An item that another document already contains is stored as a reprint of it. `beside` writes in the same transaction.
        """
        rows = iter(np.ascontiguousarray(vectors, "<f4"))
        with self.connect() as db, transaction(db):
            change = next_change(db)
            _remove(db, document.id, change)
            text, rest = document.text, record_of(document)
            place = [document.id, document.file, document.kind, document.date, document.series, text, rest, origin]
            groups = [group_of(db, origin), document.group or PUBLIC]
            row = [*place, checksum(document.file, text, rest), *groups]
            db.execute(f"INSERT INTO documents VALUES ({placeholders(row)})", row)
            for position, item in enumerate(document.items, 1):
                item_id = f"{document.id}-{position}"
                fields = item_record(item)
                row = [item_id, document.id, item.section, fields, checksum(fields)]
                db.execute("INSERT INTO items (id, document_id, section, record, checksum) VALUES (?, ?, ?, ?, ?)", row)
                db.executemany("INSERT INTO contributors VALUES (?, ?)", [(item_id, name) for name in item.contributors])
                db.executemany("INSERT INTO regions VALUES (?, ?)", [(item_id, region.name) for region in item.regions])
                link_reprint(db, item_id, document, item)
                for p in item.passages:
                    span = [item_id, p.start, p.end, p.role, p.context]
                    row = [*span, change, checksum(*map(str, span))]
                    number = db.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
                    db.execute("INSERT INTO vectors VALUES (?, ?, ?)", [number, model, next(rows).tobytes()])
                add_figures(db, item_id, document, item)
            beside(db)

    def regroup(self, rules: Rules | None = None) -> None:
        """Work out the access groups of stored and later documents by these rules, None: those of the catalog.

        The caller holds the writer's lock.
        """
        with self.connect() as db, transaction(db):
            rules = rules_of(db) if rules is None else rules
            if not are_kept(db, rules) or misplaced(db, rules):
                regroup(db, rules, next_change(db))

    def misplaced(self, rules: Rules | None = None) -> int:
        """Return how many documents and files have other access groups than the rules, and the documents themselves, say."""
        with self.connect() as db:
            return misplaced(db, rules)

    def remove(self, document_ids: Iterable[str]) -> None:
        """Remove documents."""
        for document_id in document_ids:
            with self.connect() as db, transaction(db):
                _remove(db, document_id, next_change(db))

    def forget(self, file: str) -> None:
        """Remove a file and all its documents."""
        self.remove(self.documents_of(file))
        with self.connect() as db:
            db.execute("DELETE FROM files WHERE file = ?", [file])


def _remove(db: WritableConnection, document_id: str, change: int) -> None:
    db.execute(
        "INSERT INTO removed SELECT number, ? FROM passages JOIN items ON items.id = item_id WHERE document_id = ?",
        [change, document_id],
    )
    promote_reprints(db, document_id, change)
    db.execute("DELETE FROM documents WHERE id = ?", [document_id])
