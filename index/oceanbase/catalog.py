"""A catalog that several machines share: its tables on OceanBase or seekdb, the views of each machine in its data folder."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread
from time import monotonic, sleep

from index.errors import Busy, CatalogUnusable
from index.oceanbase.connection import WRITER, Address, Connection, Connections
from index.oceanbase.schema import prepare
from index.store.catalog import Catalog
from index.store.connections import saving_in
from index.store.groups import Groups
from index.store.handle import WritableConnection
from index.store.layout import FILE
from index.store.snapshot import last_saved

_LEASE = 30  # seconds after which the lease of a writer that has died ends; renewed three times as often
_WAIT = 1.0  # seconds to wait for a lease


class SharedCatalog(Catalog):
    """The catalog of a store that other processes and machines use, too."""

    def __init__(self, data: Path, address: str, password: str) -> None:
        self._connections = Connections(Address.of(address), password)
        self._start(data / FILE)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        prepare(self._connections)

    @contextmanager
    def connect(self) -> Iterator[WritableConnection]:
        """Lend a connection."""
        with self._connections.one() as db, self.visible(db, self._groups):
            yield db

    @contextmanager
    def visible(self, db: WritableConnection, groups: Groups) -> Iterator[None]:
        """Write the statements of a block for a caller of these access groups."""
        assert isinstance(db, Connection)
        before, db.groups = db.groups, groups
        try:
            yield
        finally:
            db.groups = before

    def reading(self) -> AbstractContextManager[WritableConnection]:
        """Lend a connection that reads one state of the catalog, whatever is written meanwhile; it shows all documents."""
        return self._connections.one("BEGIN")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lease of the one writer; raise Busy, naming its holder, if another process has it."""
        since = datetime.now().isoformat(" ", "minutes")
        holder = f"进程 {os.getpid()}，{platform.node()}，始于 {since}#{token_hex(8)}"
        until = monotonic() + _WAIT
        while not self._taken(holder):
            if monotonic() < until:
                sleep(0.1)
                continue
            raise Busy(f"另一个进程正在写这个库（{self.writer()}）：请等它结束后再试")
        self._connections.holder = holder
        ended = Event()
        renewing = Thread(target=self._renew_until, args=(ended, holder), daemon=True)
        renewing.start()
        try:
            lineage, change = self.change()
            if last_saved(self.path.parent, lineage) > change:  # the database was replaced by an older copy
                self.renew()
            yield
        finally:
            ended.set()
            renewing.join()
            self._connections.holder = ""
            with self._connections.one() as db:
                db.run("UPDATE jb_leases SET until = '2000-01-01' WHERE name = %s AND holder = %s", [WRITER, holder])

    def saving(self) -> AbstractContextManager[None]:
        """Hold the lock of this machine's own views; raise Busy if another process saves them."""
        return saving_in(self.path)

    def writer(self) -> str:
        """Return who is writing at this moment, "" if nobody is."""
        with self._connections.one() as db:
            row = db.run("SELECT holder FROM jb_leases WHERE name = %s AND until > now(6)", [WRITER]).fetchone()
        return str(row[0]).partition("#")[0] if row else ""

    def _taken(self, holder: str) -> bool:
        """Take or renew the lease by the server's clock; return whether it is ours."""
        until = f"until = now(6) + INTERVAL {_LEASE} SECOND"
        with self._connections.one() as db:
            db.run("INSERT IGNORE INTO jb_leases VALUES (%s, '', '2000-01-01')", [WRITER])
            ours = "WHERE name = %s AND (until <= now(6) OR holder = %s)"
            return db.run(f"UPDATE jb_leases SET holder = %s, {until} {ours}", [holder, WRITER, holder]).rowcount > 0

    def _renew_until(self, ended: Event, holder: str) -> None:
        while not ended.wait(_LEASE / 3):
            try:
                self._taken(holder)
            except CatalogUnusable:  # the server is gone; the statements of the writer say so
                continue
