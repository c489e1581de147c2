"""The grammar of a bulletin issue: masthead, 目录, 【sections】, items with their credit, 送/发 lines.

An item begins at its mark (▲), its numbered title, a place in brackets, a title that the 目录 lists, or after the credit of
the item before. So the cases of two counties are separated even where marks are missing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from ingest.document import Document, Item
from ingest.extracted import Extracted, Line
from ingest.facts.dates import find_date
from ingest.grammars.borders import MARKS, find_borders, opens_places
from ingest.grammars.contents import HEADING, ITEM_MARKS, SECTION, Parts, is_among, read_contents, section_name, title_of
from ingest.grammars.credits import take_credit
from ingest.grammars.masthead import is_issue_line, read_masthead, title_lines
from ingest.grammars.news import is_byline, is_caption, is_reported
from ingest.grammars.signs import is_prose
from ingest.passages import Block, split

_ISSUED = re.compile(r"(?:^[（(〔\[]?|》\s*|年\s*|\d{4}[〕\])）]?\s*)第[^第]{1,8}期")  # 举办培训班第3期 is the title of an item
_ISSUE_LINES = 5  # lines from the top; 第3期 among them belongs to a masthead, whatever follows
_HEAD_LINES = 15  # lines from the top that may hold the number of an issue, or the byline of an article
_TAIL = re.compile(
    r"^(?:主?送|分送|抄[送报]|发|报送?|(?:责任|执行)?(?:编辑|编审|审核|校对|核稿|签发|责编|主编))\s*[：:]|\d+\s*日\s*印发$"
    r"|^[（(](?:(?:本期|资料来源).{2,40}|[^（）()]{2,20}(?:整理|编发|摘编))[)）]$"
)
_LONGEST_SECTION = 14  # characters of a section's name
_TAIL_LINES = 8  # lines from the end; a paragraph that begins with 送： further up is text


@dataclass(slots=True)
class _Draft:
    """The item that is being read."""

    section: str
    front: str = ""  # printed before the title; names whom the item is about
    lines: list[Line] = field(default_factory=list)
    contributors: tuple[str, ...] = ()
    credited: bool = False  # its credit has been read, so the item is complete


def is_bulletin(lines: Sequence[Line]) -> bool:
    """Tell whether the lines are an issue: a number in the masthead and items below, or enough items that only issues have."""
    head = lines[:_HEAD_LINES]
    numbered = any(is_issue_line(line.text) and not is_byline(line.text) for line in head)
    bylines = [line for line in head if is_byline(line.text) and not take_credit(line.text)[1]]
    if any(is_reported(line.text) or not numbered for line in bylines):
        return False
    triangles = sum(line.text[0] == "▲" and not is_caption(line.text) for line in lines)
    marked = any(line.text[0] in ITEM_MARKS for line in lines) or sum(line.form == "heading" for line in lines) > 1
    credited = sum(bool(take_credit(line.text)[1]) for line in lines)
    parted = any(SECTION.match(line.text) or HEADING.match(line.text) for line in lines)
    parted = parted or sum(line.text[0] == "【" for line in lines) >= 3 or opens_places(lines)
    issued = any(_ISSUED.search(line.text) and is_issue_line(line.text) for line in lines[:_ISSUE_LINES])
    return (numbered and (marked or parted or credited > 0 or issued)) or credited >= 2 or triangles >= 2


def read_bulletin(
    file: str,
    name: str,
    text: str,
    lines: Sequence[Line],
    page_starts: tuple[int, ...],
    extracted: Extracted,
    doubtful: Container[int] = (),
) -> Document:
    """Return the issue with its items; `lines` are the paragraphs of `text`, `name` is its title if the masthead has none.

    `doubtful` are the offsets of lines at which another item may begin: a passage ends there.
    """
    parts = read_contents(lines)
    tail_start = _tail_start(parts.body)
    tail = tuple(line.text for line in parts.body[tail_start:])
    masthead = read_masthead([*title_lines(extracted.title, lines), *(line.text for line in parts.head)])
    drafts = _drafts(parts, tail_start)
    series, year, issue = masthead.series, masthead.year, masthead.issue
    title = f"《{series}》{f'{year}年' if year else ''}{f'第{issue}期' if issue else ''}" if series else name
    items = tuple(_item(text, draft, title, doubtful) for draft in drafts if draft.lines)
    date = masthead.date or next((found for line in tail[::-1] if (found := find_date(line))), extracted.date)
    return Document(
        file, "bulletin", title, text, page_starts, series, year or (int(date[:4]) if date else None), issue,
        masthead.total_issue, masthead.issuer, date, masthead.number, masthead=masthead.lines,
        contents=parts.entries, distribution=tail,
        items=items, warnings=_check(parts, items, drafts),
    )  # fmt: skip


def _tail_start(body: Sequence[Line]) -> int:
    """Return where the 送/发 lines begin: near the end, below the last mark, heading and credit."""
    last = max(
        (
            n
            for n, line in enumerate(body)
            if SECTION.match(line.text) or line.text[0] in ITEM_MARKS or take_credit(line.text, bare=True)[1]
        ),
        default=-1,
    )
    first = max(last + 1, len(body) - _TAIL_LINES)
    return next((n for n in range(first, len(body)) if _TAIL.search(body[n].text)), len(body))


def _drafts(parts: Parts, end: int) -> list[_Draft]:
    """Split the body of an issue, up to row `end`, into items."""
    body = parts.body[:end]
    borders = find_borders(body, parts.entries)
    drafts: list[_Draft] = []
    section = ""
    current: _Draft | None = None
    for row, line in enumerate(body):
        begins = row in borders.starts
        own = line.text[borders.starts.get(row, 0) :]
        text, contributors = take_credit(own, bare=True)
        heading = None if contributors or begins else SECTION.match(line.text)
        closes = (
            current is None or current.credited or not borders.starts or row + 1 in borders.starts
            or line.text in parts.headings
        )  # fmt: skip
        plain = not (begins or contributors) and row + 1 in borders.starts and _is_plain_section(line.text, drafts, section)
        if row in borders.sections or (heading and closes) or plain:
            section, current = borders.sections.get(row) or section_name(line.text), None
            continue
        finished = current is None or (current.credited and bool(text))
        titled = bool(text) and bool(current and current.lines) and is_among(line.text, parts.entries)
        if begins or finished or titled:
            place = borders.places.get(row, "")
            current = _Draft(section, line.text[: len(line.text) - len(own)].strip(f"{MARKS} "), [], (place,) if place else ())
            drafts.append(current)
        assert current is not None
        named_in_front = not current.credited and row not in borders.starts and bool(current.front)
        current.contributors = contributors if contributors and named_in_front else current.contributors + contributors
        titled_only = not text and len(current.lines) == 1 and not is_prose(current.lines[0].text)  # a credit under the title
        current.credited = current.credited or (bool(contributors) and not titled_only)
        if text:
            current.lines.append(replace(line, text=text, start=line.end - len(own)))
    return drafts


def _is_plain_section(text: str, drafts: Sequence[_Draft], section: str) -> bool:
    """Tell whether a line above an item is a section's name, printed without 【】: it is short and cuts no item in two."""
    short = len(text) <= _LONGEST_SECTION and not re.search(r"[，。；：！？、\d]", text)
    return short and (not drafts or bool(section) or drafts[-1].credited)


def _item(text: str, draft: _Draft, issue: str, doubtful: Container[int]) -> Item:
    title = title_of(draft.lines[0].text)
    blocks = [Block(line.start, line.end, apart=line.start in doubtful, row=line.form == "row") for line in draft.lines]
    context = " ".join(part for part in (issue, draft.section, draft.front.strip("【】：:"), title) if part)
    passages = split(text, blocks, context)
    return Item(title, draft.lines[0].start, draft.lines[-1].end, draft.section, draft.contributors, passages=passages)


def _check(parts: Parts, items: Sequence[Item], drafts: Sequence[_Draft]) -> tuple[str, ...]:
    """Return warnings: entries of the issue's own 目录 without an item, and marks or credits without text."""
    titles = [item.title for item in items]
    titles += [item.section for item in items]
    missing = [f"目录中的“{entry}”没有在正文中找到对应条目" for entry in parts.entries if not is_among(entry, titles)]
    empty = sum(not draft.lines for draft in drafts)
    return (*missing, f"有 {empty} 个条目只有标记或供稿单位，没有正文") if empty else tuple(missing)
