"""API keys, in a file of their own: a restored backup of the catalog must not bring revoked keys back."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.database import transaction, why
from service.errors import BadRequest
from service.origins import normal_origin

SCOPES = ("search", "ingest", "admin")  # each includes those before it
LONGEST_NAME = 60  # characters
_FILE, _VERSION = "access.sqlite", 1
_PATIENCE = 5.0  # seconds for another process that writes a key
_SCHEMA = (
    "CREATE TABLE keys (hash BLOB PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL, origins TEXT NOT NULL,"
    " created TEXT NOT NULL, revoked TEXT)",
    "CREATE UNIQUE INDEX names ON keys (name) WHERE revoked IS NULL",
    f"PRAGMA user_version = {_VERSION}",
)
_FIELDS = "SELECT name, scope, origins, created FROM keys WHERE revoked IS NULL"
_REASONS = {
    sqlite3.SQLITE_CANTOPEN: "打不开：请检查它和数据文件夹的所有者与权限",
    sqlite3.SQLITE_READONLY: "不能写：请检查它和数据文件夹的所有者与权限",
    sqlite3.SQLITE_FULL: "不能写，磁盘已满：请腾出空间",
    sqlite3.SQLITE_IOERR: "读写出错，磁盘可能已满或有故障",
    sqlite3.SQLITE_BUSY: "正由另一个进程写：请稍后再试",
}
_DAMAGED = "已损坏，接口不接受任何请求：请把数据文件夹里的这个文件移走，并马上用 jianbao key create 重新创建密钥"


class KeysUnusable(BadRequest):
    """The file of keys is damaged or cannot be read or written, so that nobody can be let in."""

    def __init__(self, reason: str) -> None:
        super().__init__("keys_unusable", f"密钥文件 {_FILE} {reason}", 503)


@dataclass(frozen=True, slots=True)
class Key:
    """Who may use the interface: what for, and from the pages of which sites."""

    name: str
    scope: str  # one of SCOPES
    origins: tuple[str, ...]  # as browsers write them: https://portal.example.gov.cn
    created: str  # ISO 8601, UTC


class Keys:
    """The keys of a data folder, read from their file each time: what another process revokes is gone at once."""

    def __init__(self, data: Path) -> None:
        self._path = (data / _FILE).absolute()

    def create(self, name: str, scope: str, origins: Sequence[str]) -> str:
        """Make a key and return its token, which is stored nowhere; raise BadRequest."""
        name = _checked_name(name)
        if scope not in SCOPES:
            raise BadRequest("bad_scope", f"权限只能是 {'、'.join(SCOPES)}")
        listed = json.dumps(list(dict.fromkeys(normal_origin(origin) for origin in origins)))
        self._make_file()
        token = f"jb_{secrets.token_urlsafe(32)}"
        with self._opened() as db, transaction(db):
            is_new = not db.execute("SELECT 1 FROM sqlite_master").fetchone()
            for statement in _SCHEMA if is_new else ():
                db.execute(statement)
            _check_version(db)
            if db.execute(f"{_FIELDS} AND name = ?", (name,)).fetchone():
                raise BadRequest("name_taken", f"已有名为“{name}”的密钥：换一个名称，或先运行 jianbao key revoke {name}")
            row = (_hash(token), name, scope, listed, _now())
            db.execute("INSERT INTO keys (hash, name, scope, origins, created) VALUES (?, ?, ?, ?, ?)", row)
        return token

    def listed(self) -> list[Key]:
        """Return the keys that are not revoked, the earliest first."""
        return [_key(row) for row in self._rows(f"{_FIELDS} ORDER BY rowid")]

    def revoke(self, name: str) -> None:
        """Take a key back for good; raise BadRequest if there is none of this name."""
        revocation = "UPDATE keys SET revoked = ? WHERE name = ? AND revoked IS NULL RETURNING name"
        if self._rows(revocation, _now(), name.strip()):
            return
        raise BadRequest("no_key", f"没有名为“{name}”的密钥：运行 jianbao key list 看有哪些")

    def of(self, token: str) -> Key | None:
        """Return the key of a token, None if there is none or it was revoked (0.1 ms)."""
        rows = self._rows(f"{_FIELDS} AND hash = ?", _hash(token))
        return _key(rows[0]) if rows else None

    def any(self) -> bool:
        """Tell whether a key was ever made: revoking the last one must not open the door again."""
        return bool(self._rows("SELECT 1 FROM keys LIMIT 1"))

    def _rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        if not self._exists():
            return []
        with self._opened() as db:
            _check_version(db)
            return db.execute(query, values).fetchall()

    def _exists(self) -> bool:
        try:
            self._path.lstat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise KeysUnusable(f"打不开（{why(error)}）") from error
        return True

    def _make_file(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else need know even the hashes
        except OSError as error:
            raise KeysUnusable(f"不能写（{why(error)}）") from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            address = f"{self._path.as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, timeout=_PATIENCE, isolation_level=None, uri=True)) as db:
                yield db
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
            raise KeysUnusable(_REASONS.get(code, _DAMAGED)) from error


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME:
        raise BadRequest("bad_name", f"密钥的名称要有 1 到 {LONGEST_NAME} 个看得见的字，如 门户网站")
    return name


def _key(row: tuple[str, ...]) -> Key:
    name, scope, origins, created = row
    try:
        return Key(name, SCOPES[SCOPES.index(scope)], tuple(json.loads(origins)), created)
    except (ValueError, TypeError) as error:
        raise KeysUnusable(_DAMAGED) from error


def _check_version(db: sqlite3.Connection) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != _VERSION:  # a later version may know of bounds that this one would not keep
        raise KeysUnusable("是较新版本的简报写的：请升级本程序" if version > _VERSION else _DAMAGED)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
