"""What every catalog has beside its documents: connections, the writer's lock, remembered values, the change counter."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Self

from filelock import Timeout

from index.errors import Busy, CatalogUnusable
from index.store.connections import Readers, connect, is_writable, lock_of, why
from index.store.groups import Groups, Rules, are_kept, groups_in_use, visible_only
from index.store.layout import FILE
from index.store.schema import NEW_HISTORY, prepare
from index.store.snapshot import last_saved


class State:
    """A catalog's file; threads and processes may share it."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE
        prepare(self.path)
        self._readers = Readers(self.path)
        self._groups: Groups = None
        self.rules: Rules | None = None  # which it has to keep for anybody to be let in, None: whichever
        self._held: tuple[object, frozenset[str]] | None = None  # the groups that are held, at a change

    def visible_to(self, groups: Groups) -> Self:
        """Return the catalog as a caller of these groups sees it: it cannot be written, and tells of nothing else."""
        if groups is None:
            return self
        assert self._groups is None, "what one caller may see is no start for another's"
        held = self._held
        with self.reading() as db:
            if held is None or held[0] != position(db):
                if self.rules is not None and not are_kept(db, self.rules):
                    raise CatalogUnusable("文件的分组改过，与这个服务启动时的配置不符：请重新启动服务")
                held = self._held = position(db), groups_in_use(db)
        seen = copy(self)
        seen._groups = groups & held[1]  # so that callers whose other groups nothing belongs to share what is remembered
        return seen

    @property
    def groups(self) -> Groups:
        """Whose documents are seen, None for all."""
        return self._groups

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Open a connection of one's own."""
        with connect(self.path) as db, visible_only(db, self._groups):
            yield db

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection that sees one state of the catalog, all of it, whatever is written meanwhile."""
        return self._readers.one()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of the one writer; raise Busy, saying who has it, if another process does."""
        if not is_writable(self.path):
            raise CatalogUnusable(f"数据文件夹只能读、不能写：{self.path.parent}，请检查权限")
        try:
            with lock_of(self.path, wait=1), self.connect():  # kept open: SQLite empties its log when the last one closes
                since = datetime.now().isoformat(" ", "minutes")
                self.remember("writer", f"进程 {os.getpid()}，{platform.node()}，始于 {since}")
                lineage, change = self.change()
                if last_saved(self.path.parent, lineage) > change:  # an older copy of the catalog was put in its place
                    self.renew()
                yield
        except (PermissionError, IsADirectoryError) as error:
            raise CatalogUnusable(f"数据文件夹的锁打不开：{error.filename}（{why(error)}），请检查它属于谁") from error
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

    def change(self) -> tuple[str, int]:
        """Return the catalog's lineage and the number of its last change.

        Numbers of two lineages say nothing of each other: a new one begins with another model's vectors and with a
        restored backup.
        """
        with self.connect() as db:
            return position(db)[:2]

    def renew(self) -> None:
        """Begin a new history: from now on passage numbers mean others than before."""
        with self.connect() as db:
            db.execute(NEW_HISTORY)

    def touch(self) -> None:
        """Raise the change counter, so that views look whether there are newer ones."""
        with self.connect() as db:
            next_change(db)


def position(db: sqlite3.Connection) -> tuple[str, int, str]:
    """Return the catalog's lineage, the number of its last change, and the model whose vectors it serves."""
    state = dict(db.execute("SELECT key, value FROM state WHERE key IN ('lineage', 'change', 'model')"))
    return state["lineage"], int(state["change"]), state.get("model", "")


def history(lineage: str) -> str:
    """Return the part of a lineage that changes when passage numbers begin to mean others."""
    return lineage[:16]


def next_change(db: sqlite3.Connection) -> int:
    """Raise the change counter and return it."""
    db.execute("UPDATE state SET value = CAST(value AS INTEGER) + 1 WHERE key = 'change'")
    return int(db.execute("SELECT value FROM state WHERE key = 'change'").fetchone()[0])
