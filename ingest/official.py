"""The form of notices, speeches, plans and laws: a title, a head, and an item for each of its main headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.dates import find_date
from ingest.document import Document, Item
from ingest.news import is_byline, is_reported, read_credits
from ingest.original import Line, Original
from ingest.outline import CHAPTER, headings, run
from ingest.passages import Block, split

_NUMBER = re.compile(r"[\u4e00-\u9fff]{0,12}[〔\[（(]\d{4}[〕\])）]\s*第?\s*\d+\s*号")  # 浙农发〔2024〕15号
_BRACKETED = re.compile(r"^[（(〔\[][^（）()]{2,40}[)）〕\]]$")
_PUNCTUATION = re.compile(r"[。，；！？：,;!?:]")
_ATTACHED = re.compile(r"^附\s*[件录：:]|^(?:主送|抄送|抄报|分送)\s*[：:]|\d+\s*日\s*印发$|^\d{1,2}[.．、]")
_HEAD_LINES = 8
_LONGEST_TITLE = 80
_LONGEST_SIGNATURE = 30
_MOST_SIGNATURE_LINES = 12


def read_official(
    file: str, name: str, text: str, lines: Sequence[Line], original: Original, page_starts: tuple[int, ...]
) -> Document | None:
    """Return the document with an item for each main heading, None if the lines have no such form."""
    if any(is_reported(line.text) for line in lines[:_HEAD_LINES]):
        return None
    starts = _starts(lines)
    if len(starts) < 2:
        return None
    first = min(starts)
    title, head = _head(lines[:first], original.title)
    title = title or name
    end = _signature(lines, max(starts))
    about = " ".join([title, *(number[0] for line in lines[:head] if (number := _NUMBER.search(line.text)))])
    rows = sorted(starts)
    items = [_item(text, title, [(line, 0) for line in lines[head:first]], about)] if head < first else []
    for row, border in zip(rows, [*rows[1:], end], strict=True):
        heading = lines[row].text[starts[row] :]
        part = [(line, starts[row] if number == 0 else 0) for number, line in enumerate(lines[row:border])]
        items.append(_item(text, heading.split("。")[0], part, f"{about} {heading.split('。')[0]}"))
    source, reporter, day = read_credits([line for line in lines[:head] if is_byline(line.text)])
    signature = [line.text for line in lines[end:]]
    dates = (find_date(line) for line in (*(line.text for line in lines[:head]), *signature[::-1]))
    day = day or original.date or next((date for date in dates if date), "")
    return Document(
        file, "other", title, text, page_starts, year=int(day[:4]) if day else None, issuer=_issuer(signature), date=day,
        source=source or original.source, reporter=reporter or original.reporter,
        masthead=tuple(line.text for line in lines[:head]), distribution=tuple(signature), items=tuple(items),
        warnings=() if title != name else ("没有找到标题，以文件名代替",),
    )  # fmt: skip


def _issuer(signature: Sequence[str]) -> str:
    """Return the office above the date of a signature."""
    pairs = zip(signature, signature[1:], strict=False)
    return next((office for office, below in pairs if find_date(below) and not find_date(office)), "")


def _starts(lines: Sequence[Line]) -> dict[int, int]:
    """Return the rows of the main headings, each with the offset at which its words begin."""
    numbered = headings(lines)
    for level in (CHAPTER, CHAPTER + 1):
        if found := run(numbered, level, lines):
            return {heading.row: heading.words for heading in found}
    styled = [row for row, line in enumerate(lines) if line.form == "heading" and row]
    return dict.fromkeys(styled, 0)


def _head(lines: Sequence[Line], known: str) -> tuple[str, int]:
    """Return the title and how many lines the head has: title, number of the document, date, speaker."""
    title, row = known, 0
    while row < min(len(lines), _HEAD_LINES):
        line = lines[row].text
        if not title and len(line) <= _LONGEST_TITLE and not _PUNCTUATION.search(line) and not _NUMBER.search(line):
            title = line
        elif not (line == title or _NUMBER.search(line) or _BRACKETED.match(line) or _is_short(line) or is_byline(line)):
            break
        row += 1
    return title, row


def _is_short(line: str) -> bool:
    return len(line) <= _LONGEST_SIGNATURE and not _PUNCTUATION.search(line)


def _signature(lines: Sequence[Line], after: int) -> int:
    """Return the row at which what follows the last item begins: attachments, office, date, 抄送."""
    end = len(lines)
    while end > after + 1 and len(lines) - end < _MOST_SIGNATURE_LINES:
        line = lines[end - 1]
        attached = bool(_ATTACHED.match(line.text)) and not line.text.endswith("。")
        if line.form == "row" or not (attached or _is_short(line.text) or _BRACKETED.match(line.text)):
            break
        end -= 1
    return end


def _item(text: str, title: str, part: Sequence[tuple[Line, int]], context: str) -> Item:
    blocks = [Block(line.start + skip, line.end, subhead=line.form == "heading", row=line.form == "row") for line, skip in part]
    return Item(title, blocks[0].start, blocks[-1].end, passages=split(text, blocks, context))
