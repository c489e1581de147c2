"""What is wrong with a catalog's file in itself: every column that is served has a checksum, or follows from others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from index.errors import IndexingError
from index.store.connections import connect, transaction
from index.store.figures import COLUMNS, STATED, with_functions
from index.store.records import CORRECTED, SPAN, STAMPED, checksum
from ingest.document import id_of

_TOLERANCE = 0.01  # of a vector's length
_BATCH = 10_000
_OF_ITEMS = {  # columns of a table → what its rows follow from
    "item_id, name FROM regions": "SELECT items.id, value ->> 'name' FROM items, json_each(items.record, '$.regions')",
    "item_id, name FROM contributors": "SELECT items.id, value FROM items, json_each(items.record, '$.contributors')",
    f"{COLUMNS} FROM figures": STATED,
}


def catalog_faults(path: Path) -> list[str]:
    """Return what is wrong with a catalog's file in itself; empty if nothing is."""
    try:
        with connect(path) as db, transaction(db, "BEGIN"):
            return [*_faults(db)]
    except (IndexingError, sqlite3.Error) as error:
        return [str(error)]


def _faults(db: sqlite3.Connection) -> Iterator[str]:
    if (broken := db.execute("PRAGMA integrity_check(5)").fetchall()) != [("ok",)]:
        yield f"数据库结构损坏：{'；'.join(row[0] for row in broken)}"
        return
    if orphans := len(db.execute("PRAGMA foreign_key_check").fetchall()):
        yield f"{orphans} 行没有所属的文献、条目或段落"
    for file, text, record, mark in db.execute("SELECT file, text, record, checksum FROM documents"):
        if checksum(file, text, record) != mark:
            yield f"{file} 的内容已损坏"
    fields = " OR ".join(f"{name} <> json_extract(record, '$.{name}')" for name in ("kind", "date", "series"))
    for (file,) in db.execute(f"SELECT file FROM documents WHERE {fields}"):
        yield f"{file} 的类型、日期或刊名已损坏"
    yield from _place_faults(db)
    yield from _item_faults(db)
    yield from _correction_faults(db)
    outside = db.execute(
        "SELECT count(*) FROM passages p JOIN items ON items.id = item_id WHERE p.start >= p.end"
        " OR p.start < json_extract(record, '$.start') OR p.end > json_extract(record, '$.end')"
    ).fetchone()[0]
    if outside:
        yield f"{outside} 个段落越出了所在的条目"
    yield from _vector_faults(db)


def _place_faults(db: sqlite3.Connection) -> Iterator[str]:
    """Yield documents and files with another place than they were read from, or with one outside the indexed folder."""
    for document_id, file, origin in db.execute("SELECT id, file, origin FROM documents"):
        part = file.removeprefix(origin)
        if document_id != id_of(file) or not origin or (part == file and part) or part[:1] not in ("", "/", "#"):
            yield f"{file} 的编号或所在的文件已损坏"
        if is_outside(origin):
            yield f"{file} 的原件在收录的文件夹之外"
    for file, *rest, mark in db.execute(f"SELECT {STAMPED}, checksum FROM files"):
        if checksum(*map(str, (file, *rest))) != mark or is_outside(file):
            yield f"文件 {file} 的记录已损坏"


def is_outside(file: str) -> bool:
    """Tell whether a path leads out of the indexed folder: absolute, or through the folder above."""
    return PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts


def _item_faults(db: sqlite3.Connection) -> Iterator[str]:
    rows = "SELECT id, document_id, section, record, checksum FROM items"
    for item_id, document_id, section, record, mark in db.execute(rows):
        if checksum(record) != mark or item_id.rpartition("-")[0] != document_id or section != json.loads(record)["section"]:
            yield f"条目 {item_id} 的内容已损坏"
    with_functions(db)
    for columns, stated in _OF_ITEMS.items():
        stored = f"SELECT {columns}"
        differ = f"SELECT * FROM ({stated} EXCEPT {stored}) UNION SELECT * FROM ({stored} EXCEPT {stated})"
        if wrong := len({row[0] for row in db.execute(differ)}):
            yield f"{wrong} 个条目的地区、供稿单位或数据已损坏"
    broken = sum(checksum(*map(str, span)) != mark for *span, mark in db.execute(f"SELECT {SPAN}, checksum FROM passages"))
    if broken:
        yield f"{broken} 个段落已损坏"
    lost = "SELECT count(*) FROM items i LEFT JOIN items o ON o.id = i.same_as"
    if parted := db.execute(f"{lost} WHERE i.same_as IS NOT NULL AND (o.id IS NULL OR o.same_as IS NOT NULL)").fetchone()[0]:
        yield f"{parted} 个条目所重复的那个不在了"


def _correction_faults(db: sqlite3.Connection) -> Iterator[str]:
    for number, *parts, mark in db.execute(f"SELECT number, {CORRECTED}, checksum FROM corrections"):
        if checksum(*map(str, parts)) != mark:
            yield f"第 {number} 处更正的内容已损坏"
    for document_id, record, mark in db.execute("SELECT document_id, record, checksum FROM as_read"):
        if checksum(record) != mark:
            yield f"文献 {document_id} 更正前的内容已损坏"


def _vector_faults(db: sqlite3.Connection) -> Iterator[str]:
    rows = db.execute("SELECT vector FROM vectors WHERE model = (SELECT value FROM state WHERE key = 'model')")
    bad, sizes = 0, set()
    while batch := rows.fetchmany(_BATCH):
        sizes |= {len(vector) for (vector,) in batch}
        if len(sizes) > 1 or sizes.pop() % 4:
            yield "向量的长度不一致"
            return
        sizes = {len(batch[0][0])}
        vectors = np.frombuffer(b"".join(vector for (vector,) in batch), "<f4").reshape(len(batch), -1)
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        bad += int((~((np.abs(lengths - 1) < _TOLERANCE) | (lengths == 0))).sum())
    if bad:
        yield f"{bad} 个向量已损坏"
