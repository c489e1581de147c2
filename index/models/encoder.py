"""The encoder: texts → vectors, with whichever model is set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from index.arrays import Vectors, unit_rows
from index.errors import ModelUnavailable, TextRefused
from index.models.bundled import FINGERPRINT, NAME, bundled_model_folder
from index.models.cpu import cores
from index.models.prompts import E5, Role, prompts_of
from index.models.query_batches import Queries
from index.models.windows import batches, windows
from index.progress import Tell
from index.timings import stage

# Least cosine of one text's vectors from the same model. On another processor or in another number format it is 0.99 and more;
# with another model near 0.
_AGREES = 0.95
_STRETCH = 2**14  # bytes of a model's file that are hashed at a time


class Model(Protocol):
    """What runs a model: OpenVINO, torch or a server."""

    limit: int  # tokens of one text; longer ones are encoded in windows
    batch_tokens: int  # tokens of one batch, padding included
    batch_texts: int  # texts of one batch
    streams: int  # batches that are worth encoding concurrently

    def lengths(self, texts: Sequence[str], role: Role) -> list[int]:
        """Return the number of tokens of each text with its prompt."""

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """Encode one batch of texts within the limit, `(n, d)`; raise ModelUnavailable."""


class Encoder:
    """Turns text into vectors of one dimension, `(n, d)` float32 with L2-normalised rows; threads may share it.

    `name` is "" for the bundled model, a local folder, a model's name on a hub, or the address of an embeddings server,
    whose model is then `served` and whose key `key`. The model is loaded at first use; its fingerprint is known before.
    """

    def __init__(self, name: str, cache: Path, served: str = "", key: str = "") -> None:
        self.name = served or name or NAME
        self._setting, self._cache, self._served, self._key = name, cache, served, key
        self._remote = bool(served)
        self._loading = Lock()
        self._model: Model | None = None
        self._queries = Queries(lambda texts: self._encode(texts, "query"))

    @cached_property
    def fingerprint(self) -> str:
        """Identify the model: vectors of two fingerprints are never compared."""
        if not self._setting:
            return FINGERPRINT
        prompts = _digest(repr(sorted(prompts_of(self._served or self._setting).items())))
        if self._remote:
            return f"{self._served}-{prompts}"
        folder = Path(self._setting)
        return f"{folder.name}-{_files_digest(folder) if folder.is_dir() else _digest(self._setting)}-{prompts}"

    def prepare(self, tell: Tell) -> None:
        """Convert the bundled model if that has not been done, or ask the server whether it is there.

        `tell` receives messages of progress. Raises ModelUnavailable before any long work has begun.
        """
        if not self._setting:
            bundled_model_folder(self._cache, tell)
        elif self._remote:
            self.query("简报")
        elif not Path(self._setting).is_dir() and (self._setting[0] in "/.~" or self._setting.count("/") > 1):
            raise ModelUnavailable(f"JIANBAO_ENCODER：没有 {self._setting} 这个文件夹")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages, `(n, d)`."""
        return self._encode(texts, "passage")

    def query(self, text: str) -> Vectors:
        """Encode one query, `(d,)`."""
        with stage("encode"):
            return self._queries.vector(text)

    def check(self, sample: tuple[str, Vectors] | None) -> None:
        """Raise ModelUnavailable if the text of `sample` no longer gets the vector stored with it under this fingerprint.

        A server may have got another model under the old name, even one of the same dimension.
        """
        if sample is None:
            return
        before, (now,) = sample[1], self.passages([sample[0]])
        same_length = before.shape == now.shape
        if not same_length or not float(before @ now) >= _AGREES:
            difference = f"相似度只有 {float(before @ now):.2f}" if same_length else f"{len(before)} 维与 {len(now)} 维"
            raise ModelUnavailable(
                f"模型 {self.name} 给出的向量与索引里的不一致（{difference}），可能换过模型："
                "请换回原来的模型；若确实要换，请换一个数据文件夹（--data）重新运行 jianbao sync"
            )

    def forget(self) -> None:
        """Clear the cache of queries, so that encoding them can be timed."""
        self._queries.forget()

    @property
    def model(self) -> Model:
        """The model, loaded at first use."""
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> Model:
        if not self._setting:
            from index.models.openvino import OpenVinoModel

            return OpenVinoModel(bundled_model_folder(self._cache), E5, cores())
        if self._remote:
            from index.models.remote import RemoteModel

            return RemoteModel(self._setting, self._served, self._key)
        from index.models.sentence_transformer import TorchModel

        return TorchModel(self._setting, cores())

    def _encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """Encode in batches of texts of similar length; a long text's is the mean of its windows', weighted by tokens."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        model = self.model
        pieces, owners, lengths = windows(texts, model.limit, lambda batch: model.lengths(batch, role))
        groups = batches(lengths, model.batch_tokens, model.batch_texts)
        asked = ([pieces[n] for n in group] for group in groups)
        if model.streams == 1 or len(groups) == 1:
            parts = [model.encode(batch, role) for batch in asked]
        else:
            with ThreadPoolExecutor(model.streams) as pool:
                parts = list(pool.map(lambda batch: model.encode(batch, role), asked))
        vectors = np.zeros((len(texts), parts[0].shape[1]), np.float32)
        for group, part in zip(groups, parts, strict=True):
            if not np.isfinite(part).all():
                raise TextRefused(f"模型 {self.name} 给出了坏值（无穷大或非数），不能使用")
            units = unit_rows(part)
            np.add.at(vectors, [owners[n] for n in group], units * np.array([[lengths[n]] for n in group], np.float32))
        return unit_rows(vectors)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _files_digest(folder: Path) -> str:
    """Hash names and sizes of a model's files, and 64 stretches spread over each; a small file whole."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # files of downloaders and version control
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as stream:
            for start in range(0, max(1, path.stat().st_size), max(_STRETCH, path.stat().st_size // 64)):
                stream.seek(start)
                digest.update(stream.read(_STRETCH))
    return digest.hexdigest()[:16]
