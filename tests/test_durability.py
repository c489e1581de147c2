"""Nothing that was reported as indexed is lost, found twice or served damaged: kills, full disks, damaged files."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import JIANBAO, silent
from embeddings_server import KEY, EmbeddingsServer, embeddings_server

from index.errors import CatalogUnusable
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store import snapshot
from index.store.catalog import Catalog
from index.sync.mirror import sync
from index.upkeep.verify import verify
from index.views.both import current_views
from index.views.scratch import Scratch

ROUNDS = int(os.environ.get("KILL_ROUNDS", "8"))  # 100 by hand
NOBODY = 65534


class Limited(Catalog):
    """A catalog whose file may not grow, as on a full disk: SQLite itself refuses."""

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:  # type: ignore[override]
        with super().connect() as db:
            db.execute(f"PRAGMA max_page_count = {self.path.stat().st_size // 4096}")
            yield db


def article(name: str, version: int) -> str:
    """An article that only its own name finds, in several passages."""
    body = "".join(
        f"{name}第{part}组村民在{name}晒谷场办起食堂，第{version}年共有{part}张饭桌。" * 4 + "\n" for part in range(1, 6)
    )
    return f"{name}晒谷场办起食堂\n来源：示例日报 2024-05-06\n{body}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(30):
        name = f"QX{number:03}"
        (folder / f"{name}.txt").write_text(article(name, 1), encoding="utf-8")
    return folder


@pytest.fixture
def server(tiny_model: str) -> Iterator[EmbeddingsServer]:
    with embeddings_server(tiny_model) as running:
        yield running


def change_something(folder: Path, chance: random.Random, turn: int) -> None:
    """Add, change, move and remove files."""
    files = sorted(folder.rglob("*.txt"))
    for path in chance.sample(files, 4):
        path.write_text(article(path.stem, turn + 2), encoding="utf-8")
    moved, removed = chance.sample(files, 2)
    (folder / f"第{turn}次").mkdir()
    moved.rename(folder / f"第{turn}次" / moved.name)
    removed.unlink()
    name = f"QX{100 + turn}"
    (folder / f"{name}.txt").write_text(article(name, 1), encoding="utf-8")


def found_once(catalog: Catalog, index: SearchIndex) -> None:
    """Every file that counts as read is found by its name as it is now, and no passage twice."""
    for file in catalog.stamps():
        stem = Path(file).stem
        hits = [hit for hit in index.search(stem, 20).hits if Path(hit.citation.file).stem == stem]
        places = [hit.passage_id for hit in hits]
        assert places
        assert len(places) == len(set(places)), f"{file} is found twice"


@pytest.mark.slow
def test_killed_at_any_moment(folder: Path, tmp_path: Path, server: EmbeddingsServer) -> None:
    data, chance = tmp_path / "data", random.Random(20260)
    settings = {"JIANBAO_ENCODER": server.address, "JIANBAO_ENCODER_MODEL": "a-model", "JIANBAO_ENCODER_KEY": KEY}
    command = [JIANBAO, "--data", str(data), "sync", str(folder)]
    encoder = Encoder(server.address, tmp_path, "a-model", KEY)
    stamped: set[str] = set()
    unfinished = 0
    for turn in range(ROUNDS):
        asked = len(server.batches)
        with subprocess.Popen(command, env=os.environ | settings, stdout=-3, stderr=-3, start_new_session=True) as process:
            while len(server.batches) == asked and process.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.6))
            os.killpg(process.pid, signal.SIGKILL)
        catalog = Catalog(data)
        unfinished += sum(verify(catalog, silent).pending.values()) > 0
        assert verify(catalog, silent).problems == []
        assert {file for file in stamped if (folder / file).exists()} <= catalog.stamps().keys()
        if catalog.counts()["passages"]:
            found_once(catalog, SearchIndex(catalog, encoder))
        stamped = set(catalog.stamps())
        change_something(folder, chance, turn)
    assert subprocess.run(command, env=os.environ | settings, capture_output=True, check=False).returncode == 0
    result = verify(Catalog(data), silent)
    assert (result.problems, result.pending) == ([], {"added": 0, "changed": 0, "removed": 0})
    assert unfinished > 0, "some kills fell into the work"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")}
    assert set(Catalog(data).stamps()) == Catalog(data).origins() == there
    found_once(Catalog(data), SearchIndex(Catalog(data), encoder))


def test_a_search_during_a_sync_never_dips(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    index.refresh()
    ended, troubles = threading.Event(), list[str]()

    def search() -> None:
        while not ended.is_set():
            try:
                hits = [hit for hit in index.search("QX007晒谷场", 10).hits if hit.citation.file == "QX007.txt"]
            except Exception as error:
                troubles.append(repr(error))
            else:
                troubles.extend([] if hits else ["not found"])

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for version in range(2, 7):
        for path in folder.glob("*.txt"):
            path.write_text(article(path.stem, version), encoding="utf-8")
        sync(folder, Catalog(catalog.path.parent), tiny_encoder)
    ended.set()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert "第6年" in index.search("QX007晒谷场", 1).hits[0].text


@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
@pytest.mark.parametrize("part", ["vectors/vectors.faiss", "keywords/meta.json", "manifest.json", "vectors/numbers.npy"])
def test_damaged_views_are_noticed_and_made_again(
    folder: Path, tmp_path: Path, tiny_encoder: Encoder, part: str, damage: str
) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    saved = snapshot.saved_views(catalog.path.parent, *catalog.change())
    assert saved
    path = saved.folder / part
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        content[len(content) // 2] ^= 8
        path.write_bytes(content)
    else:
        path.unlink()
    if part != "manifest.json":  # without it there are no saved views, which is no fault
        assert [problem.mend for problem in verify(catalog, silent).problems] == ["jianbao rebuild"]
    index = SearchIndex(Catalog(tmp_path / "data"), tiny_encoder)
    assert index.search("QX007晒谷场", 1).hits[0].citation.file == "QX007.txt"
    assert verify(catalog, silent).problems == [], "opening them has mended them"


def test_a_damaged_catalog_is_reported_never_served(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    with catalog.connect() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = catalog.path.read_bytes()
    place = content.index("QX007第3组村民".encode())
    catalog.path.write_bytes(content.replace("QX007第3组村民在".encode(), "QX007第8组村民在".encode()))
    damaged = ["QX007.txt 的内容已损坏", "1 个条目的地区、供稿单位或数据已损坏"]  # the sentence stands beside its figures, too
    assert [problem.what for problem in verify(catalog, silent).problems] == damaged
    with pytest.raises(CatalogUnusable, match="已损坏"):
        SearchIndex(Catalog(tmp_path / "data"), tiny_encoder).search("QX007第8组村民")
    catalog.path.write_bytes(content[: place // 4096 * 4096])
    with pytest.raises(CatalogUnusable, match="已损坏"):
        SearchIndex(Catalog(tmp_path / "data"), tiny_encoder).search("QX007")
    catalog.path.write_bytes(content)
    assert SearchIndex(Catalog(tmp_path / "data"), tiny_encoder).search("QX007", 1).hits


def test_a_full_disk_stops_a_sync_and_the_old_index_serves(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    index.refresh()
    for path in folder.glob("*.txt"):
        path.write_text(article(path.stem, 2) * 3, encoding="utf-8")
    limited = Limited(catalog.path.parent)
    with pytest.raises(CatalogUnusable, match="磁盘已满"):
        sync(folder, limited, tiny_encoder)
    assert index.search("QX007晒谷场", 1).hits
    assert verify(catalog, silent).problems == []
    sync(folder, catalog, tiny_encoder)
    assert "第2年" in index.search("QX007晒谷场", 1).hits[0].text


def test_a_read_only_folder_is_searched_and_not_written(folder: Path, tmp_path: Path, tiny_model: str) -> None:
    sync(folder, Catalog(tmp_path / "data"), Encoder(tiny_model, tmp_path))
    code = (
        "import os\nfrom pathlib import Path; from index.store.catalog import Catalog\n"
        "from index.models.encoder import Encoder\n"
        "from index.search.index import SearchIndex; from index.sync.mirror import sync\n"
        f"catalog, encoder = Catalog(Path({str(tmp_path / 'data')!r})), Encoder({tiny_model!r}, Path('/nowhere'))\n"
        "encoder.query('loaded'), encoder.fingerprint\n"
        f"if os.geteuid() == 0: os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "print(SearchIndex(catalog, encoder).search('QX007晒谷场', 1).hits[0].citation.file)\n"
        f"sync(Path({str(folder)!r}), catalog, encoder)"
    )
    for path in (tmp_path, *tmp_path.parents[:3]):
        path.chmod(0o755)
    writable = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    for path in writable:
        path.chmod(0o555 if path.is_dir() else 0o444)
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(JIANBAO).parents[2], check=False
    )
    for path in writable:
        path.chmod(0o755)
    assert run.stdout == "QX007.txt\n", run.stderr
    assert "数据文件夹只能读、不能写" in run.stderr


def test_views_that_cannot_be_brought_up_to_date_go_on_serving(
    folder: Path, tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    index.refresh()
    (folder / "QX777.txt").write_text(article("QX777", 1), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no such folder"))
    index.views.keywords._index._own.remove()  # as a cleaner of temporary files would
    assert index.search("QX007晒谷场", 1).hits[0].citation.file == "QX007.txt"
    monkeypatch.undo()
    assert index.search("QX777晒谷场", 1).hits[0].citation.file == "QX777.txt"


def test_what_killed_processes_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "jianbao-index-of-a-killed-process").mkdir()
    (tmp_path / "jianbao-index-of-a-killed-process" / "file").touch()
    (tmp_path / "another").mkdir()
    first, second = Scratch(), Scratch()
    assert {path.name for path in tmp_path.iterdir()} == {"another", first.folder.name, second.folder.name}
    first.remove()
    del second
    assert [path.name for path in tmp_path.iterdir()] == ["another"]


def test_views_opened_again_are_the_same(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    with catalog.reading() as db:
        opened = current_views(db, catalog, None, silent)
    assert opened.base == opened.change > 0
    assert opened.vectors.numbers.tolist() == sorted(opened.keywords.numbers.tolist())
    (folder / "QX007.txt").unlink()
    (folder / "QX777.txt").write_text(article("QX777", 1), encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    with catalog.reading() as db:
        later, anew = current_views(db, catalog, opened, silent), current_views(db, catalog, None, silent)
    query = tiny_encoder.query("QX777晒谷场")
    assert later.vectors.search(query, 50)[0].tolist() == anew.vectors.search(query, 50)[0].tolist()
    assert sorted(later.keywords.numbers.tolist()) == sorted(anew.keywords.numbers.tolist())
