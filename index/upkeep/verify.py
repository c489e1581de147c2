"""Check the catalog in itself and against the views and the files: what is wrong, and the command that repairs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Numbers
from index.errors import IndexingError, Superseded
from index.progress import Tell
from index.store import snapshot
from index.store.catalog import Catalog
from index.store.changes import position
from index.store.connections import connect, transaction
from index.store.corrections import STATED
from index.store.records import Stamp, checksum
from index.store.snapshot import saved_views
from index.sync.intake import stamp_of
from index.views.both import current_views
from ingest.document import Skipped
from ingest.errors import IngestError
from ingest.walk import removed, walk

_TOLERANCE = 0.01  # of a vector's length
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, and the command that repairs it."""

    where: str  # catalog, views, files
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The problems found; files that have changed since the last sync are none."""

    problems: list[Problem]
    pending: dict[str, int]  # files added, changed, removed since the last sync


def verify(catalog: Catalog, tell: Tell) -> Verification:
    """Check everything that is derived from the files, and count the files changed since the last sync."""
    tell("核对目录库……")
    problems = [Problem("catalog", what, "jianbao restore 备份文件") for what in catalog_faults(catalog.path)]
    pending: dict[str, int] = {}
    if not problems:
        tell("核对索引……")
        problems += [Problem("views", what, "jianbao rebuild") for what in _view_faults(catalog, tell)]
        tell("核对文件……")
        missing, pending = _files(catalog)
        problems += missing
    return Verification(problems, pending)


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
    for item_id, record, mark in db.execute("SELECT id, record, checksum FROM items"):
        if checksum(record) != mark:
            yield f"条目 {item_id} 的内容已损坏"
    yield from _correction_faults(db)
    outside = db.execute(
        "SELECT count(*) FROM passages p JOIN items ON items.id = item_id WHERE p.start >= p.end"
        " OR p.start < json_extract(record, '$.start') OR p.end > json_extract(record, '$.end')"
    ).fetchone()[0]
    if outside:
        yield f"{outside} 个段落越出了所在的条目"
    yield from _vector_faults(db)


def _correction_faults(db: sqlite3.Connection) -> Iterator[str]:
    for number, *parts, mark in db.execute(f"SELECT number, {STATED}, checksum FROM corrections"):
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


def _view_faults(catalog: Catalog, tell: Tell) -> Iterator[str]:
    data = catalog.path.parent
    try:
        saved = saved_views(data, *catalog.change())
        if saved and (file := snapshot.damage(saved)) and saved == saved_views(data, *catalog.change()):
            yield f"存下的索引已损坏：{file}"
            return
        with catalog.reading() as db:
            views, expected = current_views(db, catalog, None, tell), _expected(db)
    except Superseded:
        if catalog.writer():
            tell("正在同步，索引换成了新的，这次没有核对它")
        else:
            yield "目录库比存下的索引旧，可能换回了旧的副本"
        return
    for name, numbers, wanted in zip(
        ("向量索引", "字词索引"), (views.vectors.numbers, views.keywords.numbers), expected, strict=True
    ):
        missing, extra = np.setdiff1d(wanted, numbers), np.setdiff1d(numbers, wanted)
        twice = len(numbers) - len(np.unique(numbers))
        if len(missing) or len(extra) or twice:
            yield f"{name}与目录库不一致：缺 {len(missing)} 段，多 {len(extra)} 段，重复 {twice} 段"


def _expected(db: sqlite3.Connection) -> tuple[Numbers, Numbers]:
    """Return the passages that each view should contain: vectors, keywords."""
    searched = "JOIN items ON items.id = item_id WHERE same_as IS NULL"
    with_vectors = f"SELECT number FROM passages JOIN vectors USING (number) {searched} AND vector <> zeroblob(length(vector))"
    _, _, model = position(db)
    vectors = db.execute(f"{with_vectors} AND model = ?", [model]).fetchall()
    words = db.execute(f"SELECT number FROM passages {searched}").fetchall()
    return np.array(vectors, np.int64).ravel(), np.array(words, np.int64).ravel()


def _files(catalog: Catalog) -> tuple[list[Problem], dict[str, int]]:
    folder, known, skipped = Path(catalog.state("folder")), catalog.stamps(), list[Skipped]()
    if not catalog.state("folder"):
        return [], {}
    try:
        files = {file: path for path, file in walk(folder, skipped)}
    except IngestError as error:
        return [Problem("files", str(error), "jianbao sync 文件夹")], {}
    both, gone = files.keys() & known.keys(), removed(known.keys() | catalog.origins(), files.keys(), skipped)
    changed = sum(_has_changed(files[file], known[file]) for file in both)
    return [], {"added": len(files.keys() - known.keys()), "changed": changed, "removed": len(gone)}


def _has_changed(path: Path, known: Stamp) -> bool:
    try:
        return stamp_of(path, known).sha256 != known.sha256
    except OSError:  # just removed, or not readable: the next sync will report it
        return True
