"""The key file: created for its owner alone, opened, migrated to the latest schema; its errors are Chinese."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.store.connections import transaction, why
from service.errors import Refused

NAME = "access.sqlite"
DAMAGED = "已损坏，接口不接受任何请求：请把数据文件夹里的这个文件移走，并马上用 jianbao key create 重新创建密钥"
_VERSION = 2
_PATIENCE = 5.0  # seconds to wait while another process writes a key
_FIRST = (
    "CREATE TABLE keys (hash BLOB PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL, origins TEXT NOT NULL,"
    " created TEXT NOT NULL, revoked TEXT)",
    "CREATE UNIQUE INDEX names ON keys (name) WHERE revoked IS NULL",
    "PRAGMA user_version = 1",
)
_SECOND = (
    "ALTER TABLE keys ADD COLUMN groups TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE keys ADD COLUMN expires TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE keys ADD COLUMN rate INTEGER NOT NULL DEFAULT 0",
    "PRAGMA user_version = 2",
)
_REASONS = {
    sqlite3.SQLITE_CANTOPEN: "打不开：请检查它和数据文件夹的所有者与权限",
    sqlite3.SQLITE_READONLY: "不能写：请检查它和数据文件夹的所有者与权限",
    sqlite3.SQLITE_FULL: "不能写，磁盘已满：请腾出空间",
    sqlite3.SQLITE_IOERR: "读写出错，磁盘可能已满或有故障",
    sqlite3.SQLITE_BUSY: "正由另一个进程写：请稍后再试",
}


class KeysUnusable(Refused):
    """The key file is damaged or cannot be read or written, so that nobody can be let in."""

    def __init__(self, reason: str) -> None:
        super().__init__("keys_unusable", f"密钥文件 {NAME} {reason}", 503)


def exists(path: Path) -> bool:
    """Tell whether the file exists; raise KeysUnusable where that cannot be found out."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise KeysUnusable(f"打不开（{why(error)}）") from error
    return True


def make(path: Path) -> None:
    """Create the file and its table, if there is none yet; raise KeysUnusable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # not even the hashes are for others
    except OSError as error:
        raise KeysUnusable(f"不能写（{why(error)}）") from error
    with _connected(path) as db, transaction(db):
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in (*_FIRST, *_SECOND):
                db.execute(statement)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file of this version, or migrate one of version 1; raise KeysUnusable."""
    with _connected(path) as db:
        if _version(db) == 1:
            with transaction(db):
                for statement in _SECOND if _version(db) == 1 else ():  # another process may have been first
                    db.execute(statement)
        version = _version(db)
        if version != _VERSION:  # a later version may store restrictions that this one would ignore
            raise KeysUnusable("是较新版本的简报写的：请升级本程序" if version > _VERSION else DAMAGED)
        yield db


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", timeout=_PATIENCE, isolation_level=None, uri=True)) as db:
            yield db
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
        raise KeysUnusable(_REASONS.get(code, DAMAGED)) from error


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
