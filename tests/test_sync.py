"""The index mirrors the folder: additions, changes, removals; only what changed is encoded; another process sees it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import jianbao
from filelock import FileLock

from index.arrays import Vectors
from index.errors import Busy, CatalogUnusable
from index.models.encoder import Encoder
from index.progress import Progress, silent
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.connections import transaction
from index.store.documents import document_of
from index.sync.intake import SyncReport, stamp_of
from index.sync.mirror import sync
from index.sync.writer import Writer
from ingest.errors import FolderMissing, OtherFolder
from ingest.read import read_document

ISSUE = """共富示例
2024年第9期（总第109期）
2024年9月30日
【市县交流】
▲甲县推行“邻里食堂”。甲县建成食堂12个，服务老人3400人。
（甲县供稿）
▲乙市建设零工驿站。乙市建成驿站7个，服务零工人员。
（乙市供稿）
"""


class CountingEncoder(Encoder):
    """A real encoder that remembers what it was asked to encode."""

    def __init__(self, name: str, cache: Path) -> None:
        super().__init__(name, cache)
        self.encoded: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return super().passages(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "简报").mkdir(parents=True)
    (folder / "简报" / "第9期.txt").write_text(ISSUE, encoding="utf-8")
    (folder / "丙区.txt").write_text(
        "丙区开设夜托班\n来源：示例日报 2024-05-06\n丙区开设夜托班，方便晚下班的家长。", encoding="utf-8"
    )
    return folder


@pytest.fixture
def encoder(tiny_model: str, tmp_path: Path) -> CountingEncoder:
    return CountingEncoder(tiny_model, tmp_path)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data")


def counted(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def first_item(catalog: Catalog, encoder: Encoder, query: str) -> str:
    return SearchIndex(catalog, encoder).search(query, 1).hits[0].citation.item


def test_what_is_stored_is_what_was_read(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    report = sync(folder, catalog, encoder)
    assert counted(report) == (2, 0, 0, 0)
    assert (report.items, report.passages) == (3, 3)
    read = read_document(folder / "简报" / "第9期.txt", "简报/第9期.txt")
    assert document_of(catalog, read.id) == read


def test_unchanged_files_cost_nothing(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    encoder.encoded.clear()
    os.utime(folder / "丙区.txt")
    assert counted(sync(folder, catalog, encoder)) == (0, 0, 0, 2)
    assert encoder.encoded == []


def test_a_changed_item_is_encoded_alone(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    encoder.encoded.clear()
    (folder / "简报" / "第9期.txt").write_text(ISSUE.replace("驿站7个", "驿站19个"), encoding="utf-8")
    assert counted(sync(folder, catalog, encoder)) == (0, 1, 0, 1)
    _, *encoded = encoder.encoded  # the first was there before: does the encoder still agree with the index?
    assert [text.split("\n")[1] for text in encoded] == ["乙市建设零工驿站。乙市建成驿站19个，服务零工人员。"]
    assert "19个" in SearchIndex(catalog, encoder).search("乙市零工驿站", 1).hits[0].text


def test_a_removed_file_disappears(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    (folder / "丙区.txt").unlink()
    assert counted(sync(folder, catalog, encoder)) == (0, 0, 1, 1)
    assert all("丙区" not in hit.text for hit in SearchIndex(catalog, encoder).search("夜托班", 10).hits)


def test_a_file_that_became_unreadable_keeps_its_last_content(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    (folder / "丙区.txt").write_bytes(b"")
    report = sync(folder, catalog, encoder)
    assert [(s.file, s.reason) for s in report.skipped] == [("丙区.txt", "文件是空的（仍可查到上次读入的内容）")]
    assert first_item(catalog, encoder, "夜托班") == "丙区开设夜托班"


def test_a_running_index_sees_a_later_sync(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    index = SearchIndex(catalog, encoder)
    assert index.search("夜托班").hits == []
    sync(folder, Catalog(catalog.path.parent), encoder)
    assert index.search("夜托班", 1).hits[0].citation.item == "丙区开设夜托班"
    (folder / "丙区.txt").unlink()
    sync(folder, Catalog(catalog.path.parent), encoder)
    assert {hit.citation.item for hit in index.search("夜托班").hits} == {"甲县推行“邻里食堂”", "乙市建设零工驿站"}


def test_an_empty_folder_does_not_empty_the_index(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    """A share that is not mounted looks like that."""
    sync(folder, catalog, encoder)
    folder.rename(folder.with_name("elsewhere"))
    folder.mkdir()
    with pytest.raises(FolderMissing, match="索引里有 2 个"):
        sync(folder, catalog, encoder)
    assert catalog.counts()["documents"] == 2
    (folder / "空.txt").write_text("", encoding="utf-8")
    sync(folder, catalog, encoder)
    assert SearchIndex(catalog, encoder).search("夜托班").hits == []


def test_another_folder_does_not_take_out_the_first_unasked(
    folder: Path, catalog: Catalog, encoder: CountingEncoder, tmp_path: Path
) -> None:
    sync(folder, catalog, encoder)
    (other := tmp_path / "other").mkdir()
    (other / "食堂.txt").write_text("食堂情况\n云溪县办起共享食堂，老人每餐六元。", encoding="utf-8")
    known = len(catalog.stamps())
    with pytest.raises(OtherFolder, match=f"{known} 个文件.*--replace"):
        sync(other, catalog, encoder)
    assert catalog.state("folder") == str(folder.resolve()) and len(catalog.stamps()) == known
    run = jianbao("--data", str(catalog.path.parent), "sync", str(other))  # a program is not asked
    assert run.returncode == 2 and "--replace" in run.stderr
    moved = folder.rename(tmp_path / "moved")  # the same files elsewhere take nothing out
    assert counted(sync(moved, catalog, encoder))[2] == 0
    assert counted(sync(other, catalog, encoder, replace=True)) == (1, 0, known, 0)


def test_one_writer_at_a_time(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    with FileLock(f"{catalog.path}.lock"), pytest.raises(Busy, match="另一个进程正在写"):
        sync(folder, catalog, encoder)


def test_another_model_encodes_everything_again(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    other = CountingEncoder(_copy_of_model(encoder, folder.parent / "other-model"), folder)
    with pytest.raises(CatalogUnusable, match="另一个模型"):
        SearchIndex(catalog, other).search("夜托班")
    assert counted(sync(folder, catalog, other)) == (0, 0, 0, 2)
    assert sum("\n" in text for text in other.encoded) == 3  # passages; the rest are words of the collection
    assert first_item(catalog, other, "夜托班") == "丙区开设夜托班"
    with pytest.raises(CatalogUnusable, match="另一个模型"):
        SearchIndex(catalog, encoder).search("夜托班")


def test_an_interrupted_change_of_model_loses_nothing(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    index = SearchIndex(catalog, encoder)
    index.refresh()
    (folder / "丁区.txt").write_text(
        "丁区推出云岗位\n来源：示例日报 2024-06-06\n丁区推出云岗位，帮助残疾人居家就业。", encoding="utf-8"
    )
    other = CountingEncoder(_copy_of_model(encoder, folder.parent / "other-model"), folder)
    writer = Writer(catalog, other, 1, silent)
    writer.put(read_document(folder / "丁区.txt", "丁区.txt"), "丁区.txt")
    writer.close("丁区.txt", stamp_of(folder / "丁区.txt", None))
    writer.flush()  # and here the process is killed
    assert index.search("云岗位", 1).hits[0].citation.item == "丁区推出云岗位", "found by its words while it has no vector"
    assert counted(sync(folder, catalog, encoder)) == (0, 0, 0, 3)
    assert index.search("残疾人居家就业云岗位", 1).hits[0].citation.item == "丁区推出云岗位"


def test_files_are_read_again_when_reading_has_changed(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    encoder.encoded.clear()
    with catalog.connect() as db:
        db.execute("UPDATE files SET reading = 0")
    stored = document_of(catalog, read_document(folder / "丙区.txt", "丙区.txt").id)
    assert stored
    catalog.put(replace(stored, title="旧版读出的标题"), "丙区.txt", encoder.fingerprint, encoder.passages(["丙区"]))
    assert counted(sync(folder, catalog, encoder)) == (0, 1, 0, 1)
    assert counted(sync(folder, catalog, encoder)) == (0, 0, 0, 2)


def test_originals_are_found_after_a_first_sync_was_killed(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    def die(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(folder, catalog, encoder, die)
    assert catalog.state("folder") == str(folder)
    assert counted(sync(folder, catalog, encoder)) == (2, 0, 0, 0)


def test_reading_the_catalog_waits_for_no_writer(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    with catalog.connect() as db, transaction(db):
        db.execute("DELETE FROM documents")
        assert Catalog(catalog.path.parent).counts()["documents"] == 2


def _copy_of_model(encoder: Encoder, target: Path) -> str:
    shutil.copytree(encoder._setting, target)
    (target / "note.txt").write_text("another fingerprint")
    return str(target)


def test_a_damaged_or_foreign_catalog_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(CatalogUnusable, match="已损坏"):
        Catalog(tmp_path)


def test_a_catalog_of_another_version_is_refused(catalog: Catalog) -> None:
    catalog.remember("version", "99")
    with pytest.raises(CatalogUnusable, match="第 99 版"):
        Catalog(catalog.path.parent)


def test_a_catalog_of_the_first_version_is_taken_over(folder: Path, catalog: Catalog, encoder: CountingEncoder) -> None:
    sync(folder, catalog, encoder)
    with catalog.connect() as db:
        db.executescript(TO_VERSION_1)
    encoder.encoded.clear()
    taken_over = Catalog(catalog.path.parent)
    assert taken_over.counts() == {"documents": 2, "items": 3, "passages": 3}
    assert counted(sync(folder, taken_over, encoder)) == (0, 0, 0, 2)
    assert encoder.encoded == []
    assert first_item(taken_over, encoder, "夜托班") == "丙区开设夜托班"
    with taken_over.connect() as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    "older",
    [
        "DROP TABLE figures; UPDATE state SET value = '6' WHERE key = 'version'",
        "ALTER TABLE figures DROP COLUMN context; UPDATE state SET value = '7' WHERE key = 'version'",
    ],
    ids=["without rows", "without what stands before"],
)
def test_a_catalog_before_figures_had_rows_as_now_is_taken_over(
    folder: Path, catalog: Catalog, encoder: CountingEncoder, older: str
) -> None:
    (folder / "丁区.txt").write_text("丁区办起食堂\n丁区办起食堂38家，带动就业520人。\n", encoding="utf-8")
    sync(folder, catalog, encoder)
    rows = "SELECT value, unit, label, context FROM figures ORDER BY start"
    with catalog.connect() as db:
        stated = db.execute(rows).fetchall()
        db.executescript(f"DROP INDEX documents_listed; {older}")
    with Catalog(catalog.path.parent).connect() as db:
        assert db.execute(rows).fetchall() == stated
    assert (38.0, "家", "丁区办起食堂", "丁区办起食堂 丁区办起食堂") in stated
    assert (520.0, "人", "带动就业", "丁区办起食堂 丁区办起食堂38家,带动就业") in stated


TO_VERSION_1 = """PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;
DROP TABLE figures; DROP TABLE corrections;
DROP TABLE as_read; DROP TABLE sketches; DROP TABLE regions; DROP INDEX items_by_reprint;
DROP INDEX items_of_document; ALTER TABLE passages DROP COLUMN checksum;
ALTER TABLE items RENAME TO new_items;
CREATE TABLE items (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    section TEXT NOT NULL, record TEXT NOT NULL          -- record: the fields of Item without its passages, JSON
);
INSERT INTO items SELECT id, document_id, section, record FROM new_items; DROP TABLE new_items;
CREATE INDEX items_of_document ON items (document_id);
DROP INDEX documents_of_origin;
ALTER TABLE documents RENAME TO new_documents;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, file TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, date TEXT NOT NULL, series TEXT NOT NULL,
    text TEXT NOT NULL, record TEXT NOT NULL,            -- record: the other fields of Document, JSON
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL
);
INSERT INTO documents SELECT id, d.file, kind, date, series, text, record, size, mtime_ns, sha256
    FROM new_documents d JOIN files f ON f.file = d.origin;
DROP TABLE new_documents; DROP TABLE files;
UPDATE state SET value = '1' WHERE key = 'version'; DELETE FROM state WHERE key = 'lineage';
"""
