"""The metrics of answers are those of the literature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import CACHE

from answer.evaluate import evaluate_answers
from answer.metrics import answer_spans, auc, char_f1, rouge_l
from index.errors import BadCorpus
from index.models.encoder import Encoder


def test_f1_counts_characters_without_punctuation() -> None:
    assert char_f1("1200余户。", "1200余户") == 1.0
    assert char_f1("惠及1200余户", "1200余户农民") == pytest.approx(2 * 6 / (8 + 8))
    assert char_f1("无", "有") == 0.0


def test_rouge_l_needs_the_order() -> None:
    assert rouge_l("甲乙丙丁", "甲乙丙丁") == 1.0
    assert rouge_l("丁丙乙甲", "甲乙丙丁") == pytest.approx(1 / 4)
    assert rouge_l("甲乙", "甲丙乙丁") == pytest.approx(2 * 2 / 6)


def test_auc_counts_pairs() -> None:
    assert auc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auc([0.9, 0.5], [0.5, 0.1]) == pytest.approx(3.5 / 4)


def test_an_answer_is_found_through_punctuation() -> None:
    assert answer_spans("共建成 “126 家” 工坊，126家。", "126家") == [(5, 10), (15, 19)]
    assert answer_spans("没有", "") == []


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    rows = {
        "corpus.jsonl": [
            {"_id": "d1", "title": "食堂", "text": "甲县建成老年食堂12个，方便老人就近吃饭。今年还将新建5个。"},
            {"_id": "d2", "title": "驿站", "text": "乙市建成零工驿站7个，服务零工人员。"},
        ],
        "queries.jsonl": [
            {"_id": "q1", "text": "甲县建成老年食堂多少个？", "answer": "12个"},
            {"_id": "q2", "text": "乙市建成零工驿站多少个？", "answers": ["七个", "7个"]},
        ],
        "queries_unanswerable.jsonl": [{"_id": "u1", "text": "火星上有多少人居住？"}],
    }
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(json.dumps(row) for row in lines))
    return folder


def test_answers_are_measured(corpus: Path, tmp_path: Path, bundled_encoder: Encoder) -> None:
    metrics = evaluate_answers(corpus, tmp_path / "data", bundled_encoder, CACHE)
    assert (metrics["contained"], metrics["marked"], metrics["refused"]) == (1.0, 1.0, 0.0)
    assert (metrics["auc"], metrics["refusal_precision"], metrics["refusal_recall"]) == (1.0, 1.0, 1.0)
    assert set(metrics) >= {"exact", "f1", "marked_f1", "rouge_l", "p50_ms"}


def test_questions_without_answers_cannot_be_measured(corpus: Path, tmp_path: Path, bundled_encoder: Encoder) -> None:
    (corpus / "queries.jsonl").write_text('{"_id": "q1", "text": "甲县建成老年食堂多少个？"}')
    with pytest.raises(BadCorpus, match="没有 answer"):
        evaluate_answers(corpus, tmp_path / "data", bundled_encoder, CACHE)
