"""The API keys, in a file of their own: restoring a backup of the catalog must not bring revoked keys back."""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from index.store.connections import placeholders, transaction
from index.store.groups import Groups
from service.errors import Refused
from service.keys import key_file
from service.keys.key import SCOPES, Key, checked_day, checked_group, checked_name, checked_rate, normal_origin
from service.keys.key_file import DAMAGED, KeysUnusable

_FIELDS = "SELECT name, scope, origins, created, groups, expires, rate FROM keys WHERE revoked IS NULL"


class Keys:
    """The keys of a data folder, read from the file each time: a key that another process revokes is invalid at once."""

    def __init__(self, data: Path) -> None:
        self._path = (data / key_file.NAME).absolute()
        self._had = False  # whether there were keys since this process began

    def create(
        self, name: str, scope: str, origins: Sequence[str], groups: Sequence[str] = (), expires: str = "", rate: int = 0
    ) -> str:
        """Create a key and return its token, of which only the hash is stored; raise Refused."""
        name = checked_name(name)
        if scope not in SCOPES:
            raise Refused("bad_scope", f"权限只能是 {'、'.join(SCOPES)}")
        listed = json.dumps(list(dict.fromkeys(normal_origin(origin) for origin in origins)))
        bounds = [json.dumps([*dict.fromkeys(map(checked_group, groups))]), checked_day(expires), checked_rate(rate)]
        key_file.make(self._path)
        token = f"jb_{secrets.token_urlsafe(32)}"
        with key_file.opened(self._path) as db, transaction(db):
            if db.execute(f"{_FIELDS} AND name = ?", (name,)).fetchone():
                raise Refused("name_taken", f"已有名为“{name}”的密钥：换一个名称，或先运行 jianbao key revoke {name}")
            row = [_hash(token), name, scope, listed, _now(), *bounds]
            columns = "hash, name, scope, origins, created, groups, expires, rate"
            db.execute(f"INSERT INTO keys ({columns}) VALUES ({placeholders(row)})", row)
        return token

    def listed(self) -> list[Key]:
        """Return the keys that are not revoked, the earliest first."""
        return [_key(row) for row in self._rows(f"{_FIELDS} ORDER BY rowid")]

    def revoke(self, name: str) -> None:
        """Revoke a key for good; raise Refused if there is none of this name."""
        revocation = "UPDATE keys SET revoked = ? WHERE name = ? AND revoked IS NULL RETURNING name"
        if self._rows(revocation, _now(), name.strip()):
            return
        raise Refused("no_key", f"没有名为“{name}”的密钥：运行 jianbao key list 看有哪些")

    def of(self, token: str) -> Key | None:
        """Return the key of a token, None if it is unknown, revoked or past its last day (0.1 ms)."""
        rows = self._rows(f"{_FIELDS} AND hash = ?", _hash(token))
        key = _key(rows[0]) if rows else None
        self._had = self._had or key is not None
        return key if key and not key.has_expired else None

    def any(self) -> bool:
        """Tell whether a key was ever created: revoking the last one must not make access free again."""
        self._had = bool(self._rows("SELECT 1 FROM keys LIMIT 1"))
        return self._had

    def _rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        if not key_file.exists(self._path):
            if self._had:  # removing the file must not make access free
                raise KeysUnusable("不见了，接口不接受任何请求：请把它放回来；确实不要密钥了，请重新启动服务")
            return []
        with key_file.opened(self._path) as db:
            return db.execute(query, values).fetchall()


def groups_of_token(keys: Keys, token: str) -> Groups:
    """Return the access groups visible to a person at this machine, None for all; raise Refused if it needs a valid one."""
    if not token and not keys.any():
        return None
    if key := keys.of(token):
        return key.visible_groups
    raise Refused("key_required", "这个数据文件夹有密钥：请用环境变量 JIANBAO_KEY 写明您的密钥（没有、过期或撤销的不行）", 401)


def _key(row: tuple[str, ...]) -> Key:
    name, scope, origins, created, groups, expires, rate = row
    try:
        bounds = tuple(json.loads(groups)), str(expires), int(rate)
        return Key(name, SCOPES[SCOPES.index(scope)], tuple(json.loads(origins)), created, *bounds)
    except (ValueError, TypeError) as error:
        raise KeysUnusable(DAMAGED) from error


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
