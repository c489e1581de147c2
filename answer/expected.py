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
    r"\d|[一二两三四五六七八九十百千万亿半双几数](?:[成倍分个名人家户次元天年月亩件项条])|半|全部|全额|免|不收|清零|翻番|无限"
)
_TIME = re.compile(r"\d|[年月日号天周时分秒]|春|夏|秋|冬|早|晚|上午|下午|长期|随时|当场|即时|节")
_MONEY = re.compile(r"钱|元|块|[薪酬费款价资]$")
_PEOPLE = ("人", "名", "位")


def suited(question: Question, stored: StoredPassage, reading: Reading) -> Reading | None:
    """Return a reading with a span of the kind that a question for one quantity or time asks for; None if it has none."""
    asks = question.single and question.sought in ("quantity", "time") and not EITHER.search(question.query.folded)
    if not asks or reading.span is None:
        return reading
    begin, item = stored.passage.start, stored.item
    figures = [one for one in item.figures if question.sought == "time" or _alike(question.unit, one.unit)] or item.figures
    facts = [*figures, *(item.dates if question.sought == "time" else ())]
    spans = [(one.start - begin, one.end - begin) for one in facts]
    here = [(a, b) for a, b in spans if a >= 0 and b <= len(stored.text)]
    return _with_span(reading, stored.text, here, _TIME if question.sought == "time" else _NUMERAL)


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


def _alike(asked: str, unit: str) -> bool:
    """Tell whether a figure's unit is the one asked for: 名 counts people, and 多少钱 is answered in 元."""
    if not unit:
        return False
    both_money = unit.endswith("元") and bool(_MONEY.search(asked))
    return both_money or asked.endswith(unit) or (unit in _PEOPLE and asked[-1:] in _PEOPLE)
