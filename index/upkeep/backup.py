"""The whole index in one file: copied while it serves, checked when it is written and before it is restored.

A backup is a catalog; the views are made again from it, without encoding anything.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import Timeout

from index.errors import Busy, CatalogUnusable, IndexingError
from index.progress import Tell
from index.store.catalog import Catalog
from index.store.connections import connect, lock_of, why
from index.store.groups import rules_of
from index.store.layout import FILE
from index.store.schema import VERSION, keep_log, version_of
from index.store.snapshot import flush
from index.upkeep.faults import catalog_faults
from index.upkeep.incoming import taken_from
from index.views.both import rebuild

BEFORE = "before-restore"
KEPT = 3  # catalogs that restores have replaced


def backup(catalog: Catalog, target: Path, tell: Tell) -> None:
    """Write a backup, one state of the catalog; raise CatalogUnusable if it cannot be written or the catalog is damaged.

    An existing file is replaced once the new one is complete.
    """
    if target.is_dir() or not target.parent.is_dir():
        raise CatalogUnusable(f"备份要写成一个文件：{target} 是文件夹，或所在的文件夹不存在")
    if target.resolve() == catalog.path.resolve():
        raise CatalogUnusable("备份不能写到目录库自己的文件上：请换一个文件名")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        tell("正在备份……")
        _copy(catalog, unfinished)
        tell("正在核对备份……")
        _check(unfinished)
        flush(unfinished)
        unfinished.replace(target)
        flush(target.parent)
    except OSError as error:
        raise CatalogUnusable(f"备份没有写成：{target}（{why(error)}）") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _copy(catalog: Catalog, target: Path) -> None:
    """Copy the catalog as it is at this moment, through SQLite."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)  # it holds all documents
    with connect(catalog.path) as db:
        try:
            with closing(sqlite3.connect(target)) as copy:
                db.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        except sqlite3.Error as error:
            raise OSError(None, f"写不了：{error}") from error


def restore(source: Path, data: Path, tell: Tell) -> Catalog:
    """Replace the index in a data folder with a backup; raise CatalogUnusable, and change nothing, if that is damaged.

    The replaced catalog, if it has documents, is kept as `before-restore-<time>.sqlite`. A running server continues with
    the restored one.
    """
    if not source.is_file():
        raise CatalogUnusable(f"没有这个备份文件：{source}")
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock_of(data / FILE, wait=0), _incoming(source, data) as folder:
            _exchange(_checked(folder, tell), data, tell)
            _thin_out(data, tell)
            keep_log(data / FILE)
            tell("正在重新生成索引……")
            catalog = Catalog(data)
            rebuild(catalog, tell)
            return catalog
    except Timeout as error:
        raise Busy("另一个进程正在写这个数据文件夹：请等它结束后再恢复") from error
    except OSError as error:
        raise CatalogUnusable(f"没有恢复成，{data}：{why(error)}") from error


@contextmanager
def _incoming(source: Path, data: Path) -> Iterator[Path]:
    """Yield a folder with a copy of a backup, on the disk of the data folder."""
    folder = data / "restoring"
    shutil.rmtree(folder, ignore_errors=True)  # left by a process that was killed
    folder.mkdir(mode=0o700)
    try:
        shutil.copyfile(source, folder / FILE)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked(folder: Path, tell: Tell) -> Catalog:
    """Return a checked catalog with the rows of the backup in a folder, and a new history."""
    tell("正在核对备份……")
    try:
        return taken_from(folder / FILE, folder / "fresh", tell)
    except (IndexingError, sqlite3.Error) as error:
        raise CatalogUnusable(f"这个备份文件用不了，什么也没有改动：{error}") from error


def _exchange(restored: Catalog, data: Path, tell: Tell) -> None:
    """Put the restored catalog in the place of the live one, whose folder of originals and access groups it takes over.

    The live one is kept as a backup if it has documents or, if it is damaged or of another version, as it is.
    """
    live, kept = data / FILE, data / f"{BEFORE}-{datetime.now():%Y%m%d-%H%M%S}.sqlite"
    if live.exists() and not catalog_faults(live) and version_of(live) == VERSION:
        catalog = Catalog(data)
        if catalog.counts()["documents"]:
            backup(catalog, kept, tell)
        with connect(catalog.path) as db:
            rules = rules_of(db)
        restored.regroup(rules)  # what has become 内部 since the backup stays 内部
        restored.remember("folder", catalog.state("folder"))
        with connect(restored.path) as db, connect(live) as target:
            db.backup(target)  # one transaction: readers get either the old catalog or the new one
        return
    restored.regroup()
    restored.remember("folder", _folder_of(live))
    _copy(restored, restored.path.with_name("whole.sqlite"))  # without a log beside it
    for end in ("-shm", "-wal", ""):
        with suppress(FileNotFoundError):
            Path(f"{live}{end}").replace(f"{kept}{end}")
    restored.path.with_name("whole.sqlite").replace(live)


def _folder_of(damaged: Path) -> str:
    """Return the folder of originals that a catalog names, as far as it can be read; "" if not."""
    with suppress(IndexingError, sqlite3.Error):
        if damaged.exists():
            with connect(damaged) as db:
                row = db.execute("SELECT value FROM state WHERE key = 'folder'").fetchone()
            return str(row[0]) if row else ""
    return ""


def _thin_out(data: Path, tell: Tell) -> None:
    """Delete all but the newest of the catalogs that restores have replaced."""
    for old in sorted(data.glob(f"{BEFORE}-*.sqlite"))[:-KEPT]:
        tell(f"只留最近 {KEPT} 份换下来的索引，删掉了 {old.name}")
        for end in ("-shm", "-wal", ""):
            Path(f"{old}{end}").unlink(missing_ok=True)


def _check(path: Path) -> None:
    if faults := catalog_faults(path):
        raise CatalogUnusable("；".join(faults[:3]))
