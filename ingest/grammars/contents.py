"""The 目录 (table of contents) of an issue: its heading, the words of its entries, and whether a title is among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

ITEM_MARKS = "▲●■◆★◎○◇□△※➤"
HEADING = re.compile(rf"^[【{ITEM_MARKS}]?\s*(?:目\s*录|本期(?:目录|要目|导读)|要目)\s*[】：:]?\s*[】]?$")
_NAME = r"[^【】〖〗『』，。；：]{2,20}?"
SECTION = re.compile(  # 【市县交流】, ◇ 工作动态 ◇, —— 基层动态 ——
    rf"^(?:【\s*{_NAME}\s*】|〖\s*{_NAME}\s*〗|『\s*{_NAME}\s*』|([{ITEM_MARKS}☆])\s*{_NAME}\s*\1|[—－=-]{{1,4}}\s*{_NAME}\s*[—－=-]{{1,4}})$"
)
_ENTRY_MARK = re.compile(rf"^(?:[☆·•{ITEM_MARKS}]|\d{{1,2}}[.、．])\s*")
_LEADER = re.compile(r"[\s.．…·⋯]{2,}\s*[（(]?\d*[)）]?$")
_PAGE_NUMBER = re.compile(r"\d{1,3}$")
_SENTENCE_END = re.compile(r"[。！？](?![”’》）)])")
_ALIKE = 0.8  # least ratio of difflib; 目录 and title may differ in a word


def section_name(text: str) -> str:
    """Return the name in a section's heading, without the marks around it."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", text)


def title_of(text: str) -> str:
    """Return the first sentence of a line, without its number or mark."""
    return _SENTENCE_END.split(_ENTRY_MARK.sub("", text), maxsplit=1)[0]


def listed_title(text: str) -> str:
    """Return the words of an entry of a 目录, without its mark, leader and page number."""
    return _LEADER.sub("", _ENTRY_MARK.sub("", text))


def is_among(text: str, titles: Iterable[str]) -> bool:
    """Tell whether a line begins with one of these titles, exactly or nearly."""
    keys = [_key(title) for title in titles]
    return bool(keys) and bool(get_close_matches(_key(title_of(text)), keys, 1, _ALIKE))


def _key(title: str) -> str:
    """Return the word characters of a title without a page number, for comparing."""
    return _PAGE_NUMBER.sub("", re.sub(r"\W", "", _LEADER.sub("", title)))
