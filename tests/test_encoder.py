"""The encoder: vectors of any model, whichever runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelUnavailable, TextRefused
from index.models.cpu import cores
from index.models.encoder import Encoder
from index.models.folders import write_encoder
from index.models.prompts import prompts_of
from index.models.windows import batches, windows

SENTENCES = ["余姚市打造稻渔综合种养试验田", "西湖区推进集团化办学，教师轮岗交流", "a", "设立残疾人就业基地35个，帮扶1.2万人"]


def test_vectors_are_normalised_rows(bundled_encoder: Encoder) -> None:
    vectors = bundled_encoder.passages(SENTENCES)
    assert (vectors.shape, vectors.dtype) == ((4, 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert bundled_encoder.passages([]).shape[0] == 0


def test_it_knows_what_is_alike(bundled_encoder: Encoder) -> None:
    passages = ["推行稻渔综合种养，一水双用、一田多收", "名校与弱校组成教育集团，教师轮岗交流", "设立残疾人就业基地"]
    queries = ["在水稻田里养鱼虾", "好学校带动薄弱学校", "帮助身体不便的人找工作"]
    cosines = np.stack([bundled_encoder.query(text) for text in queries]) @ bundled_encoder.passages(passages).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]


def test_input_that_breaks_other_engines(bundled_encoder: Encoder) -> None:
    vectors = bundled_encoder.passages(["\ufdfa" * 100, "甲\0乙", "", "🙂" * 600, "长" * 5000])
    assert np.isfinite(vectors).all()
    one, other = bundled_encoder.passages(["甲\0稻渔综合种养", "甲\0教师轮岗交流"])
    assert float(one @ other) < 0.999  # text after NUL counts


def test_a_batch_gives_what_each_text_gives_alone(bundled_encoder: Encoder) -> None:
    texts = [sentence * n for n in (1, 9, 30) for sentence in SENTENCES]
    alone = np.concatenate([bundled_encoder.passages([text]) for text in texts])
    assert np.sum(alone * bundled_encoder.passages(texts), axis=1).min() > 0.9995


def test_a_long_text_counts_to_its_end(bundled_encoder: Encoder) -> None:
    rice, school = "推行稻渔综合种养，一水双用、一田多收。" * 60, "名校与弱校组成教育集团，教师轮岗交流。" * 60
    both, first, last = bundled_encoder.passages([rice + school, rice, school])
    assert float(both @ first) < 0.99 and float(both @ last) > float(first @ last) + 0.05


@pytest.mark.slow
def test_the_bundled_model_is_what_its_package_holds(bundled_encoder: Encoder, tmp_path: Path) -> None:
    write_encoder(tmp_path / "plain")
    plain = Encoder(str(tmp_path / "plain"), tmp_path)
    texts = [
        *SENTENCES[:2],
        "。".join(SENTENCES * 9),
        "地区 收入 增速\n甲县 1234.5 5.6%",
        "An English sentence on 12 villages.",
    ]
    assert np.sum(plain.passages(texts) * bundled_encoder.passages(texts), axis=1).min() > 0.997
    unlike = ["aaaaaaaa", "🙂🙂🙂", "བོད་རང་སྐྱོང་ལྗོངས"]  # nothing like it was there when the ranges were measured
    assert np.sum(plain.passages(unlike) * bundled_encoder.passages(unlike), axis=1).min() > 0.98
    assert float(plain.query("在水稻田里养鱼虾") @ bundled_encoder.query("在水稻田里养鱼虾")) > 0.997


def test_the_bundled_model_needs_no_torch_and_reports_to_nobody(bundled_encoder: Encoder) -> None:
    program = f"""
import sys
from pathlib import Path
from index.models.encoder import Encoder
from index.models.folders import write_encoder
print(Encoder("", Path({str(bundled_encoder._cache)!r})).query("问").shape)
from openvino.tools.ovc import telemetry_utils
print("torch" in sys.modules, "transformers" in sys.modules, telemetry_utils.tm.__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["(384,)", "False False openvino.tools.ovc.telemetry_stub"]


@pytest.mark.parametrize("name", ["/no/such/folder", "./models/none", "~/model"])
def test_a_folder_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=f"没有 {name} 这个文件夹"):
        Encoder(name, tmp_path).prepare(print)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="缺少 modules.json.*JIANBAO_ENCODER"):
        Encoder(str(tmp_path), tmp_path).query("问")


