"""The encoder: any sentence-transformers model, by default the bundled one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.bundled_model import FINGERPRINT, NAME, bundled_model_folder
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
_BATCH = 16  # passages; on two cores larger batches only add padding


class Encoder:
    """Turns text into vectors of one length, `(n, d)` float32 with L2-normalised rows.

    `name` is "" for the bundled model, a local folder, or a model's name on a hub. The model is loaded at first use,
    which imports torch and takes seconds; its fingerprint is known before. Raises ModelUnavailable.
    """

    def __init__(self, name: str, cache: Path) -> None:
        self.name = name or NAME
        self._setting, self._cache = name, cache

    @cached_property
    def fingerprint(self) -> str:
        """Identify the model's files: vectors of two fingerprints are never compared."""
        if not self._setting:
            return FINGERPRINT
        folder = Path(self._setting)
        return _folder_fingerprint(folder) if folder.is_dir() else hashlib.sha256(self._setting.encode()).hexdigest()[:16]

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages, `(n, d)`."""
        vectors = self.model.encode_document(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.ascontiguousarray(vectors, np.float32)

    def query(self, text: str) -> Vectors:
        """Encode one query, `(d,)`."""
        vector = self.model.encode_query(text, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.ascontiguousarray(vector, np.float32)

    @cached_property
    def model(self) -> SentenceTransformer:
        """The loaded model."""
        folder = Path(self._setting) if self._setting else bundled_model_folder(self._cache)
        local = folder.is_dir()
        if local:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.set_verbosity_error()  # its loading report and progress bars are not for the people who run this
        logging.disable_progress_bar()
        try:
            return SentenceTransformer(str(folder) if local else self._setting, device="cpu")
        except (OSError, ValueError, KeyError) as error:
            reason = f"{type(error).__name__}：{str(error).splitlines()[0] if str(error) else ''}"
            raise ModelUnavailable(f"模型 {self.name} 载入失败（{reason}）：请检查 JIANBAO_ENCODER") from error


def _folder_fingerprint(folder: Path) -> str:
    """Hash the names and sizes of a model's files, small files whole and the first megabyte of large ones."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as stream:
            digest.update(stream.read(2**20))
    return digest.hexdigest()[:16]
