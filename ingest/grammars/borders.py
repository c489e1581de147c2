"""Find the lines of an issue that open items and sections: by marks, numbered titles, places in brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.extracted import Line
from ingest.facts.mentions import mentions_in
from ingest.grammars.contents import ITEM_MARKS, SECTION, is_among, section_name, title_of
from ingest.grammars.credits import take_credit
from ingest.grammars.outline import CASE, FOURTH, MAIN, SECOND, THIRD, Heading, headings, run

MARKS = ITEM_MARKS + "☆"  # in a body ☆ may mark items, in a 目录 it marks entries
_BRACKETED = re.compile(r"^【([^【】]{2,14})】(?=\S)")
_IN_FRONT = re.compile(r"^(?:【([^【】]{2,14})】|([\u4e00-\u9fff]{2,12})[：:])\s*(?=\S)")
_DATED = re.compile(r"^(?:(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:至\d{1,2}日)?|同月|同日|当月)[，,：:\s]")  # 3月5日，… in a chronicle
OFFICE = re.compile(r"[省市县区州旗镇乡局办委厅部会院社]$")
_PLAIN = re.compile(r"[\u4e00-\u9fff]{2,12}$")
_FEWEST_BRACKETED = 3  # lines; where only one or two begin with 【】, these are headings on one line with their text
_MOST = 0.8  # share of numbered parts that must look like items; one credit may be missing


@dataclass(slots=True)
class Borders:
    """What opens at which row; rows are indices of the body's lines."""

    starts: dict[int, int] = field(default_factory=dict)  # row → offset in the line at which an item's words begin
    sections: dict[int, str] = field(default_factory=dict)  # row → name of the section that begins
    places: dict[int, str] = field(default_factory=dict)  # row → place or office named in front of an item


def find_borders(body: Sequence[Line], entries: Sequence[str]) -> Borders:
    """Find the lines that open items and sections, by what is printed before their words."""
    borders = Borders()
    credited = [row for row, line in enumerate(body) if take_credit(line.text, bare=True)[1]]
    numbered = headings(body)
    for row in _marked(body, credited):
        text = body[row].text
        words = len(text) - len(text[1:].lstrip())
        place = _IN_FRONT.match(text[words:])
        if place and OFFICE.search(place[1] or place[2]):
            borders.places[row] = place[1] or place[2]
            words += place.end()
        borders.starts[row] = words
    if not borders.starts:
        borders.starts = _numbered(body, numbered, credited, entries)
    if not borders.starts:
        styled = [row for row, line in enumerate(body) if line.form == "heading" and _is_above_prose(body, row)]
        borders.starts = dict.fromkeys(styled, 0) if len(styled) > 1 else {}
    if not borders.starts and len(credited) < _FEWEST_BRACKETED:
        dated = [row for row, line in enumerate(body) if _DATED.match(line.text)]
        if len(dated) >= _FEWEST_BRACKETED:
            borders.starts = dict.fromkeys(dated, 0)
    if not borders.starts and not credited:
        bracketed = {row: found.end() for row, line in enumerate(body) if (found := _BRACKETED.match(line.text))}
        borders.starts = bracketed if len(bracketed) >= _FEWEST_BRACKETED else {}
    borders.sections = {row: section_name(body[row].text) for row in range(len(body)) if _is_marked_section(body, row)}
    borders.sections |= {
        heading.row: body[heading.row].text[heading.words :]
        for heading in numbered
        if heading.row not in borders.starts and heading.row + 1 in borders.starts
    }
    return borders


def _is_above_prose(body: Sequence[Line], row: int) -> bool:
    return row + 1 < len(body) and body[row + 1].form == "" and "。" in body[row + 1].text


def _marked(body: Sequence[Line], credited: Sequence[int]) -> list[int]:
    """Return the rows that begin with the mark of their section's items; other marks are bullet points within an item."""
    sections = [row for row, line in enumerate(body) if SECTION.match(line.text) or _is_marked_section(body, row)]
    begins = [0, *sections, len(body)]
    triangles = any(line.text[0] == "▲" for line in body)
    rows: list[int] = []
    for begin, end in zip(begins, begins[1:], strict=False):
        marks = [(row, body[row].text[0]) for row in range(begin, end) if body[row].text[0] in MARKS and row not in sections]
        if not marks:
            continue
        mark = "▲" if any(mark == "▲" for _, mark in marks) else marks[0][1]
        own = [row for row, other in marks if other == mark]
        credits = sum(begin <= row < end for row in credited)
        if mark == "▲" or not (triangles or mark == "☆") or credits >= len(own):
            rows += own
    return rows


def _is_marked_section(body: Sequence[Line], row: int) -> bool:
    """Tell whether a line is a section's name after a mark that its items do not have: ■工作动态 above △ or ● items."""
    text, after = body[row].text, body[row + 1].text if row + 1 < len(body) else ""
    marked = text[0] in MARKS and after[:1] in tuple(MARKS) and after[:1] != text[0]
    return marked and bool(_PLAIN.match(text[1:].strip()))


def _numbered(
    body: Sequence[Line], found: Sequence[Heading], credited: Sequence[int], entries: Sequence[str]
) -> dict[int, int]:
    """Return the numbered titles of items: most have one credit each, are listed in the 目录, or name their place."""
    for level in (CASE, MAIN, SECOND, THIRD, FOURTH):
        counting = run(found, level, body)
        ends = [heading.row for heading in counting[1:]] + [len(body)]
        credits = Counter(
            sum(heading.row <= row < end for row in credited) for heading, end in zip(counting, ends, strict=False)
        )
        titles = [body[heading.row].text[heading.words :] for heading in counting]
        listed = sum(is_among(title, entries) for title in titles)
        if counting and (level == CASE or max(credits[1], listed) >= _MOST * len(counting) or _name_places(titles)):
            return {heading.row: heading.words for heading in counting}
    return {}


def opens_places(lines: Sequence[Line]) -> bool:
    """Tell whether the lines have numbered titles that are cases of different places."""
    numbered = headings(lines)
    runs = (run(numbered, level, lines) for level in (MAIN, SECOND, THIRD, FOURTH))
    return any(_name_places([lines[heading.row].text[heading.words :] for heading in found]) for found in runs)


def _name_places(titles: Sequence[str]) -> bool:
    """Tell whether titles are those of cases: three or more, most with a place in the first sentence, not all the same."""
    if len(titles) < _FEWEST_BRACKETED:
        return False
    firsts = [title_of(title) for title in titles]
    places = [mention.places[0].name for title in firsts if (mention := next(mentions_in(title), None))]
    return len(places) >= _MOST * len(titles) and len(set(places)) > 1
