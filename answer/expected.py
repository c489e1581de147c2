"""What an answer has to look like: a quantity of the unit that is asked for, or a time.

The reader's span may be the words beside it. Then the figure or date of the passage that most likely is part of an answer
takes its place; if the passage has none, it does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from answer.question import Question
from answer.short import EITHER
from index.models.reader import Reading, Span, within
from index.store.records import StoredPassage

_LIKELY = 0.1  # least probability that a figure or date is part of an answer, for it to take the place of the reader's span
_LONGEST = 24  # characters of a span that may hold several figures
_NUMERAL = re.compile(
    r"\d|第[一二三四五六七八九十]|首位|若干|上[百千万]|[一二两三四五六七八九十百千万亿半双几数][余多几]?[成倍分个名人家户次元天年月亩件项条所位场座岁辆处级届种周]"
    r"|[十百千万亿]|半|全部|全额|免|不收|清零|翻番|无限"
)
_TIME = re.compile(
    r"\d+\s*[年月日号点时天周]|\d[:：-]\d|[一二两三四五六七八九十半]+(?:年|个?月|天|日|周|个?小时|分钟)|[春夏秋冬]|早上|晚上|[上下]午|长期|随时|当场|即时|节"
)
_TIMES = ("年", "月", "天", "日", "周", "小时", "分钟", "点")  # ends of units of time
_ELSE = re.compile(r"谁|哪[里儿个家些]|何处|什么(?!时)|怎|如何|哪(?!一?[年天月日])")  # asks for something else, too
_WAS = re.compile(r"[由从][^，。；]{0,12}$")  # before the former of a change's two figures
_BECAME = re.compile(r"(?:[^\d，。；]{0,8}[到至为]|变[为成])")  # between the two
_FORMER = re.compile(r"原[来先]|[以之从]前|过去|[起最当]初|[从由]|前后|变化|变[成为]|多了|少了|各|分别")
_MONEY = re.compile(r"钱|元|块|[薪酬费款价资]$")
_PEOPLE = ("人", "名", "位")


def suited(question: Question, stored: StoredPassage, reading: Reading) -> Reading | None:
    """Return a reading with a span of the kind that a question for one quantity or time asks for; None if it has none."""
    folded, is_time = question.query.folded, question.sought == "time"
    asks = (
        question.single and question.sought in ("quantity", "time") and not EITHER.search(folded) and not _ELSE.search(folded)
    )
    if not asks or reading.span is None:
        return reading
    begin, item = stored.passage.start, stored.item
    figures = [one for one in item.figures if (one.unit.endswith(_TIMES) if is_time else alike(question.unit, one.unit))]
    spans = [(one.start - begin, one.end - begin) for one in figures]
    spans += [(one.start - begin, one.end - begin) for one in item.dates if is_time]
    here = [(a, b) for a, b in spans if a >= 0 and b <= len(stored.text)]
    found = _with_span(reading, stored.text, here, _TIME if is_time else _NUMERAL)
    return found and _of_today(question, found, stored.text, here)


def _of_today(question: Question, reading: Reading, text: str, facts: Sequence[Span]) -> Reading:
    """Return a reading whose figure is the latter of a change (由9600亩扩大到1.52万亩), unless the former is asked for."""
    start, end = reading.span or (0, 0)
    first = next((fact for fact in facts if fact[0] < end and start < fact[1]), None)
    later = next(
        (fact for fact in facts if first and fact[0] >= first[1] and _BECAME.fullmatch(text[first[1] : fact[0]])), None
    )
    if not first or not later or not _WAS.search(text[: first[0]]) or _FORMER.search(question.query.folded):
        return reading
    return replace(reading, span=later)


def _with_span(reading: Reading, text: str, facts: Sequence[Span], kind: re.Pattern[str]) -> Reading | None:
    """Return the reading with its span, or with the likeliest of some facts if it has none of them; None without either."""
    start, end = reading.span or (0, 0)
    inside = [fact for fact in facts if fact[0] < end and start < fact[1]]
    is_such, is_short = bool(kind.search(text[start:end])), end - start <= _LONGEST
    if (inside or is_such) and is_short:
        return reading
    best = max(inside or facts, key=lambda fact: within(reading, *fact), default=None)
    if best and (inside or within(reading, *best) >= _LIKELY):
        return replace(reading, span=best)
    return reading if is_such else None


def alike(asked: str, unit: str) -> bool:
    """Tell whether a figure's unit is the one asked for (any, if none is): 名 counts people, and 多少钱 is answered in 元."""
    if not asked or not unit:
        return not asked
    both_money = unit.endswith("元") and bool(_MONEY.search(asked))
    both_people = unit in _PEOPLE and (asked.startswith(_PEOPLE) or asked.endswith(_PEOPLE))
    return both_money or both_people or asked.startswith(unit) or asked.endswith(unit)
