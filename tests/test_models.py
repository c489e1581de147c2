"""The bundled models: what was learned, and the folders that other libraries load."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from index.models.bundled import FINGERPRINT
from index.models.changes import ENCODER, load_changes, save_changes
from index.models.encoder import Encoder
from index.models.reader import Reader
from service.cli.main import main

TEXTS = ["余姚市打造稻渔综合种养试验田，惠及农户1200余户。", "西湖区推进集团化办学，教师轮岗交流", "设立残疾人就业基地35个"]
QUESTION = "稻田养鱼让多少人受益"
DIGESTS = {"multilingual-e5-small-1571fc98-5": "eb01a9fa4ae5a127"}  # encoder.npz of each fingerprint


def test_a_new_encoder_has_a_new_fingerprint() -> None:
    assert hashlib.sha256(ENCODER.read_bytes()).hexdigest()[:16] == DIGESTS[FINGERPRINT]


def test_changes_are_kept_to_a_hundredth(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    arrays = {
        "l0.q.up": chance.normal(size=(384, 64)),
        "l0.q.down": chance.normal(size=(64, 384)),
        "peaks.input": np.ones((12, 384)),
        "weight": chance.normal(size=(5, 384)),
    }
    save_changes(tmp_path / "a.npz", arrays)
    again = load_changes(tmp_path / "a.npz")
    assert again.keys() == arrays.keys()
    for name, array in arrays.items():
        assert np.abs(again[name] - array).max() <= 0.02 * np.abs(array).max()
    before, after = (one["l0.q.up"] @ one["l0.q.down"] for one in (arrays, again))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.9995


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "models"
    assert main(["encoder", "export", str(folder)]) == 0
    return folder


@pytest.mark.slow
def test_sentence_transformers_loads_the_encoder(exported: Path, bundled_encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(exported / "encoder"), device="cpu")
    theirs = np.asarray(model.encode_document(TEXTS)), np.asarray(model.encode_query(QUESTION))
    assert np.sum(theirs[0] * bundled_encoder.passages(TEXTS), axis=1).min() > 0.997  # 8 bits here, floats there
    assert float(theirs[1] @ bundled_encoder.query(QUESTION)) > 0.997


@pytest.mark.slow
def test_sentence_transformers_loads_the_cross_encoder(exported: Path, bundled_encoder: Encoder) -> None:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(exported / "cross-encoder"), device="cpu")
    theirs = model.predict([(QUESTION, text) for text in TEXTS])
    ours = [one.relevance for one in Reader(bundled_encoder._cache).read(QUESTION, [("", text) for text in TEXTS])]
    assert int(np.argmax(theirs)) == int(np.argmax(ours)) == 0
    assert np.allclose(theirs, ours, atol=0.3 + 0.05 * np.abs(ours).max())


def test_an_export_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "笔记.txt").write_text("一", encoding="utf-8")
    assert main(["encoder", "export", str(tmp_path)]) == 2
    assert "已经有东西" in capsys.readouterr().err
    assert (tmp_path / "笔记.txt").read_text(encoding="utf-8") == "一"


def test_the_reader_says_where_and_whether(bundled_encoder: Encoder) -> None:
    context = "余姚市打造稻渔综合种养试验田"
    passages = [(context, TEXTS[0]), ("", TEXTS[1]), ("", "")]
    told, other, nothing = Reader(bundled_encoder._cache).read("余姚市的稻渔综合种养惠及多少农户？", passages)
    assert told.span is not None and "1200" in TEXTS[0][slice(*told.span)]
    assert told.answers > 0 > other.answers and told.relevance > other.relevance
    assert nothing.span is None
