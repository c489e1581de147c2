"""The 目录 of an issue: which lines it lists, and where the body begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.original import Line

_HEADING = re.compile(r"^【?\s*目\s*录\s*】?$|^【?\s*本期(?:目录|要目|导读)\s*】?$")
_ENTRY_MARK = re.compile(r"^(?:[☆★△○◇·•▲●■◆]|\d{1,2}[.、．])\s*")
_LEADER = re.compile(r"[\s.．…·⋯]{2,}\s*[（(]?\d*[)）]?$")
_LONGEST_ENTRY = 80  # characters


def bare(title: str) -> str:
    """Return the word characters of a title, for comparing."""
    return re.sub(r"\W", "", title)


def read_contents(
    lines: Sequence[Line], section: re.Pattern[str], item_marks: str
) -> tuple[tuple[str, ...], Sequence[Line], Sequence[Line]]:
    """Part an issue into the entries of its 目录, the lines of its masthead, and its body.

    Lines between the 目录 and the body that are no entries belong to the masthead: some issues print it there.
    """
    at = next((number for number, line in enumerate(lines) if _HEADING.match(line.text)), None)
    if at is None:
        body = next((n for n, line in enumerate(lines) if _opens_body(lines, n, section, item_marks)), len(lines))
        return (), lines[:body], lines[body:]
    entries: list[str] = []
    headings: set[str] = set()
    for number in range(at + 1, len(lines)):
        text = lines[number].text
        if section.match(text):
            if text in headings or _body_follows(lines, number, entries, item_marks):
                return tuple(entries), lines[:at], lines[number:]
            headings.add(text)
        elif _is_body(text, entries, item_marks):
            return tuple(entries), lines[:at], lines[number:]
        else:
            entries.append(_LEADER.sub("", _ENTRY_MARK.sub("", text)))
    return tuple(entries), lines[:at], ()


def _opens_body(lines: Sequence[Line], number: int, section: re.Pattern[str], item_marks: str) -> bool:
    text = lines[number].text
    prose = ("。" in text or len(text) > _LONGEST_ENTRY) and not text.startswith("编者按")
    return text[0] in item_marks or bool(section.match(text)) or prose


def _body_follows(lines: Sequence[Line], number: int, entries: Sequence[str], item_marks: str) -> bool:
    return number + 1 < len(lines) and _is_body(lines[number + 1].text, entries, item_marks)


def _is_body(text: str, entries: Sequence[str], item_marks: str) -> bool:
    """Tell whether a line is text of an item: too long for an entry, or the title of an entry come again."""
    title = text[1:] if text[0] in item_marks else text
    again = bare(_LEADER.sub("", _ENTRY_MARK.sub("", title))) in {bare(entry) for entry in entries}
    return again or len(text) > _LONGEST_ENTRY or "。" in text
