"""Check the catalog in itself and against the views and the files: what is wrong, and the command that repairs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Numbers
from index.errors import Superseded
from index.progress import Tell
from index.store import snapshot
from index.store.catalog import Catalog
from index.store.changes import position
from index.store.handle import Connection
from index.store.records import Stamp
from index.store.snapshot import saved_views
from index.sync.intake import stamp_of
from index.upkeep.faults import catalog_faults
from index.views.both import current_views
from ingest.document import Skipped
from ingest.errors import IngestError
from ingest.walk import removed, walk


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, and the command that repairs it."""

    where: str  # catalog, groups, views, files
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
        if wrong := catalog.misplaced():
            problems.append(Problem("groups", f"{wrong} 份文件的分组不是配置和它自己写明的", "jianbao sync 文件夹"))
        tell("核对索引……")
        problems += [Problem("views", what, "jianbao rebuild") for what in _view_faults(catalog, tell)]
        tell("核对文件……")
        missing, pending = _files(catalog)
        problems += missing
    return Verification(problems, pending)


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


def _expected(db: Connection) -> tuple[Numbers, Numbers]:
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
