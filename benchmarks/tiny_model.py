"""Make a real SentenceTransformer of a few kilobytes, for uses where the quality of vectors does not matter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np


def tiny_model(folder: Path, texts: Iterable[str]) -> str:
    """Save a model in `folder`: the mean of one fixed random vector for each character of the texts; return the folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    vocabulary = {"[UNK]": 0} | {c: n for n, c in enumerate(sorted(set("".join(texts)) | set("甲乙丙丁")), 1)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    weights = np.random.default_rng(7).normal(size=(len(vocabulary), 48)).astype(np.float32)
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu").save(str(folder))
    return str(folder)
