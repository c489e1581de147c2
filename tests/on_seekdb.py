"""A plugin that gives every catalog of a test a database on a real seekdb: `pytest -p on_seekdb tests/test_search.py`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from seekdb_server import seekdb

from index.oceanbase.catalog import SharedCatalog
from index.oceanbase.connection import Address, Connections
from index.store.catalog import Catalog

_SOCKET: list[str] = []


class _OnSeekdb(SharedCatalog):
    """The catalog of a data folder, in a database of its own."""

    def __init__(self, data: Path) -> None:
        name = f"t{sha256(str(data.resolve()).encode()).hexdigest()[:20]}"
        with Connections(Address.of(f"oceanbase://root@localhost/jianbao?socket={_SOCKET[0]}"), "").one() as db:
            db.run(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        super().__init__(data, f"oceanbase://root@localhost/{name}?socket={_SOCKET[0]}", "")


def _made(cls: type[Catalog], *_given: Any) -> Catalog:
    return object.__new__(_OnSeekdb if cls is Catalog else cls)


@pytest.fixture(scope="session", autouse=True)
def every_catalog_on_seekdb() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, seekdb(Path(folder)) as socket, pytest.MonkeyPatch.context() as patched:
        _SOCKET.append(socket)
        patched.setattr(Catalog, "__new__", _made)
        yield
