"""A catalog on a real seekdb, OceanBase's single-node sibling: the same documents, the same results, several processes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from conftest import DOCUMENTS, ROOT, jianbao, serving
from seekdb_server import running, seekdb

from cases.find import find_cases
from index.errors import Busy, CatalogUnusable
from index.models.encoder import Encoder
from index.oceanbase.catalog import SharedCatalog
from index.progress import silent as unwatched
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.connections import transaction
from index.store.documents import list_documents, list_issues
from index.store.records import checksum
from index.sync.mirror import sync
from index.upkeep.migrate import migrate
from index.upkeep.verify import verify

QUESTIONS = (
    "缙云县的派单总额",
    "老年助餐",
    "山里老人吃饭不方便",
    "海岛医疗",
    "盘活闲置农房",
    "稻渔种养面积",
    "2024年第3期",
    "残疾人就业",
)


@pytest.fixture(scope="module", name="server")
def seekdb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with seekdb(tmp_path_factory.mktemp("seekdb")) as socket:
        yield socket


def address(socket: str, name: str = "jianbao") -> str:
    return f"oceanbase://root@localhost/{name}?socket={socket}"


@pytest.fixture(scope="module", name="shared")
def shared_index(server: str, tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> SearchIndex:
    catalog = SharedCatalog(tmp_path_factory.mktemp("data"), address(server), "")
    report = sync(DOCUMENTS, catalog, bundled_encoder)
    assert (report.added, report.items) == (16, 71)
    return SearchIndex(catalog, bundled_encoder)


def test_a_search_finds_what_it_finds_in_a_data_folder(shared: SearchIndex, sample_index: SearchIndex) -> None:
    for question in QUESTIONS:
        here, there = (index.search(question, 10).hits for index in (sample_index, shared))
        assert [hit.citation.line for hit in there] == [hit.citation.line for hit in here]
        cases = [find_cases(index, question, 10, {}) for index in (sample_index, shared)]
        assert [one.item_id for one in cases[1].cases] == [one.item_id for one in cases[0].cases]
        assert cases[1].facets == cases[0].facets


@pytest.mark.parametrize(
    "conditions",
    [
        {"region": "缙云"},
        {"year": "2024", "kind": "news"},
        {"since": "2024-03-01"},
        {"contributor": "省"},
    ],
)
def test_filters_and_figures_are_those_of_a_data_folder(
    shared: SearchIndex, sample_index: SearchIndex, conditions: dict[str, str]
) -> None:
    here, there = (find_cases(index, "", 100, conditions) for index in (sample_index, shared))
    assert there.total == here.total and {one.item_id for one in there.cases} == {one.item_id for one in here.cases}
    here, there = (find_cases(index, "", 100, conditions, "figure", "带动就业") for index in (sample_index, shared))
    assert [one.outcome for one in there.cases] == [one.outcome for one in here.cases]


@pytest.mark.parametrize("title", ["题" * 300, "", None])
def test_a_value_of_a_record_is_told_whole(server: str, tmp_path: Path, title: str | None) -> None:
    record = json.dumps({"title": title}, ensure_ascii=False)
    with SharedCatalog(tmp_path / "any", address(server), "").connect() as db:
        rows = db.execute("SELECT json_extract(d, '$.title') FROM (SELECT ? AS d) t", [record])
        assert rows.fetchone() == (title,)


@pytest.mark.parametrize("form", ["case", "file", ""])
def test_forms_are_those_of_a_data_folder(
    server: str, tmp_path: Path, tiny_encoder: Encoder, form: Literal["case", "file", ""]
) -> None:
    (tmp_path / "d").mkdir()
    notice = "关于做好冬季供暖的通知\n\n各乡镇：\n\n一、摸清底数\n各乡镇十月底前报送名单。\n\n二、落实补贴\n每户补贴三百元。\n"
    (tmp_path / "d" / "通知.txt").write_text(notice, encoding="utf-8")
    (tmp_path / "d" / "甲.txt").write_text("甲县办起共享食堂\n甲县把闲置晒谷场办成共享食堂。\n", encoding="utf-8")
    catalogs = Catalog(tmp_path / "here"), store_of(server, tmp_path, f"forms{form}")
    found = []
    for catalog in catalogs:
        sync(tmp_path / "d", catalog, tiny_encoder)
        index = SearchIndex(catalog, tiny_encoder)
        found.append([one.item_id for one in find_cases(index, "", 10, {}, form=form).cases])
    assert found[0] == found[1] != []


def test_lists_are_those_of_a_data_folder(shared: SearchIndex, sample_index: SearchIndex) -> None:
    assert sorted(list_issues(shared.catalog)) == sorted(list_issues(sample_index.catalog))
    assert list_documents(shared.catalog, 100) == list_documents(sample_index.catalog, 100)
    assert shared.catalog.counts() == sample_index.catalog.counts()


@pytest.fixture(name="folder")
def grouped_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "内部").mkdir(parents=True)
    (folder / "甲.txt").write_text("甲县办起共享食堂\n甲县把闲置晒谷场办成共享食堂，老人每餐付五元。\n", encoding="utf-8")
    (folder / "内部" / "乙.txt").write_text("乙县移民安置预案\n乙县拟安置移民372户，涉及旧站撤并。\n", encoding="utf-8")
    return folder


def store_of(server: str, tmp_path: Path, name: str) -> SharedCatalog:
    with SharedCatalog(tmp_path / "any", address(server), "").connect() as db:
        db.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")  # type: ignore[attr-defined]
    return SharedCatalog(tmp_path / f"data-{name}", address(server, name), "")


def titles(index: SearchIndex, text: str) -> list[str]:
    return [hit.citation.item for hit in index.search(text, 10).hits]


def test_who_may_not_see_a_document_finds_lists_and_counts_none_of_it(
    server: str, folder: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    catalog = store_of(server, tmp_path, "grouped")
    with catalog.writing():
        catalog.regroup({"内部": ["内部"]})
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    public, staff = index.visible_to(frozenset()), index.visible_to(frozenset({"内部"}))
    assert "乙县移民安置预案" in titles(staff, "移民安置") and "乙县移民安置预案" not in titles(public, "移民安置")
    assert (staff.catalog.counts()["documents"], public.catalog.counts()["documents"]) == (2, 1)
    assert [row["file"] for row in list_documents(public.catalog, 10)] == ["甲.txt"]
    assert not find_cases(public, "", 10, {}, "figure", "安置").cases
    with public.catalog.connect() as db, pytest.raises(CatalogUnusable):
        db.execute("SELECT id FROM everything")


def test_what_another_process_puts_in_is_found_and_what_it_removes_is_not(
    server: str, folder: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    catalog = store_of(server, tmp_path, "several")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(SharedCatalog(tmp_path / "other", address(server, "several"), ""), tiny_encoder)
    assert "甲县办起共享食堂" in titles(index, "共享食堂")
    (folder / "丙.txt").write_text("丙区开设夜托班\n丙区在12所小学开设夜托班，惠及学生2300名。\n", encoding="utf-8")
    (folder / "甲.txt").write_text("甲县办起共享食堂\n甲县的共享食堂改由村集体经营，每餐八元。\n", encoding="utf-8")
    (folder / "内部" / "乙.txt").unlink()
    report = sync(folder, catalog, tiny_encoder)
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    assert "丙区开设夜托班" in titles(index, "夜托班") and "乙县移民安置预案" not in titles(index, "移民安置")
    assert "每餐八元" in index.search("共享食堂", 1).hits[0].text


def test_there_is_one_writer_and_it_is_named(server: str, tmp_path: Path) -> None:
    catalog = store_of(server, tmp_path, "locked")
    other = SharedCatalog(tmp_path / "other", address(server, "locked"), "")
    with catalog.writing():
        assert other.writer().startswith("进程 ")
        with pytest.raises(Busy, match="另一个进程正在写这个库（进程 "), other.writing():
            pass
    assert other.writer() == ""
    with other.writing(), other.connect() as db:
        db.run("UPDATE jb_leases SET holder = 'another', until = now(6) + INTERVAL 1 HOUR")  # type: ignore[attr-defined]
        with pytest.raises(Busy, match="时限已过"), other.connect() as lost, transaction(lost):
            pass


@pytest.mark.slow
def test_a_server_that_is_killed_loses_nothing_and_is_found_again(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    for number in range(40):
        text = f"第{number}县办起夜校\n第{number}县办起夜校{number + 2}所，学员{number * 31 + 90}名，每周三晚上开课。\n"
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    with running(tmp_path / "seekdb") as (process, socket):
        catalog = SharedCatalog(tmp_path / "data", address(socket), "")
        cut = threading.Timer(1.5, process.kill)
        cut.start()
        with suppress(CatalogUnusable):
            while True:
                sync(folder, catalog, tiny_encoder)
        cut.join()
        process.wait(30)
        with pytest.raises(CatalogUnusable, match="连不上，请看它是否在运行"):
            catalog.counts()
    with running(tmp_path / "seekdb"):
        index = SearchIndex(catalog, tiny_encoder)
        until = time.monotonic() + 60  # the lease of the writer that was cut ends by itself
        while True:
            with suppress(Busy):
                sync(folder, catalog, tiny_encoder)
                break
            assert time.monotonic() < until
            time.sleep(1)
        assert catalog.counts() == {"documents": 42, "items": 42, "passages": 42}
        assert "第17县办起夜校" in titles(index, "第17县夜校")
        with catalog.connect() as db:
            lone = "SELECT count(*) FROM passages WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.number = passages.number)"
            assert db.execute(lone).fetchone()[0] == 0


def test_on_the_command_line(server: str, folder: Path, tmp_path: Path) -> None:
    store_of(server, tmp_path, "commands")
    where = {"JIANBAO_STORE": address(server, "commands"), "JIANBAO_DATA": str(tmp_path / "data")}
    run = jianbao("sync", str(folder), **where)
    assert run.returncode == 0, run.stderr
    assert "甲县办起共享食堂" in jianbao("search", "共享食堂", **where).stdout
    assert "2" in jianbao("status", **where).stdout
    refused = jianbao("backup", str(tmp_path / "b"), **where)
    assert refused.returncode != 0 and "数据库自己的工具备份" in refused.stderr
    nowhere = jianbao("search", "x", JIANBAO_STORE="oceanbase://root@127.0.0.1:9/none", JIANBAO_DATA=str(tmp_path / "d"))
    assert nowhere.returncode != 0 and "连不上" in nowhere.stderr


def found_at(server: str, text: str) -> list[str]:
    reply = httpx.get(f"{server}/api/search", params={"q": text}, timeout=60)
    assert reply.status_code == 200, reply.text
    return [hit["citation"]["item"] for hit in reply.json()["hits"]]


def test_what_is_put_in_through_one_service_is_found_through_another(server: str, folder: Path, tmp_path: Path) -> None:
    store_of(server, tmp_path, "services")
    store = {"JIANBAO_STORE": address(server, "services")}
    assert jianbao("--data", str(tmp_path / "one"), "sync", str(folder), **store).returncode == 0
    with serving(tmp_path / "one", **store) as one, serving(tmp_path / "two", **store) as two:
        assert "甲县办起共享食堂" in found_at(two, "共享食堂")
        text = "丙区开设夜托班\n丙区在12所小学开设夜托班，惠及学生2300名。\n".encode()
        sent = httpx.post(f"{one}/api/documents", files={"file": ("夜托班.txt", text)}, timeout=60)
        assert sent.status_code == 201, sent.text
        until = time.monotonic() + 2
        while "丙区开设夜托班" not in found_at(two, "夜托班"):
            assert time.monotonic() < until
        document = sent.json()["files"][0]["documents"][0]
        assert httpx.delete(f"{two}/api/documents/{document}", timeout=60).status_code == 200
        assert "丙区开设夜托班" not in found_at(one, "夜托班")


@pytest.mark.slow
def test_a_service_says_that_its_store_is_away_and_goes_on_when_it_is_back(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(tmp_path / "seekdb") as (process, socket):
        store = {"JIANBAO_STORE": address(socket)}
        assert jianbao("--data", str(data), "sync", str(folder), **store).returncode == 0
        with serving(data, **store) as service:
            assert httpx.get(f"{service}/readyz").status_code == 200
            process.kill()
            process.wait(30)
            reply = httpx.get(f"{service}/api/search", params={"q": "共享食堂"}, timeout=60)
            assert reply.status_code == 503 and "连不上，请看它是否在运行" in reply.text
            assert httpx.get(f"{service}/readyz").status_code == 503
            with running(tmp_path / "seekdb"):
                assert "甲县办起共享食堂" in found_at(service, "共享食堂")
                assert httpx.get(f"{service}/readyz").status_code == 200


@pytest.mark.slow
def test_search_groups_and_reprints_pass_their_tests_on_it(server: str) -> None:
    files = [f"tests/test_{name}.py" for name in ("search", "groups", "reprints")]
    about_files = "changed_through or remembered or restored"  # SQLite's own errors, verify and backup of the catalog's file
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "on_seekdb", *files, "-k", f"not ({about_files})"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0 and " passed" in run.stdout, run.stdout[-3000:]


def test_an_index_moves_there_and_back_without_encoding(
    server: str, folder: Path, tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "转载.txt").write_bytes((folder / "甲.txt").read_bytes() + "（转载）\n".encode())
    here = Catalog(tmp_path / "here")
    with here.writing():
        here.regroup({"内部": ["内部"]})
    sync(folder, here, tiny_encoder)
    there, back = store_of(server, tmp_path, "moved"), Catalog(tmp_path / "back")
    put, broken = SharedCatalog.put, iter([False, True])

    def put_once(self: SharedCatalog, *given: Any) -> None:
        if next(broken, False):
            raise CatalogUnusable("断了")
        put(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(SharedCatalog, "put", put_once)
        with pytest.raises(CatalogUnusable):
            migrate(here, there, unwatched)
    assert there.counts()["documents"] == 1
    assert migrate(here, there, unwatched) == here.counts() == migrate(there, back, unwatched)
    (folder / "内部" / "乙.txt").unlink()
    sync(folder, here, tiny_encoder)
    with here.connect() as db:
        db.execute("UPDATE items SET record = replace(record, '共享食堂', '共享饭堂')")
        rows = db.execute("SELECT id, record FROM items").fetchall()
        db.executemany("UPDATE items SET checksum = ? WHERE id = ?", [(checksum(record), item) for item, record in rows])
    assert migrate(here, there, unwatched) == here.counts() and there.stamps() == here.stamps()
    assert find_cases(SearchIndex(there, tiny_encoder), "", 5, {}).cases[0].hits[0].citation.item == "甲县办起共享饭堂"
    (folder / "内部" / "乙.txt").write_text("乙县移民安置预案\n乙县拟安置移民372户，涉及旧站撤并。\n", encoding="utf-8")
    sync(folder, there, tiny_encoder)
    assert verify(back, lambda _: None).problems == []
    for catalog in (there, back):
        public = SearchIndex(catalog, tiny_encoder).visible_to(frozenset())
        assert titles(public, "共享食堂") and "乙县移民安置预案" not in titles(public, "移民安置")


def test_a_database_that_takes_a_capital_for_a_small_letter_is_refused(server: str, tmp_path: Path) -> None:
    with SharedCatalog(tmp_path / "any", address(server), "").connect() as db:
        db.run("CREATE DATABASE loose CHARACTER SET utf8mb4")  # type: ignore[attr-defined]
    with pytest.raises(CatalogUnusable, match="CREATE DATABASE loose CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"):
        SharedCatalog(tmp_path / "data", address(server, "loose"), "")


def test_a_data_folder_needs_no_server(tmp_path: Path) -> None:
    assert Catalog(tmp_path / "data").counts()["documents"] == 0
