"""The short answer that stands above the quotes: what is marked in them, or yes or no with it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from answer.question import Question

_LONGEST = 60  # characters; more is no short answer
_EITHER = re.compile(
    r"是否|能否|可否|有无|(.{1,2})不\1|有没有|[了过]没有?|没有(?=[？?]|$)"
)  # 能不能, 用不用, 算不算: not negative
_NEGATIVE = re.compile(r"不(?!仅|但|只|断|同|少|超过|低于|高于|得少于)|没有?|[无未](?!来|论)|禁止|严禁|停止|取消")


def shortly(marks: Sequence[str]) -> str:
    """Return what is marked, each once; "" if that is not short."""
    joined = "；".join(dict.fromkeys(marks))
    return joined if len(joined) <= _LONGEST else ""


def yes_or_no(question: Question, marks: Sequence[str]) -> str:
    """Return 是 or 否 with what is marked, "" if the question is no such one, or negative itself, or too much is marked."""
    said = shortly([mark for mark in marks if mark])
    asked = re.split("[,，]", question.query.folded.rstrip("?？"))[-1]
    if question.sought != "yes_no" or not said or _NEGATIVE.search(_EITHER.sub("", asked)):
        return ""
    return f"{'否' if _NEGATIVE.search(said) else '是'}：{said}"
