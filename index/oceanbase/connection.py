"""Connections to OceanBase or seekdb that take the catalog's statements, and their errors in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql

from index.errors import Busy, CatalogUnusable
from index.oceanbase.dialect import translated
from index.store.groups import Groups

_KEPT = 4  # idle connections
_PATIENCE = 600  # seconds that a statement may take: reading all passages of a large index is one
_WHOLE = 6 * 3600  # that a transaction may: views are made in the one that reads what they are made of
_SESSION = (
    "SET sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_ALL_TABLES',"
    f" ob_query_timeout={_PATIENCE * 1_000_000}, ob_trx_timeout={_WHOLE * 1_000_000}"
)
WRITER = "writer"  # the name of the lease
_GONE = frozenset((2003, 2006, 2013, 2055))  # no server, or it went away
_REASONS = {
    1045: "用户名或密码不对",
    1049: "没有这个库：请先建库 CREATE DATABASE 名称 CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    1153: "有一份文件太长：请加大 max_allowed_packet",
    1205: "另一个进程正在写同一份文件：请稍后再试",
    1406: "有一项内容太长，数据库放不下",
    4012: f"数据库太慢，等了 {_PATIENCE} 秒：请看它是否忙或内存不够",
    4013: "数据库的内存不够：请加大 memory_budget",
    4184: "数据库的磁盘已满：请腾出空间；已经收录的没有丢",
    6235: "两个进程同时改了同一份文件：请再试一次",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is: oceanbase://user@host:2881/name, or ?socket=/path for a server on the same machine."""

    user: str
    host: str
    port: int
    name: str
    socket: str

    @classmethod
    def of(cls, written: str) -> Address:
        """Read an address; raise CatalogUnusable for one that cannot be meant."""
        meant = CatalogUnusable("数据库的地址要写成 oceanbase://用户@主机:2881/库名，密码写在 JIANBAO_STORE_PASSWORD")
        try:
            url = urlsplit(written)
            port = url.port or 2881
        except ValueError:
            raise meant from None  # its message may quote a password
        name, socket = url.path.strip("/"), parse_qs(url.query).get("socket", [""])[0]
        if url.scheme != "oceanbase" or not name or "/" in name or not (url.hostname or socket) or url.password:
            raise meant
        return cls(unquote(url.username or "root"), url.hostname or "localhost", port, name, socket)

    def __str__(self) -> str:
        return f"{self.user}@{self.socket or f'{self.host}:{self.port}'}/{self.name}"


class Cursor:
    """What a statement returned, as sqlite3's cursors give it."""

    def __init__(self, rows: Sequence[tuple[Any, ...]], columns: Sequence[str], changed: int, last: int) -> None:
        self._rows = iter(rows)
        self.description = tuple((name,) for name in columns)
        self.rowcount, self.lastrowid = changed, last

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, None if there is none."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that have not been read."""
        return list(self._rows)


class Connection:
    """One connection; `groups` are those of the caller who reads, None: everything."""

    def __init__(self, address: Address, password: str) -> None:
        self._address, self.in_transaction = address, False
        self.groups: Groups = None
        self.holder = ""  # of the lease that a transaction which writes needs
        with _reported(address):
            self._raw = pymysql.connect(
                host=address.host, port=address.port, unix_socket=address.socket or None, user=address.user, password=password,
                database=address.name, charset="utf8mb4", autocommit=True, connect_timeout=5, read_timeout=_PATIENCE + 5,
                init_command=_SESSION,
            )  # fmt: skip

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> Cursor:
        """Run one of the catalog's statements."""
        if sql.startswith("BEGIN"):
            return self._begin("IMMEDIATE" in sql)
        if sql in ("COMMIT", "ROLLBACK"):
            self.in_transaction = False
            return self.run(sql)
        return self.run(translated(sql, self.groups), parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row."""
        with _reported(self._address), self._raw.cursor() as cursor:
            cursor.executemany(translated(sql, self.groups), list(rows))

    def close(self) -> None:
        """Close it; one that is already cut is no error."""
        with suppress(pymysql.Error):
            self._raw.close()

    def _begin(self, writes: bool) -> Cursor:
        """Begin a transaction: one that reads sees one state, whatever is written meanwhile."""
        level = "READ COMMITTED" if writes else "REPEATABLE READ"
        self.run(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
        begun = self.run("START TRANSACTION" if writes else "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        self.in_transaction = True
        if writes and self.holder:
            held = "SELECT 1 FROM jb_leases WHERE name = %s AND holder = %s AND until > now(6) FOR UPDATE"
            if not self.run(held, [WRITER, self.holder]).fetchone():
                self.execute("ROLLBACK")
                raise Busy("写这个库的时限已过，另一个进程可能已经接着写：请再运行一次")
        return begun

    def run(self, written: str, parameters: Sequence[object] = ()) -> Cursor:
        """Run a statement in OceanBase's own words."""
        with _reported(self._address), self._raw.cursor() as cursor:
            cursor.execute(written, tuple(parameters))
            rows = cursor.fetchall() if cursor.description else ()
            columns = [column[0] for column in cursor.description or ()]
            return Cursor(rows, columns, cursor.rowcount, cursor.lastrowid)


class Connections:
    """The connections of one process to a store, kept for the next who asks; threads may share it."""

    def __init__(self, address: Address, password: str) -> None:
        self.address, self._password = address, password
        self.holder = ""  # of the lease, while this process writes
        self._idle: list[Connection] = []

    @contextmanager
    def one(self, begin: str = "") -> Iterator[Connection]:
        """Lend a connection, within a transaction if one is begun; one that was cut while idle is replaced."""
        db = self._taken(begin)
        try:
            yield db
            if begin:
                db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        if len(self._idle) < _KEPT:
            self._idle.append(db)
        else:
            db.close()

    def _taken(self, begin: str) -> Connection:
        while True:
            idle = None
            with suppress(IndexError):  # none is idle
                idle = self._idle.pop()
            db = idle or Connection(self.address, self._password)
            db.holder = self.holder
            try:
                db.execute(begin or "SELECT 1")
            except CatalogUnusable:
                db.close()
                if idle is None:
                    raise
            else:
                return db


@contextmanager
def _reported(address: Address) -> Iterator[None]:
    try:
        yield
    except pymysql.Error as error:
        code = error.args[0] if error.args else 0
        reason = "连不上，请看它是否在运行：恢复以后会自动接上" if code in _GONE else _REASONS.get(code, f"出错（代码 {code}）")
        raise CatalogUnusable(f"数据库 {address}：{reason}") from error
