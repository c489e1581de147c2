"""The grammar of a bulletin issue: masthead, 目录, 【sections】, items with their credit, 送/发 lines.

An item begins at its mark (▲), at a title that the 目录 lists, or after the credit of the one before; so two counties'
cases part even where marks are missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.contents import bare, read_contents
from ingest.credits import take_credit
from ingest.dates import find_date
from ingest.document import Document, Item
from ingest.masthead import is_issue_line, read_masthead
from ingest.original import Line
from ingest.passages import Block, split

ITEM_MARKS = "▲●■◆★"
_MASTHEAD_LINES = 15  # the issue number stands among the first lines
_SECTION = re.compile(r"^【([^【】]{2,20})】$")
_TAIL = re.compile(r"^(?:主?送|抄[送报]|发|报)\s*[：:]|\d+\s*日\s*印发$")
_TITLE_END = re.compile(r"[。！？](?![”’》）)])")


@dataclass(slots=True)
class _Draft:
    """What has been read of the item at hand."""

    section: str
    lines: list[Line] = field(default_factory=list)
    contributors: tuple[str, ...] = ()


def is_bulletin(lines: Sequence[Line]) -> bool:
    """Tell whether the lines are an issue: a number in the masthead and items below, or items that show it alone."""
    numbered = any(is_issue_line(line.text) for line in lines[:_MASTHEAD_LINES])
    marked = [line.text[0] for line in lines if line.text[0] in ITEM_MARKS]
    credited = sum(bool(take_credit(line.text)[1]) for line in lines)
    sections = sum(bool(_SECTION.match(line.text)) for line in lines)
    return (numbered and bool(marked or credited or sections)) or credited >= 2 or marked.count("▲") >= 2


def read_bulletin(file: str, name: str, text: str, lines: Sequence[Line], page_starts: tuple[int, ...]) -> Document:
    """Return the issue with its items; `lines` are the paragraphs of `text`, `name` its title where it gives none."""
    contents, head, body = read_contents(lines, _SECTION, ITEM_MARKS)
    tail_start = _tail_start(body)
    tail = tuple(line.text for line in body[tail_start:])
    masthead = read_masthead([line.text for line in head])
    drafts = _drafts(body[:tail_start], {bare(entry) for entry in contents})
    series, year, issue = masthead.series, masthead.year, masthead.issue
    title = f"《{series}》{f'{year}年' if year else ''}{f'第{issue}期' if issue else ''}" if series else name
    items = tuple(_item(text, draft, title) for draft in drafts if draft.lines)
    date = masthead.date or next((found for line in tail[::-1] if (found := find_date(line))), "")
    return Document(
        file, "bulletin", title, text, page_starts, series, year or (int(date[:4]) if date else None), issue,
        masthead.total_issue, masthead.issuer, date, masthead=masthead.lines, contents=contents, distribution=tail,
        items=items, warnings=_check(contents, items, drafts),
    )  # fmt: skip


def _tail_start(body: Sequence[Line]) -> int:
    """Return where the 送/发 lines begin: below the last mark, heading and credit, else a paragraph opened 报：."""
    last = max(
        (
            n
            for n, line in enumerate(body)
            if _SECTION.match(line.text) or line.text[0] in ITEM_MARKS or take_credit(line.text)[1]
        ),
        default=-1,
    )
    return next((n for n in range(last + 1, len(body)) if _TAIL.search(body[n].text)), len(body))


def _drafts(body: Sequence[Line], listed: set[str]) -> list[_Draft]:
    """Part the body of an issue into its items."""
    mark = next((line.text[0] for line in body if line.text[0] in ITEM_MARKS), "")
    drafts: list[_Draft] = []
    section = ""
    current: _Draft | None = None
    for number, line in enumerate(body):
        after = body[number + 1].text if number + 1 < len(body) else ""
        heading = _SECTION.match(line.text)
        if heading and (current is None or current.contributors or not mark or after[:1] == mark):
            section, current = heading[1], None
            continue
        marked = bool(mark) and line.text[0] == mark
        credit_only = not marked and not take_credit(line.text)[0]
        finished = current is None or (bool(current.contributors) and not credit_only)
        titled = bare(line.text) in listed and bool(current and current.lines)
        if marked or finished or titled:
            current = _Draft(section)
            drafts.append(current)
        assert current is not None
        _add(current, Line(line.text[1:].lstrip(), line.end - len(line.text[1:].lstrip())) if marked else line)
    return drafts


def _add(draft: _Draft, line: Line) -> None:
    """Add a paragraph to an item, taking its credit off the end."""
    text, contributors = take_credit(line.text)
    draft.contributors += contributors
    if text:
        draft.lines.append(Line(text, line.start))


def _item(text: str, draft: _Draft, issue: str) -> Item:
    start, end = draft.lines[0].start, draft.lines[-1].end
    first = draft.lines[0].text
    stop = _TITLE_END.search(first)
    title = first[: stop.start()] if stop else first
    blocks = [Block(line.start, line.end) for line in draft.lines]
    context = " ".join(part for part in (issue, draft.section, title) if part)
    return Item(title, start, end, draft.section, draft.contributors, passages=split(text, blocks, context))


def _check(contents: Sequence[str], items: Sequence[Item], drafts: Sequence[_Draft]) -> tuple[str, ...]:
    """Compare the issue's own 目录 with the items found, and tell of marks without text."""
    titles = {bare(item.title) for item in items}
    missing = [f"目录中的“{line}”没有在正文中找到对应条目" for line in contents if bare(line) not in titles]
    empty = sum(not draft.lines for draft in drafts)
    return (*missing, f"有 {empty} 个条目只有标记或供稿单位，没有正文") if empty else tuple(missing)
