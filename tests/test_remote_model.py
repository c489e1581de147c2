"""Encoding on a server: batches, retries, bad answers, keys; and a server whose model was exchanged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from embeddings_server import KEY, EmbeddingsServer, embeddings_server
from tiny_model import tiny_model

from index.errors import ModelUnavailable, TextRefused
from index.models import remote as remote_model
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.mirror import sync

ARTICLE = "甲县开展乙项工作\n甲县在乙镇开展工作，丙村受益。\n甲县还在丁镇开展工作，共有30个村受益。\n"


@pytest.fixture
def server(tiny_model: str) -> Iterator[EmbeddingsServer]:
    with embeddings_server(tiny_model) as running:
        yield running


@pytest.fixture
def remote(server: EmbeddingsServer, tmp_path: Path) -> Encoder:
    return Encoder(server.address, tmp_path, "a-model", KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text(ARTICLE, encoding="utf-8")
    return tmp_path / "documents"


def test_the_vectors_of_the_server_in_order(server: EmbeddingsServer, remote: Encoder, tiny_encoder: Encoder) -> None:
    texts = ["甲县" * n for n in range(1, 100)]
    assert np.allclose(remote.passages(texts), tiny_encoder.passages(texts), atol=1e-5)
    assert max(len(batch) for batch in server.batches) <= 32 < len(texts)
    assert np.allclose(remote.query("乙镇"), tiny_encoder.query("乙镇"), atol=1e-5)


def test_prompts_go_with_the_texts(server: EmbeddingsServer, tmp_path: Path) -> None:
    encoder = Encoder(server.address, tmp_path, "multilingual-e5-large", KEY)
    encoder.passages(["甲"])
    encoder.query("乙")
    assert server.batches == [["passage: 甲"], ["query: 乙"]]


def test_a_long_text_goes_in_windows(server: EmbeddingsServer, remote: Encoder) -> None:
    remote.passages(["甲县开展工作。" * 200])
    assert sum(map(len, server.batches)) >= 3 and all(len(text) <= 500 for batch in server.batches for text in batch)


def test_a_busy_server_is_asked_again(server: EmbeddingsServer, remote: Encoder) -> None:
    server.trouble += [429, 503]
    assert remote.passages(["甲"]).shape == (1, 48)


def test_a_batch_too_large_goes_in_halves(server: EmbeddingsServer, remote: Encoder, tiny_encoder: Encoder) -> None:
    server.trouble += [413, 422]
    texts = ["甲县", "乙镇", "丙村", "丁"]
    assert np.allclose(remote.passages(texts), tiny_encoder.passages(texts), atol=1e-5)


def test_a_text_too_long_is_named(server: EmbeddingsServer, remote: Encoder) -> None:
    server.longest = 20
    with pytest.raises(TextRefused, match=r"不接受这段文字（回答 413：.*too long.*“丙村"):
        remote.passages(["甲县", "丙村" * 20, "丁"])


def test_a_refused_passage_stops_no_sync(server: EmbeddingsServer, remote: Encoder, folder: Path, tmp_path: Path) -> None:
    server.poison = "丁镇"
    (folder / "b.txt").write_text("戊县的工作\n戊县在己镇开展工作，丙村受益。\n", encoding="utf-8")
    catalog = Catalog(tmp_path / "data")
    report = sync(folder, catalog, remote)
    assert report.added == 2
    (warning,) = report.warnings
    assert warning["file"] == "a.txt" and "没有向量，只能按字词查到" in warning["message"]
    assert SearchIndex(catalog, remote).search("丙村受益").hits


def test_a_model_exchanged_while_we_run(server: EmbeddingsServer, remote: Encoder) -> None:
    remote.passages(["甲县"])
    remote.query("甲县")
    server.change = lambda rows: [row[::-1] for row in rows]
    for ask in (lambda: remote.passages(["乙镇"]), lambda: remote.query("乙镇")):
        with pytest.raises(ModelUnavailable, match="它中途换了模型"):
            ask()


def test_a_server_with_another_model_than_the_one_named(server: EmbeddingsServer, remote: Encoder) -> None:
    server.name = "BAAI/a-model:latest"
    remote.prepare(print)
    server.name = "multilingual-e5-large"
    with pytest.raises(ModelUnavailable, match="它说自己的模型是 multilingual-e5-large"):
        remote.query("乙")


def test_a_server_that_does_not_answer(server: EmbeddingsServer, remote: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(remote_model._TIMEOUT, "query", (1, 0.2))
    held = threading.Event()
    server.change = lambda rows: held.wait(5) and rows
    with pytest.raises(ModelUnavailable, match="等不到回答"):
        remote.query("甲")
    held.set()


@pytest.mark.parametrize("status", [401, 404, 302])
def test_what_the_server_refuses_is_said_at_once(server: EmbeddingsServer, remote: Encoder, status: int) -> None:
    server.trouble += [status]
    with pytest.raises(ModelUnavailable, match=f"a-model 用不了（回答 {status}.*JIANBAO_ENCODER"):
        remote.query("甲")
    assert not server.trouble and not server.batches


def test_a_wrong_key_is_refused_and_never_shown(server: EmbeddingsServer, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"回答 401.*bad key Bearer \*\*\*") as caught:
        Encoder(server.address, tmp_path, "a-model", "sk-my-own-key").query("甲")
    assert "sk-my-own-key" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[:-1],
        lambda rows: [[float("nan")] * len(row) for row in rows],
        lambda rows: [[0.0] * len(row) for row in rows],
        lambda rows: [row[: n + 1] for n, row in enumerate(rows)],
        lambda rows: ["text"] * len(rows),
    ],
)  # fmt: skip
def test_bad_answers(server: EmbeddingsServer, remote: Encoder, change: object) -> None:
    server.change = change
    with pytest.raises(ModelUnavailable, match="坏值|格式"):
        remote.passages(["甲", "乙"])


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"127.0.0.1:9/v1 的模型 a-model 用不了（连不上）"):
        Encoder("http://127.0.0.1:9/v1", tmp_path, "a-model").query("甲")


def test_a_server_with_another_model_under_the_old_name(
    server: EmbeddingsServer, remote: Encoder, folder: Path, tmp_path: Path
) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, remote)
    server.change = lambda rows: [row[::-1] for row in rows]  # other vectors of the same length
    (folder / "b.txt").write_text(ARTICLE.replace("甲", "戊"), encoding="utf-8")
    other = Encoder(server.address, tmp_path, "a-model", KEY)
    with pytest.raises(ModelUnavailable, match="与索引里的不一致（相似度只有"):
        sync(folder, catalog, other)
    with pytest.raises(ModelUnavailable, match="与索引里的不一致"):
        SearchIndex(catalog, other).refresh()
    server.change = lambda rows: [row[:20] for row in rows]
    with pytest.raises(ModelUnavailable, match="48 维与 20 维"):
        sync(folder, catalog, Encoder(server.address, tmp_path, "a-model", KEY))
    server.change = lambda rows: rows
    assert sync(folder, catalog, remote).added == 1


def test_another_name_encodes_anew(server: EmbeddingsServer, remote: Encoder, folder: Path, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, remote)
    other = Encoder(tiny_model(tmp_path / "other", [ARTICLE]), tmp_path)
    sync(folder, catalog, other)
    with catalog.connect() as db:
        assert db.execute("SELECT DISTINCT model FROM vectors").fetchall() == [(other.fingerprint,)]
    assert SearchIndex(catalog, other).search("乙镇").hits
