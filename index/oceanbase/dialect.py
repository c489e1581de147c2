"""Translate the catalog's statements from SQLite's words into OceanBase's, as a caller of some access groups may read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

import sqlglot
from sqlglot import exp

from index.store.groups import PUBLIC, Groups

PREFIX = "jb_"  # of the tables' names: a statement that has not been translated names none of them
TABLES = frozenset(
    (
        *("state", "files", "words", "documents", "items", "contributors", "regions", "sketches", "passages", "vectors"),
        *("removed", "figures", "corrections", "as_read"),
    )
)
_MARK = "parameter_here"
_LONGEST = 4096  # characters of a value taken from JSON
_SEEN = "folder_group IN {groups} AND {d}own_group IN {groups}"
_OF_ITEM = "EXISTS (SELECT 1 FROM jb_items i JOIN jb_documents d ON d.id = i.document_id WHERE i.id = p.item_id AND d.{seen})"
_OF_DOCUMENT = "EXISTS (SELECT 1 FROM jb_documents d WHERE d.id = p.document_id AND d.{seen})"
_VISIBLE = {  # table → which of its rows `p` a caller sees, as the temporary views of index.store.groups
    "documents": "p.{seen_p}",
    "items": _OF_DOCUMENT,
    **dict.fromkeys(("passages", "regions", "contributors", "figures"), _OF_ITEM),
    **dict.fromkeys(("corrections", "as_read"), _OF_DOCUMENT),
    "files": "p.folder_group IN {groups} AND p.stated IN {groups}"
    " AND NOT EXISTS (SELECT 1 FROM jb_documents d WHERE d.origin = p.file AND NOT (d.{seen}))",
}
_JSON_EACH = re.compile(r"JSON_EACH\((?P<from>[\w.`]+|%s)(?:, '\$\.(?P<path>\w+)')?\)", re.IGNORECASE)
_LIST = re.compile(r"\?(?:,\s*\?)+")  # placeholders of a list, as many as it is long
_RANDOM = "UPPER(SUBSTR(MD5(UUID()), 1, 16))"


def translated(sql: str, groups: Groups) -> str:
    """Return a statement with %s for its parameters that reads only what these access groups may see, None: all."""
    lists = [one.count("?") for one in _LIST.findall(sql)]
    numbers = count()
    written = _translated(_LIST.sub(lambda _: f"list_{next(numbers)}_here", sql), groups)
    for number, length in enumerate(lists):
        written = written.replace(f"list_{number}_here", ", ".join(["%s"] * length))
    return written


@lru_cache(maxsize=1000)
def _translated(sql: str, groups: Groups) -> str:
    text = re.sub(r"hex\(randomblob\(8\)\)", _RANDOM, sql.replace("IN ()", "IN (NULL)"), flags=re.IGNORECASE)
    text, replaces = re.subn(r"^\s*INSERT OR REPLACE", "INSERT", text, flags=re.IGNORECASE)
    tree = sqlglot.parse_one(text, read="sqlite")
    hidden = [*dict.fromkeys(_renamed(tree, groups))]
    written = tree.transform(_function).sql(dialect="mysql").replace("%", "%%").replace(_MARK, "%s")
    written = _JSON_EACH.sub(_table_of_json, written)
    if replaces:
        written = written.replace("INSERT", "REPLACE", 1)
    if hidden:
        seen = ((name, _seen(name, groups or frozenset())) for name in hidden)
        tables = ", ".join(f"{name} AS (SELECT p.* FROM {PREFIX}{name} p WHERE {test})" for name, test in seen)
        written = f"WITH {tables} {written}"
    return written


def _renamed(tree: exp.Expr, groups: Groups) -> Iterator[str]:
    """Let a statement name the tables as they are called; yield those of which it is to see a part."""
    for table in tree.find_all(exp.Table):
        if table.name not in TABLES:
            continue
        whole = table.db == "main" or groups is None or table.name not in _VISIBLE
        table.set("db", None)
        if not whole:
            yield table.name
            continue
        written = isinstance(table.parent, exp.Insert | exp.Delete | exp.Schema)
        if not table.alias and not written:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set("this", exp.to_identifier(f"{PREFIX}{table.name}"))


def _function(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Placeholder):
        return exp.var(_MARK)
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):  # numbers come as text, null as NULL
        path = node.expression.sql(dialect="sqlite").strip("'")
        path = path if path.startswith("$") else f"$.{path}"
        how = exp.var(f"'{path}' RETURNING CHAR({_LONGEST})")  # without it, 256 bytes, cut within a character
        return exp.Anonymous(this="JSON_VALUE", expressions=[node.this.transform(_function), how])
    if isinstance(node, exp.Max | exp.Min) and node.expressions:
        kind = exp.Greatest if isinstance(node, exp.Max) else exp.Least
        return kind(this=node.this, expressions=node.expressions)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "json_array_length":
        return exp.Anonymous(this="JSON_LENGTH", expressions=node.expressions)
    return node


def _table_of_json(found: re.Match[str]) -> str:
    path = f"$.{found['path']}[*]" if found["path"] else "$[*]"
    return f"JSON_TABLE({found['from']}, '{path}' COLUMNS (value LONGTEXT PATH '$')) AS json_each"


def _seen(table: str, groups: frozenset[str]) -> str:
    named = (name.replace("\\", "\\\\").replace("'", "''") for name in sorted(groups | {PUBLIC}))
    listed = "({})".format(", ".join(f"'{name}'" for name in named))
    seen, seen_p = (_SEEN.format(groups=listed, d=d) for d in ("d.", "p."))
    return _VISIBLE[table].format(groups=listed, seen=seen, seen_p=seen_p).replace("%", "%%")
