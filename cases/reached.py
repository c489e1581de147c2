"""What a clause says was reached of something: 收入由7.2万元提高到8.1万元 says 8.1万元, 力争达到9万元 says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cases.alignment import Statement
from index.text.words import fold_with_origin, places_of, words
from ingest.document import Document, Figure, Item

# What says that something was reached, or how it is counted, does not say what: 带动就业, 就业人数 and 吸纳村民就业 are one.
_REACHED = frozenset(["带动", "吸纳", "实现", "累计", "新增", "达到", "解决", "帮助", "促进", "完成", "共计", "惠及", "增加"])
_COUNTED = re.compile(r"^(?:全年|年|总|累计)(?=..)|(?<=.)(?:人数|数量|总数|个数|规模|总量)$")
# Hoped for, demanded or a condition; 计划 and 目标 as nouns are none of it.
_HOPED = re.compile(
    r"力争|有望|预计|预期|争取|确保|意向|可申请|计划(?=[到在用于新建投带今明]|\d)|目标(?=[是为到])|将(?=达|实现|带动|新增|建成|突破|超过)|拟(?=建|投|用|新)"
)
_LIMIT_BEFORE = re.compile(r"(?:不低于|不超过|不少于|不得少于|不高于|不足|最高|至少|上限|以内)\D{0,2}$")
_LIMIT_AFTER = re.compile(r"[余多]?及?以[上下内][^，。；]*的")
_YEAR_TO_COME = re.compile(r"到?(20\d\d)年")
_DENIED_BEFORE, _DENIED_AFTER = re.compile(r"(?:未|不|没有?|无|减少|失去)(?:带动|吸纳|实现)?$"), re.compile(r"困难|难(?!得)")
# By so much, not to so much.
_MORE = re.compile(r"(?:增加|增长|提高|提升|上升|减少|下降|降低|缩短|同比增|多)(?:了|近|约|超过?)?$")
_FROM = re.compile(r"[由从][^，。；]{0,12}$")
_STOP = re.compile(r"[。！？；\n]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured: the words that a clause must hold, the last of them that the figure stands at."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, measured: str) -> Wanted:
        """Read what somebody wrote: 带动就业, 就业人数, 覆盖村."""
        label = _COUNTED.sub("", _COUNTED.sub("", "".join(measured.split())))
        cut = [word for word in words(label) if word not in _REACHED] or words(label)
        rest = label
        for word in (*cut, *_REACHED):
            rest = rest.replace(word, " ")
        single = [character for character in rest if re.match(r"[\u4e00-\u9fff]", character)]
        pieces = sorted({*cut, *single}, key=label.rfind)
        return cls(tuple(pieces))


def reached(document: Document, item: Item, told: Statement, wanted: Wanted) -> tuple[int, Figure] | None:
    """Return how many of the words a clause holds, and its figure of what they name; None if it says none was reached."""
    folded, origin = fold_with_origin(document.text[slice(*told.span)])
    places = {word: places_of(word, folded) for word in wanted.words}
    last = wanted.words[-1]
    for place in reversed(places[last]):
        start, end = told.span[0] + origin[place], told.span[0] + origin[place + len(last) - 1] + 1
        figure = _figure_at(document.text, told, start, end)
        if figure and not _is_hoped_for(document, item, told, figure) and not _is_denied(document.text, start, end):
            return sum(map(bool, places.values())), figure
    return None


def _figure_at(text: str, told: Statement, start: int, end: int) -> Figure | None:
    """Return the figure that was reached nearest to a word, on its side of 、: the latter of two, and no difference."""
    left = text.rfind("、", told.span[0], start) + 1 or told.span[0]
    right = text.find("、", end, told.span[1])
    beside = [figure for figure in told.figures if figure.start >= left and (right < 0 or figure.end <= right)]
    kept = [
        figure
        for place, figure in enumerate(beside)
        if not _MORE.search(text, told.span[0], figure.start)
        and not (place + 1 < len(beside) and _FROM.search(text, told.span[0], figure.start))
    ]
    return min(kept, key=lambda figure: max(figure.start - end, start - figure.end), default=None)


def _is_hoped_for(document: Document, item: Item, told: Statement, figure: Figure) -> bool:
    text = document.text
    begin = max([item.start, *(stop.end() for stop in _STOP.finditer(text, item.start, told.span[0]))])
    years = [int(year) for year in _YEAR_TO_COME.findall(text[begin : figure.start])]
    return bool(
        _HOPED.search(text, begin, figure.start)
        or (document.date and any(year > int(document.date[:4]) for year in years))
        or _LIMIT_BEFORE.search(text, told.span[0], figure.start)
        or _LIMIT_AFTER.match(text, figure.end, told.span[1])
    )


def _is_denied(text: str, start: int, end: int) -> bool:
    return bool(_DENIED_BEFORE.search(text, max(0, start - 6), start) or _DENIED_AFTER.match(text, end))
