"""One file that holds the whole index: taken while it serves, checked when it is made and before it takes the index's place.

A backup is a catalog; the views are made from it again, without encoding anything.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from filelock import Timeout

from index.catalog import Catalog
from index.database import connect, lock_of
from index.encoder import Tell
from index.errors import Busy, CatalogUnusable, IndexingError
from index.schema import FILE
from index.snapshot import flush
from index.verify import catalog_faults
from index.views import rebuild

BEFORE = "before-restore.sqlite"


def backup(catalog: Catalog, target: Path, tell: Tell) -> None:
    """Write a backup, one state of the catalog; raise CatalogUnusable if it cannot be written or the catalog is damaged.

    A file that is there already is replaced when the new one is whole.
    """
    if target.is_dir() or not target.parent.is_dir():
        raise CatalogUnusable(f"备份要写成一个文件：{target} 是文件夹，或所在的文件夹不存在")
    if target.resolve() == catalog.path.resolve():
        raise CatalogUnusable("备份不能写到目录库自己的文件上：请换一个文件名")
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        tell("正在备份……")
        with catalog.connect() as db, closing(sqlite3.connect(unfinished)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        tell("正在核对备份……")
        _check(unfinished)
        flush(unfinished)
        unfinished.replace(target)
        flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise CatalogUnusable(f"备份没有写成：{target}（{error}）") from error
    finally:
        unfinished.unlink(missing_ok=True)


def restore(source: Path, data: Path, tell: Tell) -> Catalog:
    """Put a backup in the place of the index in a data folder; raise CatalogUnusable, and change nothing, if it is damaged.

    What was there before is kept as `before-restore.sqlite`. A running server goes on with what was restored.
    """
    if not source.is_file():
        raise CatalogUnusable(f"没有这个备份文件：{source}")
    incoming = data / "restoring"
    try:
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True)
        shutil.copyfile(source, incoming / FILE)
        restored = _checked(incoming, tell)
        with lock_of(data / FILE, wait=0):
            _keep(data, tell)
            with restored.connect() as db, connect(data / FILE) as live:
                db.backup(live)  # one transaction: readers see the one or the other
    except Timeout as error:
        raise Busy("另一个进程正在写这个数据文件夹：请等它结束后再恢复") from error
    except (OSError, sqlite3.Error) as error:
        raise CatalogUnusable(f"没有恢复成：{error}") from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    catalog = Catalog(data)
    with catalog.writing():
        tell("正在重新生成索引……")
        rebuild(catalog, tell)
    return catalog


def _checked(folder: Path, tell: Tell) -> Catalog:
    """Return the catalog in a folder, migrated, whole and of a new lineage."""
    tell("正在核对备份……")
    try:
        with (folder / FILE).open("rb") as stream:
            if stream.read(15) != b"SQLite format 3":
                raise CatalogUnusable("它不是 jianbao backup 写的")
        catalog = Catalog(folder)
        _check(catalog.path)
        catalog.renew()
    except IndexingError as error:
        raise CatalogUnusable(f"这个备份文件用不了，什么也没有改动：{error}") from error
    return catalog


def _keep(data: Path, tell: Tell) -> None:
    """Keep what a data folder holds: as a backup, or if it is damaged, as it is."""
    live, before = data / FILE, data / BEFORE
    if not live.exists():
        return
    try:
        catalog = Catalog(data)
        if catalog.counts()["documents"]:
            backup(catalog, before, tell)
    except IndexingError:
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{live}{end}").replace(f"{before}{end}")


def _check(path: Path) -> None:
    if faults := catalog_faults(path):
        raise CatalogUnusable("；".join(faults[:3]))
