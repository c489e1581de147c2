"""Backups that somebody with bad intentions made, and catalogs changed behind our back: what restricts access still does."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from conftest import jianbao, silent

from index.errors import CatalogUnusable
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.connections import NO_LOCKS
from index.sync.mirror import sync
from index.upkeep.backup import BEFORE, KEPT, backup, restore
from index.upkeep.verify import verify
from service.errors import Refused
from service.routes.documents import original_of

RULES = {"内部": ["内部"]}
OPEN = "食堂情况\n余姚市在三个乡镇办起共享食堂，老人每餐只付六元，全县已有1200位老人吃上热饭。"
SECRET = "水电站情况\n云溪县拟撤并蟠龙水电站，安置移民340户，补偿方案暂不对外公布，由县水利局负责。"
MARKED = "标题,正文,知悉范围\n水库,云溪县蟠龙水库除险加固投入8310万元。,内部\n茶叶,云溪县茶叶开秤。,公开\n"


@pytest.fixture
def index(tmp_path: Path, tiny_encoder: Encoder) -> SearchIndex:
    folder = tmp_path / "documents"
    for name, text in {"食堂.txt": OPEN, "内部/水电站.txt": SECRET, "表.csv": MARKED}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    catalog = Catalog(tmp_path / "data")
    with catalog.writing():
        catalog.regroup(RULES)
    sync(folder, catalog, tiny_encoder)
    return SearchIndex(catalog, tiny_encoder)


SEEN = {"食堂.txt", "表.csv#3"}


def seen(catalog: Catalog, encoder: Encoder) -> set[str]:
    """Return the files of which a caller without groups finds passages."""
    return {
        hit.citation.file
        for hit in SearchIndex(catalog, encoder).visible_to(frozenset()).search("云溪县茶叶 余姚市食堂 水电站 水库", 20).hits
    }


def changed(file: Path, statements: str) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.executescript(statements)


FOREIGN = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON documents BEGIN UPDATE documents SET folder_group = '公开'; END;"
    "CREATE TRIGGER u AFTER UPDATE ON state BEGIN UPDATE documents SET folder_group = '公开', own_group = '公开'; END;",
    "a view in place of a table": "ALTER TABLE files RENAME TO kept; CREATE VIEW files AS SELECT * FROM kept;",
    "a view": "CREATE VIEW open_documents AS SELECT * FROM documents;",
    "a virtual table": "CREATE VIRTUAL TABLE words_of USING fts5 (text); INSERT INTO words_of VALUES ('蟠龙水电站');",
    "another table": "CREATE TABLE more (text TEXT); INSERT INTO more VALUES ('蟠龙水电站');",
    "another folder": "UPDATE state SET value = '/etc' WHERE key = 'folder';",
    "other groups": "UPDATE documents SET folder_group = '公开', own_group = '公开'; UPDATE files SET folder_group = '公开';",
    "other rules": "UPDATE state SET value = '{}' WHERE key = 'groups'; UPDATE documents SET folder_group = '公开';",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_of_a_backup_only_the_rows_of_our_own_tables_are_taken(
    index: SearchIndex, tmp_path: Path, tiny_encoder: Encoder, what: str
) -> None:
    backup(index.catalog, tmp_path / "b", silent)
    changed(tmp_path / "b", FOREIGN[what])
    told: list[str] = []
    try:
        restored = restore(tmp_path / "b", index.catalog.path.parent, told.append)
    except CatalogUnusable:
        assert what == "a view in place of a table"
        restored = index.catalog
    assert seen(restored, tiny_encoder) == SEEN
    assert verify(restored, silent).problems == []
    assert restored.state("folder") == str((tmp_path / "documents").resolve())
    with restored.connect() as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger')").fetchall() == []
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name IN ('more', 'words_of', 'kept')").fetchall()
    assert bool([one for one in told if "没有恢复" in one]) is what.startswith(
        ("a trigger", "a view", "a virtual", "another t")
    )
    sync(tmp_path / "documents", restored, tiny_encoder)
    assert seen(restored, tiny_encoder) == SEEN


@pytest.mark.parametrize("origin", ["/etc/passwd", "../secret.txt", "a/../../secret.txt"])
def test_a_backup_that_leads_out_of_the_folder_is_refused(index: SearchIndex, tmp_path: Path, origin: str) -> None:
    backup(index.catalog, tmp_path / "b", silent)
    changed(tmp_path / "b", f"UPDATE documents SET origin = '{origin}' WHERE file = '食堂.txt'")
    with pytest.raises(CatalogUnusable, match="什么也没有改动"):
        restore(tmp_path / "b", index.catalog.path.parent, silent)


def test_on_a_new_machine_a_backup_names_no_folder(index: SearchIndex, tmp_path: Path, tiny_encoder: Encoder) -> None:
    backup(index.catalog, tmp_path / "b", silent)
    run = jianbao("--data", str(tmp_path / "new"), "restore", str(tmp_path / "b"))
    assert run.returncode == 0 and "jianbao sync" in run.stderr
    restored = SearchIndex(Catalog(tmp_path / "new"), tiny_encoder)
    assert restored.catalog.state("folder") == "" and seen(restored.catalog, tiny_encoder) == SEEN
    with restored.catalog.connect() as db:
        ids = [row[0] for row in db.execute("SELECT id FROM documents")]
    for document in ids:  # not even what stands where the server was started
        with pytest.raises(Refused):
            original_of(restored, document)


def test_catalogs_that_were_replaced_do_not_pile_up(index: SearchIndex, tmp_path: Path) -> None:
    data = index.catalog.path.parent
    backup(index.catalog, tmp_path / "b", silent)
    for day in range(1, 8):
        (data / f"{BEFORE}-2024010{day}-000000.sqlite").write_bytes(b"x")
        (data / f"{BEFORE}-2024010{day}-000000.sqlite-wal").write_bytes(b"x")
    restore(tmp_path / "b", data, silent)
    kept = sorted(path.name for path in data.glob(f"{BEFORE}-*"))
    assert len([name for name in kept if name.endswith(".sqlite")]) == KEPT and f"{BEFORE}-20240106-000000.sqlite-wal" in kept
    assert not [name for name in kept if "20240105" in name]


TAMPERED: dict[str, tuple[str, str]] = {
    "a folder's group": ("UPDATE documents SET folder_group = '公开' WHERE file = '内部/水电站.txt'", "groups"),
    "the group it states": (
        "UPDATE documents SET own_group = '公开' WHERE file = '表.csv#2'",
        "groups",
    ),
    "a file's group": ("UPDATE files SET folder_group = '公开' WHERE file LIKE '内部%'", "groups"),
    "what a file states": ("UPDATE files SET stated = '公开' WHERE file = '表.csv'", "catalog"),
    "a file's name": ("UPDATE files SET file = '他.txt' WHERE file = '食堂.txt'", "catalog"),
    "where it was read from": ("UPDATE documents SET origin = '内部/水电站.txt' WHERE file = '食堂.txt'", "catalog"),
    "its name": ("UPDATE documents SET file = '他.txt' WHERE file = '食堂.txt'", "catalog"),
    "its day": ("UPDATE documents SET date = '2020-01-01' WHERE file = '食堂.txt'", "catalog"),
    "a section": ("UPDATE items SET section = '他'", "catalog"),
    "a region": ("UPDATE regions SET name = '浙江省杭州市'", "catalog"),
    "a region more": ("INSERT INTO regions SELECT id, '浙江省杭州市' FROM items LIMIT 1", "catalog"),
    "a figure": ("UPDATE figures SET value = value + 1", "catalog"),
    "whose figure it is": ("UPDATE figures SET subject = '浙江省杭州市'", "catalog"),
    "a passage's context": ("UPDATE passages SET context = '他'", "catalog"),
    "where a passage ends": ('UPDATE passages SET "end" = "end" - 1', "catalog"),
    "a reprint": ("UPDATE items SET same_as = 'nowhere' WHERE rowid = 1", "catalog"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_changed_in_the_file_is_noticed(index: SearchIndex, tiny_encoder: Encoder, what: str) -> None:
    catalog, (statement, where) = index.catalog, TAMPERED[what]
    with catalog.connect() as db:
        assert db.execute(statement).rowcount
    found = verify(catalog, silent).problems
    assert {problem.where for problem in found} == {where}, found
    if where == "groups":
        assert found[0].mend.startswith("jianbao sync")


@pytest.mark.parametrize("what", [what for what, (_, where) in TAMPERED.items() if where == "groups"])
def test_groups_are_worked_out_again(index: SearchIndex, tmp_path: Path, tiny_encoder: Encoder, what: str) -> None:
    """By a sync that reads no file, and before a server lets anybody in."""
    from service.opening import keep_groups
    from service.settings import read_settings

    catalog = index.catalog
    settings = read_settings({}, catalog.path.parent)
    for mend in (lambda: sync(tmp_path / "documents", catalog, tiny_encoder), lambda: keep_groups(catalog, settings, silent)):
        with catalog.connect() as db:
            assert db.execute(TAMPERED[what][0]).rowcount
        assert catalog.misplaced() > 0
        mend()
        assert catalog.misplaced() == 0 and seen(catalog, tiny_encoder) == SEEN


def test_nobody_else_on_the_machine_may_read_catalog_and_backups(index: SearchIndex, tmp_path: Path) -> None:
    data = index.catalog.path.parent
    backup(index.catalog, tmp_path / "b", silent)
    restore(tmp_path / "b", data, silent)
    (old := tmp_path / "old").mkdir()
    shutil.copy(tmp_path / "b", old / "catalog.sqlite")
    (old / "catalog.sqlite").chmod(0o644)
    Catalog(old)
    (kept,) = data.glob(f"{BEFORE}-*.sqlite")
    for path in (data, data / "views", data / "catalog.sqlite", tmp_path / "b", kept, old / "catalog.sqlite"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o007, path


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_disk_without_locks_is_told_so(index: SearchIndex, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Not with a traceback, nor by saying for ever that somebody else is writing."""

    def refuse(_file: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    for _ in range(2):
        with pytest.raises(CatalogUnusable, match=NO_LOCKS), index.catalog.writing():
            pass
    assert index.catalog.writer() == ""
