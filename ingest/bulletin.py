"""The grammar of a bulletin issue: masthead, 【目录】, 【sections】, ▲ items with their credit, 送/发 lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.dates import find_date
from ingest.document import Document, Item
from ingest.original import Line
from ingest.passages import Block, split

ITEM_MARKS = "▲●■◆★"
_MASTHEAD_LINES = 15  # the issue number stands among the first lines or this is no bulletin
_ISSUE = re.compile(r"^(?:(\d{4})\s*年\s*)?[（(]?\s*第\s*(\d+)\s*期\s*[）)]?\s*(?:[（(]\s*总\s*第?\s*(\d+)\s*期\s*[）)])?$")
_SECTION = re.compile(r"^【([^【】]{2,20})】$")
_CONTENTS = re.compile(r"^【?\s*目\s*录\s*】?$|^【?\s*本期(?:目录|要目|导读)\s*】?$")
_CONTENTS_MARK = re.compile(r"^(?:[☆★△○◇·•▲●■◆]|\d{1,2}[.、．])\s*")
_CREDIT = re.compile(r"[（(]([^（）()]{2,60}?)\s*(?:供稿|报送)\s*[）)]$")
_TAIL = re.compile(r"^(?:主?送|抄[送报]|发|报)\s*[：:]|\d+\s*日\s*印发$")
_TITLE_END = re.compile(r"[。！？](?![”’》）)])")


@dataclass(slots=True)
class _Draft:
    """What has been read of the item at hand."""

    section: str
    lines: list[Line] = field(default_factory=list)
    contributors: tuple[str, ...] = ()


def is_bulletin(lines: Sequence[Line]) -> bool:
    """Tell whether an issue number stands in the masthead and items or a 目录 follow."""
    numbered = any(_ISSUE.match(line.text) for line in lines[:_MASTHEAD_LINES])
    marked = any(line.text[:1] in ITEM_MARKS or _CONTENTS.match(line.text) for line in lines)
    return numbered and marked


def read_bulletin(file: str, text: str, lines: Sequence[Line], page_starts: tuple[int, ...]) -> Document:
    """Return the issue with its items; `lines` are the paragraphs of `text`."""
    masthead, contents, drafts, tail = _parts(lines)
    names = [line.text for line in masthead]
    number = next((k for k, name in enumerate(names) if _ISSUE.match(name)), len(names))
    issue = _ISSUE.match(names[number]) if number < len(names) else None
    year, of_year, total = (int(g) if g else None for g in issue.groups()) if issue else (None, None, None)
    dates = [(name, date) for name in names[number + 1 :] if (date := find_date(name))]
    date = dates[0][1] if dates else next((d for line in tail[::-1] if (d := find_date(line))), "")
    issuer = next((n for n in names[number + 1 :] if not find_date(n) and n[:1] not in "（("), "")
    year = year or (int(date[:4]) if date else None)
    series = names[0] if names and number else ""
    title = f"《{series}》{f'{year}年' if year else ''}第{of_year}期" if series else file
    items = tuple(_item(text, draft, title) for draft in drafts if draft.lines)
    return Document(
        file, "bulletin", title, text, page_starts, series, year, of_year, total, issuer, date,
        contents=contents, distribution=tail, items=items, warnings=_check(contents, items),
    )  # fmt: skip


def _parts(lines: Sequence[Line]) -> tuple[list[Line], tuple[str, ...], list[_Draft], tuple[str, ...]]:
    """Part an issue into masthead, lines of the 目录, drafts of items, and the lines after the last item."""
    masthead: list[Line] = []
    contents: list[str] = []
    drafts: list[_Draft] = []
    where, section = "masthead", ""
    for number, line in enumerate(lines):
        heading = _SECTION.match(line.text)
        if _CONTENTS.match(line.text) and not drafts:
            where = "contents"
        elif heading:
            section, where = heading[1], "section"
        elif _TAIL.search(line.text) and drafts:
            return masthead, tuple(contents), drafts, tuple(rest.text for rest in lines[number:])
        elif line.text[:1] in ITEM_MARKS and where != "contents":
            drafts.append(_Draft(section))
            _add(drafts[-1], Line(line.text[1:].lstrip(), line.end - len(line.text[1:].lstrip())))
            where = "item"
        elif where == "item":
            _add(drafts[-1], line)
        elif where == "contents":
            contents.append(_CONTENTS_MARK.sub("", line.text))
        elif where == "masthead":
            masthead.append(line)
        elif where == "section":  # text under a heading without a mark is an item of its own
            drafts.append(_Draft(section))
            _add(drafts[-1], line)
            where = "item"
    return masthead, tuple(contents), drafts, ()


def _add(draft: _Draft, line: Line) -> None:
    """Add a paragraph to an item, taking its credit off the end."""
    credit = _CREDIT.search(line.text)
    if credit:
        draft.contributors += tuple(name for name in re.split(r"[、，,\s]+", credit[1]) if name)
        line = Line(line.text[: credit.start()].rstrip(), line.start)
    if line.text:
        draft.lines.append(line)


def _item(text: str, draft: _Draft, issue: str) -> Item:
    start, end = draft.lines[0].start, draft.lines[-1].end
    first = draft.lines[0].text
    stop = _TITLE_END.search(first)
    title = first[: stop.start()] if stop else first
    blocks = [Block(line.start, line.end) for line in draft.lines]
    context = " ".join(part for part in (issue, draft.section, title) if part)
    return Item(title, start, end, draft.section, draft.contributors, passages=split(text, blocks, context))


def _check(contents: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    """Compare the issue's own 目录 with the items found."""
    titles = {_bare(item.title) for item in items}
    missing = [line for line in contents if _bare(line) not in titles]
    return tuple(f"目录中的“{line}”没有在正文中找到对应条目" for line in missing)


def _bare(title: str) -> str:
    return re.sub(r"\W", "", title)
