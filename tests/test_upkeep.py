"""verify, rebuild, backup and restore, as people run them and while a server is searching."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from conftest import jianbao, silent

from index.errors import Busy, CatalogUnusable
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.connections import lock_of
from index.sync.mirror import sync
from index.upkeep.backup import BEFORE, backup, restore
from index.upkeep.verify import verify
from index.views.both import rebuild

ARTICLE = "{0}区开设夜托班\n来源：示例日报 2024-05-06\n{0}区开设夜托班，方便晚下班的家长，共有{0}家。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in "甲乙丙丁戊":
        (folder / f"{name}区.txt").write_text(ARTICLE.format(name), encoding="utf-8")
    return folder


@pytest.fixture
def catalog(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> Catalog:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    return catalog


def test_verify_says_what_is_wrong_and_what_to_run(catalog: Catalog, folder: Path) -> None:
    data = str(catalog.path.parent)
    run = jianbao("--data", data, "verify")
    assert (run.returncode, run.stdout) == (0, "没有问题：目录库完好，索引与它一致\n")
    (folder / "甲区.txt").unlink()
    (folder / "己区.txt").write_text(ARTICLE.format("己"), encoding="utf-8")
    (folder / "乙区.txt").write_text(ARTICLE.format("庚"), encoding="utf-8")
    run = jianbao("--data", data, "verify")
    assert (run.returncode, run.stdout.splitlines()[1]) == (
        0,
        "上次同步以后，文件夹里新增 1、改动 1、移除 1 个文件：运行 jianbao sync 收录",
    )
    with catalog.connect() as db:
        db.execute("UPDATE vectors SET vector = zeroblob(length(vector)) WHERE number = 2")
        db.execute("DELETE FROM passages WHERE number = 3")
    run = jianbao("--data", data, "verify", "--json")
    found = json.loads(run.stdout)
    assert (run.returncode, found["ok"]) == (1, False)
    assert [(problem["where"], problem["mend"]) for problem in found["problems"]] == [("views", "jianbao rebuild")] * 2
    assert "多 2 段" in found["problems"][0]["what"]
    assert jianbao("--data", data, "rebuild").returncode == 0
    assert json.loads(jianbao("--data", data, "verify", "--json").stdout)["problems"] == []
    with catalog.connect() as db:
        vector = np.full(48, 0.7, "<f4").tobytes()
        db.execute("UPDATE vectors SET vector = ? WHERE number = 1", [vector])
    assert "1 个向量已损坏" in jianbao("--data", data, "verify").stdout


def test_a_running_index_turns_to_what_was_rebuilt(catalog: Catalog, folder: Path, tiny_encoder: Encoder) -> None:
    index = SearchIndex(catalog, tiny_encoder)
    index.refresh()
    before = index.views.base
    with catalog.writing():
        rebuild(catalog, silent)
    assert len(index.search("夜托班", 20).hits) == 5
    assert index.views.base > before
    (folder / "己区.txt").write_text(ARTICLE.format("己"), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    assert len(index.search("夜托班", 20).hits) == 6


def test_a_backup_taken_while_serving_is_put_back(
    catalog: Catalog, folder: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    index = SearchIndex(catalog, tiny_encoder)
    before = [hit.passage_id for hit in index.search("夜托班", 20).hits]
    backup(catalog, tmp_path / "备份.jianbao", silent)
    for path in folder.iterdir():
        path.unlink()
    (folder / "己区.txt").write_text(ARTICLE.format("己"), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    assert [hit.citation.file for hit in index.search("夜托班", 20).hits] == ["己区.txt"]
    run = jianbao("--data", str(catalog.path.parent), "restore", str(tmp_path / "备份.jianbao"))
    assert (run.returncode, run.stdout) == (0, "已恢复：5 份文献、5 个条目、5 个段落\n")
    assert [hit.passage_id for hit in index.search("夜托班", 20).hits] == before, "the running index turns to it"
    assert verify(catalog, silent).problems == []
    (kept,) = catalog.path.parent.glob(f"{BEFORE}-*.sqlite")
    restore(kept, catalog.path.parent, silent)  # and back again
    assert [hit.citation.file for hit in index.search("夜托班", 20).hits] == ["己区.txt"]


def test_a_backup_during_a_sync_is_one_state(catalog: Catalog, folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    for number in range(60):
        (folder / f"{number}.txt").write_text(ARTICLE.format(f"第{number}"), encoding="utf-8")
    writer = threading.Thread(target=sync, args=(folder, Catalog(catalog.path.parent), tiny_encoder))
    writer.start()
    sizes = []
    while writer.is_alive():
        backup(catalog, tmp_path / "b", silent)
        sizes.append(restore(tmp_path / "b", tmp_path / "elsewhere", silent).counts()["documents"])
        assert verify(Catalog(tmp_path / "elsewhere"), silent).problems == []
    writer.join()
    assert len(set(sizes)) > 1
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "words", "other"])
def test_a_damaged_backup_changes_nothing(catalog: Catalog, tmp_path: Path, tiny_encoder: Encoder, damage: str) -> None:
    target = tmp_path / "b"
    backup(catalog, target, silent)
    content, other = target.read_bytes(), tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE bookmarks (address TEXT)")
    changed = {
        "empty": b"",
        "cut": content[: len(content) // 2 // 4096 * 4096],
        "text": b"no backup at all" * 500,
        "other": other.read_bytes(),
        "words": content.replace("共有甲家".encode(), "共有乙家".encode()),
    }
    target.write_bytes(changed[damage])
    with pytest.raises(CatalogUnusable, match="什么也没有改动"):
        restore(target, catalog.path.parent, silent)
    assert len(SearchIndex(Catalog(catalog.path.parent), tiny_encoder).search("夜托班", 20).hits) == 5
    assert not (catalog.path.parent / "restoring").exists()


def test_a_damaged_catalog_is_replaced_and_set_aside(catalog: Catalog, tmp_path: Path, tiny_encoder: Encoder) -> None:
    data = catalog.path.parent
    backup(catalog, tmp_path / "b", silent)
    catalog.path.write_bytes(b"damaged" * 1000)
    restore(tmp_path / "b", data, silent)
    assert len(SearchIndex(Catalog(data), tiny_encoder).search("夜托班", 20).hits) == 5
    (kept,) = data.glob(f"{BEFORE}-*.sqlite")
    assert kept.read_bytes() == b"damaged" * 1000


@pytest.mark.parametrize("state", ["nothing", "empty file", "older version"])
def test_a_backup_is_put_where_there_is_no_usable_catalog(
    catalog: Catalog, tmp_path: Path, tiny_encoder: Encoder, state: str
) -> None:
    backup(catalog, tmp_path / "b", silent)
    data = tmp_path / "elsewhere"
    if state == "empty file":
        data.mkdir()
        (data / "catalog.sqlite").touch()
    elif state == "older version":
        Catalog(data).remember("version", "2")
    restored = restore(tmp_path / "b", data, silent)
    assert len(SearchIndex(Catalog(data), tiny_encoder).search("夜托班", 20).hits) == 5
    with restored.connect() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_restore_that_fails_keeps_what_was_there(
    catalog: Catalog, tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(catalog, tmp_path / "b", silent)

    def full(*_: object) -> None:
        raise CatalogUnusable("磁盘已满")

    monkeypatch.setattr("index.upkeep.backup.backup", full)
    with pytest.raises(CatalogUnusable, match="磁盘已满"):
        restore(tmp_path / "b", catalog.path.parent, silent)
    assert len(SearchIndex(Catalog(catalog.path.parent), tiny_encoder).search("夜托班", 20).hits) == 5


def test_passage_numbers_of_a_restored_catalog_are_not_those_of_before(
    catalog: Catalog, folder: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    """A running index whose views belong to another history waits, and never cites a passage by an old number."""
    backup(catalog, tmp_path / "b", silent)
    (folder / "旧区.txt").write_text(ARTICLE.format("旧"), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    assert index.search("旧区夜托班", 1).hits[0].citation.file == "旧区.txt"
    restore(tmp_path / "b", catalog.path.parent, silent)
    (folder / "旧区.txt").unlink()
    (folder / "新区.txt").write_text(ARTICLE.format("新"), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    found: list[str] = []
    with index._states._current._refreshing:  # another thread is bringing the views up to date
        searching = threading.Thread(target=lambda: found.extend(h.citation.file for h in index.search("旧区", 20).hits))
        searching.start()
        searching.join(timeout=3)
        assert found == []
    searching.join()
    assert "旧区.txt" not in found and "新区.txt" in found


def test_an_older_copy_put_back_is_noticed(catalog: Catalog, folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    """Changes that come after are not taken for those that came before, by a running index or by the next command."""
    older = tmp_path / "older.sqlite"
    backup(catalog, older, silent)
    (folder / "旧区.txt").write_text(ARTICLE.format("旧"), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    running = SearchIndex(catalog, tiny_encoder)
    assert running.search("旧区夜托班", 1).hits[0].citation.file == "旧区.txt"
    (folder / "旧区.txt").unlink()
    (folder / "新区.txt").write_text(ARTICLE.format("新"), encoding="utf-8")
    for other in ("-wal", "-shm"):
        Path(f"{catalog.path}{other}").unlink(missing_ok=True)
    older.replace(catalog.path)
    assert [problem.mend for problem in verify(Catalog(catalog.path.parent), silent).problems] == ["jianbao rebuild"]
    assert len(running.search("夜托班", 20).hits) == 5
    sync(folder, Catalog(catalog.path.parent), tiny_encoder)
    for index in (running, SearchIndex(Catalog(catalog.path.parent), tiny_encoder)):
        files = [hit.citation.file for hit in index.search("新区夜托班", 20).hits]
        assert files[0] == "新区.txt"
        assert len(files) == 6
    assert verify(Catalog(catalog.path.parent), silent).problems == []


def test_a_catalog_cut_to_nothing_is_not_a_new_one(catalog: Catalog) -> None:
    for end in ("", "-wal"):
        Path(f"{catalog.path}{end}").write_bytes(b"")
    with pytest.raises(CatalogUnusable, match="已损坏"):
        Catalog(catalog.path.parent)


def test_an_empty_index_is_whole(tmp_path: Path, tiny_encoder: Encoder) -> None:
    empty = Catalog(tmp_path / "empty")
    assert verify(empty, silent).problems == []
    with empty.writing():
        rebuild(empty, silent)
    assert SearchIndex(empty, tiny_encoder).search("夜托班", 5, {"kind": "news"}).hits == []


def test_what_cannot_be_backed_up_or_restored(catalog: Catalog, tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "no folder" / "b", catalog.path):
        with pytest.raises(CatalogUnusable):
            backup(catalog, target, silent)
    with pytest.raises(CatalogUnusable, match="没有这个备份文件"):
        restore(tmp_path / "nothing", catalog.path.parent, silent)
    backup(catalog, tmp_path / "b", silent)
    with lock_of(catalog.path, wait=0), pytest.raises(Busy):
        restore(tmp_path / "b", catalog.path.parent, silent)
    assert len(list(tmp_path.glob(".b*"))) == 0


def test_a_second_writer_is_told_who_is_writing(catalog: Catalog, folder: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path; from index.store.catalog import Catalog\n"
        f"with Catalog(Path({str(catalog.path.parent)!r})).writing(): print('holding', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True, env=os.environ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        assert f"进程 {holder.pid}" in Catalog(catalog.path.parent).writer()
        run = jianbao("--data", str(catalog.path.parent), "sync", str(folder))
        holder.kill()
    assert run.returncode == 2
    assert f"另一个进程正在写这个数据文件夹（进程 {holder.pid}，" in run.stderr
    assert catalog.writer() == ""
