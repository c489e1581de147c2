"""SQLite as the catalog uses it: connections, transactions, the writer's lock, and its errors in Chinese."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Sized
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import DAMAGED, Busy, CatalogUnusable
from index.store.handle import WritableConnection

UNUSABLE = "数据文件夹用不了"
_REASONS = {
    sqlite3.SQLITE_FULL: "磁盘已满：请腾出空间再运行一次；已经收录的没有丢",
    sqlite3.SQLITE_READONLY: "数据文件夹不能写：请检查权限和磁盘空间",
    sqlite3.SQLITE_IOERR: "读写数据文件夹出错，磁盘可能已满或有故障",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_BUSY: "另一个进程正在写，等了 30 秒：请稍后再试",
}


# Idle connections kept for reading, and KiB of pages that each caches. With a million passages a search's look-ups take 9 ms,
# without them 27.
_KEPT, _CACHE = 4, 32 * 1024


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection: readers and the one writer do not wait for each other (WAL).

    Where the folder cannot be written, it is read-only. Raises CatalogUnusable for SQLite's errors, in Chinese.
    """
    with _reported(path), closing(_connection(path)[0]) as db:
        db.execute("PRAGMA foreign_keys = ON")
        yield db


class Readers:
    """Connections for reading, kept with their cached pages for the next reader; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[tuple[int, sqlite3.Connection]] = []

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that reads one state of the catalog, whatever is written meanwhile."""
        with _reported(self._path):
            inode, db = self._take()
            try:
                with transaction(db, "BEGIN"):
                    yield db
            except BaseException:
                db.close()
                raise
            if inode and len(self._idle) < _KEPT:
                self._idle.append((inode, db))
            else:
                db.close()

    def _take(self) -> tuple[int, sqlite3.Connection]:
        inode = self._path.stat().st_ino
        with suppress(IndexError):
            while True:
                opened, db = self._idle.pop()
                if opened == inode:
                    return inode, db
                db.close()  # of a file that has been replaced
        db, sees_changes = _connection(self._path)
        db.execute(f"PRAGMA cache_size = -{_CACHE}")
        return inode if sees_changes else 0, db

    def __del__(self) -> None:
        for _, db in self._idle:
            db.close()


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "decode to UTF-8" in str(error):  # an error of Python's, not SQLite's: text that is not UTF-8
            raise CatalogUnusable(f"{DAMAGED}（{path}）") from error
        raise CatalogUnusable(f"{_REASONS.get(_code(error), UNUSABLE)}（{path}：{error}）") from error
    except FileNotFoundError as error:
        if error.filename != str(path):
            raise
        raise CatalogUnusable(f"{UNUSABLE}（{path} 不见了）") from error


def why(error: OSError) -> str:
    """Return why an operation on a file failed, in Chinese where the reason is a common one."""
    return _FILE_REASONS.get(error.errno or 0) or error.strerror or str(error)


def is_writable(path: Path) -> bool:
    """Tell whether a catalog, and the files that SQLite keeps beside it, can be written."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _connection(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open a connection; return it and whether it reads what others write later.

    Without space or permission for the files that SQLite keeps beside the catalog, it is opened as immutable: then nobody
    can write.
    """
    address = path.resolve().as_uri()
    ways = [address] if is_writable(path) else []
    for way in (*ways, f"{address}?mode=ro", f"{address}?immutable=1"):
        if "?" in way and not path.exists():
            break
        db = sqlite3.connect(way, timeout=30, isolation_level=None, check_same_thread=False, uri=True)
        try:
            db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            db.close()
            if _code(error) not in _CANNOT_WRITE or "immutable" in way:
                raise
        else:
            return db, "immutable" not in way
    raise CatalogUnusable(f"{UNUSABLE}（没有 {path}，也不能在那里写）")


_FILE_REASONS = {
    errno.ENOSPC: "磁盘已满：请腾出空间",
    errno.EROFS: "只能读、不能写：请检查权限",
    errno.EACCES: "没有权限",
    errno.EEXIST: "那里已有一个同名的文件",
    errno.ENOTDIR: "路径里有一段不是文件夹",
}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
NO_LOCKS = "数据文件夹所在的磁盘不支持文件锁，多半是网络盘：请把它放到本机的磁盘上，或请管理员打开文件锁"
_CANNOT_WRITE = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY}


def _code(error: sqlite3.DatabaseError) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one


@contextmanager
def transaction(db: WritableConnection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Run a block as one transaction; a block that only reads begins with "BEGIN"."""
    db.execute(begin)
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk ends it by itself
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def placeholders(values: Sized) -> str:
    """Return as many question marks as there are values, with commas between them."""
    return ",".join("?" * len(values))


@contextmanager
def saving_in(path: Path) -> Iterator[None]:
    """Hold the lock of what a data folder derives from a catalog elsewhere; raise Busy if another process has it."""
    try:
        with lock_of(path, wait=1):
            yield
    except Timeout as error:
        raise Busy(f"另一个进程正在写这个数据文件夹：{path.parent}") from error


@contextmanager
def lock_of(path: Path, wait: float) -> Iterator[None]:
    """Hold the lock of a catalog's one writer; raise filelock.Timeout after so many seconds, CatalogUnusable without locks."""
    lock = FileLock(f"{path}.lock", timeout=wait, fallback_to_soft=False)  # a soft one that is left behind locks for ever
    try:
        lock.acquire()
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise CatalogUnusable(f"{NO_LOCKS}：{path.parent}（{error.strerror}）") from error
    try:
        yield
    finally:
        lock.release()
