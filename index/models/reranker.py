"""The optional reranker of the best passages: a cross-encoder, if the settings name one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable

_LONGEST = 512  # tokens of question and passage together


class Reranker:
    """A sentence-transformers CrossEncoder, from a folder or a hub; loaded at first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = None
        self._loading = Lock()

    def scores(self, query: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return how well each text answers the query, `(n,)`, higher is better; raise ModelUnavailable."""
        with self._loading:
            if self._model is None:
                self._model = self._load()
        scores = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return np.asarray(scores, np.float32).reshape(len(texts))

    def _load(self) -> Any:
        from sentence_transformers import CrossEncoder

        if not Path(self.name).is_dir() and (self.name[0] in "/.~" or self.name.count("/") > 1):
            raise ModelUnavailable(f"JIANBAO_RERANKER：没有 {self.name} 这个文件夹")
        try:
            model = CrossEncoder(self.name, device="cpu", max_length=_LONGEST)
            if model.num_labels != 1:
                raise ValueError("它给出的不是一个分数")
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelUnavailable(f"JIANBAO_RERANKER：载入不了 {self.name}（{str(error).splitlines()[0]}）") from error
        return model
