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
from pathlib import Path

from index.database import transaction, why
from index.groups import Groups
from service.errors import BadRequest
from service.key import SCOPES, Key, checked_day, checked_group, checked_name, checked_rate
from service.origins import normal_origin

_FILE, _VERSION = "access.sqlite", 2
_PATIENCE = 5.0  # seconds for another process that writes a key
_SCHEMA = (
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
_FIELDS = "SELECT name, scope, origins, created, groups, expires, rate FROM keys WHERE revoked IS NULL"
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


class Keys:
    """The keys of a data folder, read from their file each time: what another process revokes is gone at once."""

    def __init__(self, data: Path) -> None:
        self._path = (data / _FILE).absolute()
        self._had = False  # whether there were keys since this process began

    def create(
        self, name: str, scope: str, origins: Sequence[str], groups: Sequence[str] = (), expires: str = "", rate: int = 0
    ) -> str:
        """Make a key and return its token, which is stored nowhere; raise BadRequest."""
        name = checked_name(name)
        if scope not in SCOPES:
            raise BadRequest("bad_scope", f"权限只能是 {'、'.join(SCOPES)}")
        listed = json.dumps(list(dict.fromkeys(normal_origin(origin) for origin in origins)))
        bounds = [json.dumps([*dict.fromkeys(map(checked_group, groups))]), checked_day(expires), checked_rate(rate)]
        self._make_file()
        token = f"jb_{secrets.token_urlsafe(32)}"
        with self._opened() as db, transaction(db):
            is_new = not db.execute("SELECT 1 FROM sqlite_master").fetchone()
            for statement in (*_SCHEMA, *_SECOND) if is_new else ():
                db.execute(statement)
            _check_version(db)
            if db.execute(f"{_FIELDS} AND name = ?", (name,)).fetchone():
                raise BadRequest("name_taken", f"已有名为“{name}”的密钥：换一个名称，或先运行 jianbao key revoke {name}")
            row = [_hash(token), name, scope, listed, _now(), *bounds]
            columns = "hash, name, scope, origins, created, groups, expires, rate"
            db.execute(f"INSERT INTO keys ({columns}) VALUES ({','.join('?' * len(row))})", row)
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
        """Return the key of a token, None if there is none, it was revoked or its last day is over (0.1 ms)."""
        rows = self._rows(f"{_FIELDS} AND hash = ?", _hash(token))
        key = _key(rows[0]) if rows else None
        self._had = self._had or key is not None
        return key if key and not key.has_expired else None

    def any(self) -> bool:
        """Tell whether a key was ever made: revoking the last one must not open the door again."""
        self._had = bool(self._rows("SELECT 1 FROM keys LIMIT 1"))
        return self._had

    def _rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        if not self._exists():
            if self._had:  # taking the file away must not open the door
                raise KeysUnusable("不见了，接口不接受任何请求：请把它放回来；确实不要密钥了，请重新启动服务")
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
                if db.execute("PRAGMA user_version").fetchone() == (1,):
                    _migrate(db)
                yield db
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
            raise KeysUnusable(_REASONS.get(code, _DAMAGED)) from error


def seen_with(keys: Keys, token: str) -> Groups:
    """Return what a person at this machine may see with a token; raise BadRequest where one is needed and this is none."""
    if not token and not keys.any():
        return None
    if key := keys.of(token):
        return key.sees
    raise BadRequest(
        "key_required", "这个数据文件夹有密钥：请用环境变量 JIANBAO_KEY 写明您的密钥（没有、过期或撤销的不行）", 401
    )


def _migrate(db: sqlite3.Connection) -> None:
    with transaction(db):
        if db.execute("PRAGMA user_version").fetchone() == (1,):  # another process may have been first
            for statement in _SECOND:
                db.execute(statement)


def _key(row: tuple[str, ...]) -> Key:
    name, scope, origins, created, groups, expires, rate = row
    try:
        bounds = tuple(json.loads(groups)), str(expires), int(rate)
        return Key(name, SCOPES[SCOPES.index(scope)], tuple(json.loads(origins)), created, *bounds)
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
