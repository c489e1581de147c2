"""Read the 目录 (table of contents) of an issue: its entries, and where the body begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ingest.extracted import Line
from ingest.facts.dates import find_date
from ingest.grammars.masthead import is_issue_line
from ingest.grammars.outline import headings

ITEM_MARKS = "▲●■◆★◎○◇□△※➤"
HEADING = re.compile(rf"^[【{ITEM_MARKS}]?\s*(?:目\s*录|本期(?:目录|要目|导读))\s*】?$")
_NAME = r"[^【】〖〗『』，。；：]{2,20}?"
SECTION = re.compile(  # 【市县交流】, ◇ 工作动态 ◇, —— 基层动态 ——
    rf"^(?:【\s*{_NAME}\s*】|〖\s*{_NAME}\s*〗|『\s*{_NAME}\s*』|([{ITEM_MARKS}☆])\s*{_NAME}\s*\1|[—－=-]{{1,4}}\s*{_NAME}\s*[—－=-]{{1,4}})$"
)
_ENTRY_MARK = re.compile(rf"^(?:[☆·•{ITEM_MARKS}]|\d{{1,2}}[.、．])\s*")
_LEADER = re.compile(r"[\s.．…·⋯]{2,}\s*[（(]?\d*[)）]?$")
_PAGE_NUMBER = re.compile(r"\d{1,3}$")
_SENTENCE_END = re.compile(r"[。！？](?![”’》）)])")
_OFFICE = re.compile(r"(?:办公室|委员会|领导小组|专班|局|厅|部|委|组|中心|政府|党委|编|编印|主办)$")
_EDITORS_NOTE = ("编者按", "【编者按", "【按语", "按语", "按：")
_LONGEST_ENTRY = 80  # characters
_ALIKE = 0.8  # least ratio of difflib; 目录 and title may differ in a word


@dataclass(frozen=True, slots=True)
class Parts:
    """An issue split at its 目录: the entries and section headings that it lists, lines of the masthead, lines of the body."""

    entries: tuple[str, ...]
    headings: frozenset[str]
    head: Sequence[Line]
    body: Sequence[Line]


def section_name(text: str) -> str:
    """Return the name in a section's heading, without the marks around it."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", text)


def title_of(text: str) -> str:
    """Return the first sentence of a line, without its number or mark."""
    return _SENTENCE_END.split(_ENTRY_MARK.sub("", text), maxsplit=1)[0]


def listed_title(text: str) -> str:
    """Return the words of an entry of a 目录, without its mark, leader and page number."""
    return _LEADER.sub("", _ENTRY_MARK.sub("", text))


def read_contents(lines: Sequence[Line]) -> Parts:
    """Split an issue at its 目录; lines between 目录 and body that are no entries belong to the masthead."""
    at = next((number for number, line in enumerate(lines) if HEADING.match(line.text)), None)
    if at is None:
        body = next((n for n in range(len(lines)) if _opens_body(lines, n)), len(lines))
        above = body
        while above > 0 and lines[above - 1].text.startswith(_EDITORS_NOTE):
            above -= 1
        body = above - 1 if above > 0 and _is_title_before(lines, above) else body
        body -= (
            1 < body < len(lines) and lines[body].text.startswith("——") and _is_title_before(lines, body)
        )  # the second line of a title
        return Parts((), frozenset(), lines[:body], lines[body:])
    entries: list[str] = []
    headings: set[str] = set()
    head = list(lines[:at])
    for number in range(at + 1, len(lines)):
        text = lines[number].text
        after = lines[number + 1].text if number + 1 < len(lines) else ""
        if SECTION.match(text):
            if text in headings or (after and _is_body(after, entries)):
                return Parts(tuple(entries), frozenset(headings), head, lines[number:])
            headings.add(text)
        elif _is_body(text, entries):
            return Parts(tuple(entries), frozenset(headings), head, lines[number:])
        elif is_issue_line(text) or (find_date(text) and len(text) <= 20):
            head.append(lines[number])
        else:
            entries.append(listed_title(text))
    return Parts(tuple(entries), frozenset(headings), head, ())


def _opens_body(lines: Sequence[Line], number: int) -> bool:
    text = lines[number].text
    prose = ("。" in text or len(text) > _LONGEST_ENTRY) and not text.startswith(_EDITORS_NOTE)
    return text[0] in ITEM_MARKS or bool(SECTION.match(text)) or bool(headings([lines[number]])) or prose


def _is_title_before(lines: Sequence[Line], body: int) -> bool:
    """Tell whether the line above row `body` is a title: it stands below the issue's number or date and is no office."""
    text = lines[body - 1].text
    if body >= len(lines):
        return False
    if lines[body].text[0] in ITEM_MARKS or SECTION.match(lines[body].text) or text[0] in "（(" or len(text) < 6:
        return False
    numbered = any(is_issue_line(line.text) or find_date(line.text) for line in lines[: body - 1])
    return numbered and not (is_issue_line(text) or find_date(text) or _OFFICE.search(text))


def _is_body(text: str, entries: Sequence[str]) -> bool:
    """Tell whether a line belongs to an item: it is too long for an entry, or repeats the title of one."""
    return len(text) > _LONGEST_ENTRY or "。" in text or is_among(text, entries)


def is_among(text: str, titles: Iterable[str]) -> bool:
    """Tell whether a line begins with one of these titles, exactly or nearly."""
    keys = [_key(title) for title in titles]
    return bool(keys) and bool(get_close_matches(_key(title_of(text)), keys, 1, _ALIKE))


def _key(title: str) -> str:
    """Return the word characters of a title without a page number, for comparing."""
    return _PAGE_NUMBER.sub("", re.sub(r"\W", "", _LEADER.sub("", title)))
