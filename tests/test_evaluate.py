"""The metrics are those of the literature, on a BEIR folder that is read as it is."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from index.errors import BadCorpus
from index.evaluate import evaluate, metrics_of
from index.models.encoder import Encoder


def test_graded_metrics() -> None:
    found = metrics_of(["a", "x", "b"], {"a": 1, "b": 2, "c": 1, "d": 0})
    ideal = 3 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["ndcg@10"] == pytest.approx((1 + 3 / math.log2(4)) / ideal)
    assert (found["recall@10"], found["mrr@10"], found["hit@1"]) == (pytest.approx(2 / 3), 1.0, 1.0)
    assert metrics_of(["x", "b"], {"b": 1})["mrr@10"] == 0.5


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    rows = [
        {"_id": "d1", "title": "食堂", "text": "甲县建成老年食堂十二个，方便老人就近吃饭。"},
        {"_id": "d2", "title": "驿站", "text": "乙市建成零工驿站七个，服务零工人员。"},
        {"_id": "d3", "title": "", "text": "丙区开设夜托班，方便晚下班的家长。"},
        {"_id": "d4", "title": "空", "text": ""},
    ]
    queries = [{"_id": "q1", "text": "老年食堂有多少个"}, {"_id": "q2", "text": "零工驿站"}, {"_id": "q3", "text": "没有标注"}]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(row) for row in queries))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1\nq2\td3\t0\n")
    return folder


def test_all_retrievers_are_measured(corpus: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    metrics = evaluate(corpus, tmp_path / "data", tiny_encoder)
    assert list(metrics) == ["dense", "keyword", "hybrid"]
    for values in metrics.values():
        assert list(values) == ["ndcg@10", "recall@10", "mrr@10", "hit@1", "p50_ms", "p95_ms"]
    assert metrics["keyword"]["hit@1"] == metrics["hybrid"]["ndcg@10"] == 1.0
    further = tmp_path / "further.tsv"
    further.write_text("q1\td4\t2\n", encoding="utf-8")
    assert evaluate(corpus, tmp_path / "data", tiny_encoder, added=further)["hybrid"]["ndcg@10"] < 1.0


def test_a_second_run_encodes_nothing_and_follows_the_corpus(corpus: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    encoded: list[int] = []
    evaluate(corpus, tmp_path / "data", tiny_encoder, lambda progress: encoded.append(progress.passages_encoded))
    assert sorted(set(encoded)) == [0, 3, 23], "three passages, then the words of the collection"
    encoded.clear()
    evaluate(corpus, tmp_path / "data", tiny_encoder, lambda progress: encoded.append(progress.passages_encoded))
    assert set(encoded) == {0}
    rows = (corpus / "corpus.jsonl").read_text().splitlines()
    (corpus / "corpus.jsonl").write_text("\n".join(rows[1:]))
    assert evaluate(corpus, tmp_path / "data", tiny_encoder)["hybrid"]["recall@10"] == 0.5


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1"}', "corpus.jsonl 第 1 行"),
        ("queries.jsonl", "no json", "queries.jsonl 第 1 行"),
        ("qrels.tsv", "q1 d1 1", "qrels.tsv 第 1 行"),
        ("qrels.tsv", "", "没有带标注的问题"),
    ],
)
def test_a_bad_folder_says_where(
    corpus: Path, tmp_path: Path, tiny_encoder: Encoder, file: str, content: str, message: str
) -> None:
    (corpus / file).write_text(content)
    with pytest.raises(BadCorpus, match=message):
        evaluate(corpus, tmp_path / "data", tiny_encoder)


def test_a_missing_file(tmp_path: Path, tiny_encoder: Encoder) -> None:
    with pytest.raises(BadCorpus, match="corpus.jsonl"):
        evaluate(tmp_path, tmp_path / "data", tiny_encoder)
