"""Find numbered headings (案例一：, 第一章, 一、, （一）, 1.): their levels, and where their words begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.extracted import Line
from ingest.facts.numerals import read_number

_HAN = r"[一二三四五六七八九十百]{1,4}"
_LEVELS = (  # from the highest to the lowest
    re.compile(rf"^(?:典型)?(?:案例|经验|做法|范例|专题|典型)({_HAN}|\d{{1,2}})(?:[：:、.．]|[\s　]+)[\s　]*"),
    re.compile(rf"^第({_HAN})章[\s　]*"),
    re.compile(rf"^({_HAN})[、.．][\s　]*"),
    re.compile(rf"^[（(]({_HAN})[)）][、.．]?[\s　]*"),
    re.compile(r"^(\d{1,2})(?:\.(?!\d)|[．、](?!\d+[.．、]))[\s　]*"),
    re.compile(r"^[（(](\d{1,2})[)）][\s　]*"),
)
CASE, CHAPTER, MAIN, SECOND = range(4)
_LONGEST_HEADING = 60  # characters; 一、 before longer text opens a paragraph


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that begins with a number: its level (0 is the highest), the number, and the offset at which its words begin."""

    row: int
    level: int
    number: int
    words: int


def headings(lines: Sequence[Line]) -> list[Heading]:
    """Return the numbered lines in order."""
    found: list[Heading] = []
    for row, line in enumerate(lines):
        for level, pattern in enumerate(_LEVELS):
            if line.form != "row" and (match := pattern.match(line.text)):
                found.append(Heading(row, level, read_number(match[1]), 0 if level == CHAPTER else match.end()))
                break
    return found


def run(found: Sequence[Heading], level: int, lines: Sequence[Line]) -> list[Heading]:
    """Return the headings of a level that count 1, 2, 3 …, if two or more; they may start again at 1 under a higher one."""
    of_level = [h for h in found if h.level == level and is_heading(lines[h.row].text)]
    counting: list[Heading] = []
    for number, heading in enumerate(of_level):
        if _is_listed(of_level, number, lines):
            continue
        if heading.number == 1 or (counting and heading.number == counting[-1].number + 1):
            counting.append(heading)
    return counting if len(counting) > 1 and any(h.number == 2 for h in counting) else []


def _is_listed(found: Sequence[Heading], number: int, lines: Sequence[Line]) -> bool:
    """Tell whether a heading stands in a 目录: it is repeated later, and no sentence stands between it and the next heading."""
    heading, after = found[number], found[number + 1 :]
    text = _squeezed(lines[heading.row].text)
    if not after or not any(_squeezed(lines[other.row].text).startswith(text) for other in after):
        return False
    return not any("。" in line.text for line in lines[heading.row : after[0].row])


def _squeezed(text: str) -> str:
    return "".join(text.split())


def is_heading(text: str) -> bool:
    """Tell whether a numbered line is short enough for a heading: its first sentence is."""
    return len(re.split(r"[，。：:]", text, maxsplit=1)[0]) <= _LONGEST_HEADING