def test_a_folder_with_a_file_missing(tiny_model: str, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    next(copy.rglob("*.safetensors")).unlink()
    with pytest.raises(ModelUnavailable, match="JIANBAO_ENCODER：请检查文件夹|模型的文件有问题"):
        Encoder(str(copy), tmp_path).query("问")


def test_a_name_on_a_hub_that_cannot_be_reached(tmp_path: Path) -> None:
    """In a process of its own: the hub's address is read when its library is imported."""
    program = f"""
from pathlib import Path
from index.models.encoder import Encoder
from index.models.folders import write_encoder
Encoder("an-office/no-such-model", Path({str(tmp_path)!r})).query("问")
"""
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60)
    assert re.search(r"ModelUnavailable: 模型 an-office/no-such-model 载入失败（ConnectError：.*要能连上模型库", done.stderr)


def test_fingerprints_tell_models_apart(tiny_model: str, bundled_encoder: Encoder, tmp_path: Path) -> None:
    prints = [Encoder(*names).fingerprint for names in (
        ("", tmp_path), (tiny_model, tmp_path), ("an-office/model", tmp_path), ("http://a/v1", tmp_path, "bge-m3"),
        ("http://a/v1", tmp_path, "gte-base"),
    )]  # fmt: skip
    assert len(set(prints)) == 5
    assert Encoder(tiny_model, tmp_path).fingerprint == Encoder(tiny_model, tmp_path / "other").fingerprint
    assert Encoder("http://b/v1", tmp_path, "bge-m3").fingerprint == prints[3]  # the server may move
    copies = [Path(shutil.copytree(tiny_model, tmp_path / name)) for name in ("e5-small", "other")]
    one, other = (Encoder(str(copy), tmp_path).fingerprint for copy in copies)
    assert one.rpartition("-")[2] != other.rpartition("-")[2]  # the name of its family decides the prompts
    (copies[1] / ".git").mkdir()
    (copies[1] / ".git" / "index").write_text("x")
    assert Encoder(str(copies[1]), tmp_path).fingerprint == other


def test_prompts_of_the_families() -> None:
    assert prompts_of("intfloat/multilingual-e5-base") == {"query": "query: ", "passage": "passage: "}
    assert prompts_of("BAAI/bge-small-zh-v1.5")["query"].startswith("为这个句子")
    assert prompts_of("BAAI/bge-m3") == prompts_of("thenlper/gte-large-zh") == {"query": "", "passage": ""}
    assert prompts_of("Qwen/Qwen3-Embedding-0.6B")["query"].endswith("\nQuery:")


def test_windows_keep_every_character_and_end_at_sentences() -> None:
    text = "".join(f"第{n}句话说的是这一件事。" for n in range(40)) + "尾" * 30
    pieces, owners, lengths = windows(["短", text], 100, lambda some: [len(piece) for piece in some])
    assert pieces[0] == "短" and "".join(pieces[1:]) == text
    assert owners == [0] + [1] * (len(pieces) - 1)
    assert max(lengths) <= 100 and lengths == [len(piece) for piece in pieces]
    assert [piece.endswith("。") for piece in pieces[1:-1]] == [True] * (len(pieces) - 2)


def test_batches_hold_texts_of_like_length() -> None:
    groups = batches([10, 500, 90, 100, 95, 10], 300, 9)
    assert groups == [[1], [3, 4, 2], [0, 5]]
    assert batches([1] * 5, 300, 2) == [[0, 1], [2, 3], [4]]


def test_bad_values_are_refused_and_nothing_is_nothing(tiny_model: str, tmp_path: Path) -> None:
    encoder = Encoder(tiny_model, tmp_path)
    model = encoder.model
    model.encode = lambda texts, role: np.array([[0.0, 0.0]] * len(texts), np.float32)  # type: ignore[method-assign]
    assert encoder.passages(["🙂"]).tolist() == [[0, 0]]
    model.encode = lambda texts, role: np.array([[np.inf, 1.0]] * len(texts), np.float32)  # type: ignore[method-assign]
    with pytest.raises(TextRefused, match="坏值"):
        encoder.passages(["甲"])


def test_cores_within_the_quota_of_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr("index.models.cpu._QUOTA", quota)
    unlimited = cores()
    assert unlimited >= 1
    for text, wanted in (("max 100000", unlimited), ("50000 100000", 1), ("100000 100000", 1), ("9900000 100000", unlimited)):
        quota.write_text(text)
        assert cores() == wanted
