"""SQLite as the catalog uses it: connections, transactions, the writer's lock, and its errors in Chinese."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock

from index.errors import DAMAGED, CatalogUnusable

UNUSABLE = "数据文件夹用不了"
_REASONS = {
    sqlite3.SQLITE_FULL: "磁盘已满：请腾出空间再运行一次；已经收录的没有丢",
    sqlite3.SQLITE_READONLY: "数据文件夹只能读、不能写：请检查权限",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_BUSY: "另一个进程正在写，等了 30 秒：请稍后再试",
}


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection: readers and the one writer do not wait for each other (WAL).

    Where the folder cannot be written, it only reads. Raises CatalogUnusable for what SQLite reports, in Chinese.
    """
    try:
        with closing(_connection(path)) as db:
            db.execute("PRAGMA foreign_keys = ON")
            yield db
    except sqlite3.DatabaseError as error:
        raise CatalogUnusable(f"{_REASONS.get(_code(error), UNUSABLE)}（{path}：{error}）") from error


def is_writable(path: Path) -> bool:
    """Tell whether a catalog, and the files that SQLite keeps beside it, can be written."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _connection(path: Path) -> sqlite3.Connection:
    if is_writable(path):
        return sqlite3.connect(path, timeout=30, isolation_level=None)
    # Without a log beside it nobody is writing, and SQLite may pass over the locks that it could not make here.
    mode = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", timeout=30, isolation_level=None, uri=True)


def _code(error: sqlite3.DatabaseError) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one


@contextmanager
def transaction(db: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Run a block as one transaction; a block that only reads begins with "BEGIN"."""
    db.execute(begin)
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk ends it by itself
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def lock_of(path: Path, wait: float) -> FileLock:
    """Return the lock of a catalog's one writer; entering it waits so many seconds, then raises filelock.Timeout."""
    return FileLock(f"{path}.lock", timeout=wait)
