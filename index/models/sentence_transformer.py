"""Run any sentence-transformers model: a local folder, or a model's name on a hub, as an administrator has set it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable
from index.models.cpu import multiplies_bf16
from index.models.prompts import Prompts, Role, prompts_of

_PROMPT_NAMES = ("document", "passage", "corpus")  # a model's configuration states the passage prompt under one of these
_LAYOUT = "modules.json"  # says how the model pools; without it sentence-transformers would guess


class TorchModel:
    """The model in a folder or of a name on a hub; threads may share it. Raises ModelUnavailable."""

    batch_tokens, batch_texts = 4000, 128
    streams = 1  # torch puts all threads on one batch

    def __init__(self, name: str, cores: int) -> None:
        self._model = _load(name)
        import torch

        torch.set_num_threads(cores)
        self._torch, self._lock = torch, Lock()  # each call sets the tokenizer's options: not thread-safe
        self._prompts = _stated_prompts(self._model) or prompts_of(name)
        limit = self._model.max_seq_length
        self.limit = int(limit) if limit and limit < 1e6 else 10**6  # models that average words have no limit

    def lengths(self, texts: Sequence[str], role: Role) -> list[int]:
        """Return the number of tokens of each text with its prompt."""
        tokenizer: Any = self._model.tokenizer
        texts = [self._prompts[role] + text for text in texts]
        with self._lock:
            if hasattr(tokenizer, "encode_batch"):  # a plain one of the package `tokenizers`
                return [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]
            return [len(ids) for ids in tokenizer(texts, truncation=False, verbose=False)["input_ids"]]

    def encode(self, texts: Sequence[str], role: Role) -> npt.NDArray[np.float32]:
        """Encode one batch of texts, `(n, d)`; the products run in bfloat16 where the processor has it."""
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        with self._lock, self._torch.autocast("cpu", dtype=self._torch.bfloat16, enabled=multiplies_bf16()):
            vectors = encode(
                list(texts), prompt=self._prompts[role], batch_size=len(texts), show_progress_bar=False, convert_to_tensor=True
            )
        result: npt.NDArray[np.float32] = vectors.float().numpy()
        return result


def _stated_prompts(model: Any) -> Prompts | None:
    """Return the prompts that a model's configuration states, None if it states none."""
    stated = model.prompts
    default = stated.get(model.default_prompt_name or "") or ""
    passage = next((stated[name] for name in _PROMPT_NAMES if stated.get(name)), default)
    query = stated.get("query") or default
    return {"query": query, "passage": passage} if query or passage else None


def _load(name: str) -> Any:
    """Load from the folder or from earlier downloads; ask the hub only for what is missing."""
    local = Path(name).is_dir()
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from huggingface_hub import try_to_load_from_cache
    from transformers.utils import logging

    logging.set_verbosity_error()  # its loading report and progress bars are not for the people who run this
    logging.disable_progress_bar()
    if local and not (Path(name) / _LAYOUT).is_file():
        raise _unavailable(name, f"缺少 {_LAYOUT}", "文件夹要是完整的 sentence-transformers 模型")
    try:
        if local or isinstance(try_to_load_from_cache(name, _LAYOUT), str):
            return _model(name, offline=True)
    except OSError as error:  # a file is missing
        if local:
            raise _unavailable(name, error, "请检查文件夹里的文件是否齐全") from error
    except Exception as error:  # the errors of a model's files have no common base class
        raise _unavailable(name, error, "模型的文件有问题，或需要运行它自带的代码，这里不支持") from error
    return _downloaded(name)


def _downloaded(name: str) -> Any:
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import enable_progress_bars

    enable_progress_bars()
    try:
        # Fails at once without network, where a download would retry for a minute.
        files = {file.rfilename for file in HfApi().model_info(name, timeout=10).siblings or ()}
        if _LAYOUT in files:
            return _model(name, offline=False)
    except Exception as error:
        help_ = "没有这个文件夹；若是模型库里的名称，这台机器要能连上模型库，或先在别处下载好，再写文件夹"
        raise _unavailable(name, error, help_) from error
    raise _unavailable(name, f"缺少 {_LAYOUT}", "它不是 sentence-transformers 模型")


def _model(name: str, *, offline: bool) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer

    kinds = {"dtype": torch.float32}  # half precision on disk is slow on processors without it
    return SentenceTransformer(name, device="cpu", local_files_only=offline, model_kwargs=kinds)


def _unavailable(name: str, error: Exception | str, help_: str) -> ModelUnavailable:
    described = f"{type(error).__name__}：{str(error).splitlines()[0]}" if str(error).strip() else type(error).__name__
    reason = error if isinstance(error, str) else described
    return ModelUnavailable(f"模型 {name} 载入失败（{reason}）。JIANBAO_ENCODER：{help_}")
