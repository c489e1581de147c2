"""The prompts that models expect before a query and before a passage.

A model's own configuration takes precedence. This table, from published model cards, is for models whose configuration
states no prompts, and for servers, which do not apply them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

Role = Literal["query", "passage"]
Prompts = dict[Role, str]

E5: Prompts = {"query": "query: ", "passage": "passage: "}
NONE: Prompts = {"query": "", "passage": ""}
_INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
_FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (r"e5-.*instruct", {"query": _INSTRUCT + " ", "passage": ""}),
    (r"e5-(small|base|large)", E5),
    (r"bge-(small|base|large)-zh", {"query": "为这个句子生成表示以用于检索相关文章：", "passage": ""}),
    (r"bge-(small|base|large)-en", {"query": "Represent this sentence for searching relevant passages: ", "passage": ""}),
    (r"qwen3-embedding|gte-qwen2", {"query": _INSTRUCT, "passage": ""}),
)


def prompts_of(model: str) -> Prompts:
    """Return the prompts of a model's family by its name or folder; bge-m3, most of gte and unknown models have none."""
    return next((prompts for family, prompts in _FAMILIES if re.search(family, Path(model).name.lower())), NONE)
