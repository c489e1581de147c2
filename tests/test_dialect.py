"""The catalog's statements in OceanBase's words, and the addresses of its servers: without one."""

from __future__ import annotations

import pytest

from index.errors import CatalogUnusable
from index.oceanbase.connection import Address
from index.oceanbase.dialect import translated


@pytest.mark.parametrize(
    "written",
    [
        *("mysql://root@h/x", "oceanbase://root@h", "oceanbase:///x", "x", "oceanbase://root@h:abc/x"),
        *("oceanbase://root:secret@h:2881/x", "oceanbase://root:se/secret@h:2881/x"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_without_its_password(written: str) -> None:
    with pytest.raises(CatalogUnusable, match="数据库的地址要写成") as refused:
        Address.of(written)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("statement", "written"),
    [
        ("SELECT id FROM items WHERE id IN (?,?,?)", "SELECT id FROM jb_items AS items WHERE id IN (%s, %s, %s)"),
        ("SELECT id FROM items WHERE id IN ()", "SELECT id FROM jb_items AS items WHERE id IN (NULL)"),
        ("INSERT OR REPLACE INTO state VALUES (?, ?)", "REPLACE INTO jb_state VALUES (%s, %s)"),
        ("SELECT number % ? FROM passages", "SELECT number %% %s FROM jb_passages AS passages"),
        (
            "SELECT json_extract(record, '$.year') FROM items",
            "SELECT JSON_VALUE(record, '$.year' RETURNING CHAR(4096)) FROM jb_items AS items",
        ),
    ],
)
def test_statements_are_translated(statement: str, written: str) -> None:
    assert translated(statement, None) == written


def test_a_limited_caller_reads_no_table_itself() -> None:
    for table in ("documents", "items", "passages", "regions", "contributors", "figures", "files", "corrections", "as_read"):
        written = translated(f"SELECT count(*) FROM {table} x", frozenset({"内'部\\"}))
        assert written.startswith(f"WITH {table} AS (SELECT p.* FROM jb_{table} p WHERE ") and "'内''部\\\\'" in written
        assert written.endswith(f"SELECT COUNT(*) FROM {table} AS x")
