"""The short answer that stands above the quotes: what is marked in them, or yes or no with it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from answer.question import Question
from index.models.reader import Span
from ingest.extracted import CELL

_LONGEST = 60  # characters; more is no short answer
_LONGEST_LABEL = 24  # characters of a cell's row and column
_NUMBER = re.compile(r"[\d.,%]*")
EITHER = re.compile(
    r"是否|能否|可否|有无|(.{1,2})不\1|有没有|[了过]没有?|没有(?=[？?]|$)"
)  # 能不能, 用不用, 算不算: not negative
_NEGATIVE = re.compile(r"不(?!仅|但|只|断|同|少|超过|低于|高于|得少于)|没有?|[无未](?!来|论)|禁止|严禁|停止|取消")


def shortly(marks: Sequence[str]) -> str:
    """Return what is marked, each once; "" if that is not short."""
    joined = "；".join(dict.fromkeys(marks))
    return joined if len(joined) <= _LONGEST else ""


def told(text: str, start: int, end: int, mark: Span) -> str:
    """Return what is marked in the span `start` to `end` of a document's text; of a table's cell with its row and its column.

    `mark` counts from `start`.
    """
    said, row = text[start + mark[0] : start + mark[1]], text[start:end]
    heading = heading_row(text, start).split(CELL)
    number, cells = row[: mark[0]].count(CELL), row.split(CELL)
    if len(cells) < 2 or CELL in said:
        return said
    name = next((cell for cell in cells[:number] if not _NUMBER.fullmatch(cell)), "")
    column = heading[number] if number < len(heading) else ""
    label = f"{name} {column}".strip()
    return f"{label}：{said}" if label and len(label) <= _LONGEST_LABEL else said


def heading_row(text: str, start: int) -> str:
    """Return the first row of the table in whose row a line begins at `start`, "" if it begins in none, or in the first."""
    line_end = text.find("\n", start)
    if CELL not in text[start : line_end if line_end >= 0 else len(text)]:
        return ""
    heading = ""
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        row = text[above : start - 1]
        if CELL not in row:
            break
        heading, start = row, above
    return heading


def yes_or_no(question: Question, marks: Sequence[str]) -> str:
    """Return 是 or 否 with what is marked, "" if the question is no such one, or negative itself, or too much is marked."""
    said = shortly([mark for mark in marks if mark])
    asked = re.split("[,，]", question.query.folded.rstrip("?？"))[-1]
    if question.sought != "yes_no" or not said or _NEGATIVE.search(EITHER.sub("", asked)):
        return ""
    return f"{'否' if _NEGATIVE.search(said) else '是'}：{said}"
