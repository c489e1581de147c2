"""The credit of an item: who contributed it."""

from __future__ import annotations

import re

_NAMES = r"[^（）()【】\[\]。]{2,60}?"
_CREDITS = (
    re.compile(rf"[（(\[【]({_NAMES})\s*(?:供稿|报送)\s*[)）\]】]\s*。?$"),
    re.compile(rf"[（(\[【]\s*(?:供稿|报送)(?:单位|人)?\s*[：:]\s*({_NAMES})\s*[)）\]】]\s*。?$"),
    re.compile(rf"^(?:供稿|报送)(?:单位|人)?\s*[：:]\s*({_NAMES})\s*。?$"),
)


def take_credit(text: str) -> tuple[str, tuple[str, ...]]:
    """Part a paragraph into its text and the contributors of a credit at its end: （安吉县、德清县供稿）.

    Of 安吉县发改局 张三 the office is the contributor.
    """
    for pattern in _CREDITS:
        if found := pattern.search(text):
            names = (part.split()[0] for part in re.split(r"[、，,；;]", found[1]) if part.strip())
            return text[: found.start()].rstrip(), tuple(names)
    return text, ()
