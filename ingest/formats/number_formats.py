"""Show the value of a spreadsheet's cell as its number format (ECMA-376, 18.8.31) prints it: 85.3%, 007, 2023年3月, 1.2万元.

Formats of fractions and exponents, conditions on a value, and marks between the digits are not followed: such a number is shown
as it is.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_DIGITS = 15  # digits of a number that a spreadsheet shows; those after them are rounding errors
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[(?:h+|m+|s+)\]|\[\$(?P<money>[^\]-]*)[^\]]*\]|\[[^\]]*\]|(?P<code>.)'
)
_DAY = re.compile(r"(?P<y>y+|e+)|(?P<mon>m+)|(?P<d>d+)|(?P<h>h+)|(?P<s>s+)|(?P<half>am/pm|a/p|上午/下午)", re.IGNORECASE)
_LOCAL = {  # formats that each country shows in its own way
    "mm-dd-yy": "yyyy/m/d", "m/d/yy h:mm": "yyyy/m/d h:mm", "d-mmm-yy": "yyyy/m/d",
    "[$-f800]dddd, mmmm dd, yyyy": 'yyyy"年"m"月"d"日"', "[$-f400]h:mm:ss am/pm": "h:mm:ss",
}  # fmt: skip
_YEAR_MONTH, _MONTH_DAY, _WHOLE_DAY = 'yyyy"年"m"月"', 'm"月"d"日"', 'yyyy"年"m"月"d"日"'
CHINESE = {  # the formats that Excel in Chinese has without writing them into the file (ECMA-376, 18.8.30, zh-cn)
    27: _YEAR_MONTH, 28: _MONTH_DAY, 29: _MONTH_DAY, 30: "m-d-yy", 31: _WHOLE_DAY, 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
    34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 36: _YEAR_MONTH, 50: _YEAR_MONTH, 51: _MONTH_DAY,
    52: _YEAR_MONTH, 53: _MONTH_DAY, 54: _MONTH_DAY, 55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"',
    57: _YEAR_MONTH, 58: _MONTH_DAY,
}  # fmt: skip
_UNFOLLOWED = re.compile(r"[eE][+-]|/|\?")
_CONDITION = re.compile(r"\[[<>=]")
_WEEKDAYS = "一二三四五六日"


def shown(value: float | datetime.datetime | datetime.date | datetime.time, form: str) -> str:
    """Return a number or a day as a person sees it in a cell of this format."""
    form = _LOCAL.get(form.lower(), form)
    if isinstance(value, int | float):
        return _number(value, form)
    return _day(value, form)


def plain_number(value: float) -> str:
    """Return a number without a format."""
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value)


def _number(value: float, form: str) -> str:
    if _CONDITION.search(form):
        return plain_number(value)
    positive, *others = _sections(form)
    if value < 0 and others:
        return _with(abs(value), others[0])
    if value == 0 and len(others) > 1:
        return _with(value, others[1])
    return _with(value, positive)


def _with(value: float, section: tuple[tuple[str, bool], ...]) -> str:
    """Return a number in a format's section, given as pieces and whether each is printed as it stands."""
    codes = "".join(text for text, literal in section if not literal)
    places = re.search(r"[0#][0#,.]*", codes)
    if codes.strip() in ("", "@") and not any(literal for _, literal in section) or _UNFOLLOWED.search(codes):
        return plain_number(value)
    if not places:
        return "".join(text for text, _ in section)
    digits_at = [number for number, (text, literal) in enumerate(section) if not literal and text in "0#"]
    if any(literal or text not in "0#,." for text, literal in section[digits_at[0] : digits_at[-1]]):
        return plain_number(value)
    digits, told, out = _placed(value, places[0], codes.count("%")), False, ""
    for text, literal in section:
        if literal or text not in "0#,.":
            out += text
        elif not told:
            out, told = out + digits, True
    return out if value >= 0 or out.startswith("-") else f"-{out}"


def _placed(value: float, places: str, percents: int) -> str:
    """Return the digits of a number at the places 0, # of a format, with its thousands' commas; a comma at the end divides."""
    kept = places.rstrip(",")
    whole, _, part = kept.partition(".")
    scaled = Decimal(repr(abs(value))) * 100**percents / Decimal(1000) ** (len(places) - len(kept))
    rounded = f"{scaled.quantize(Decimal(1).scaleb(-len(part)), ROUND_HALF_UP):f}"
    before, _, after = rounded.partition(".")
    while after and len(after) > part.count("0") and after.endswith("0"):
        after = after[:-1]
    before = before.lstrip("0").zfill(whole.replace(",", "").count("0"))
    if "," in whole:
        before = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", before)
    return f"{before}.{after}" if after else before


@lru_cache(maxsize=256)
def _sections(form: str) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """Return the sections of a format: for positive, negative numbers and zero."""
    sections: list[list[tuple[str, bool]]] = [[]]
    if form.strip().lower() == "general":
        return ((),)
    for found in _TOKEN.finditer(form):
        if found["code"] == ";":
            sections.append([])
        elif found["code"]:
            sections[-1].append((found["code"], found["code"] not in "0#?,.%@eE+-/" and not found["code"].isascii()))
        elif literal := found["quoted"] or found["escaped"] or found["money"]:
            sections[-1].append((literal, True))
    return tuple(map(tuple, sections))


def _day(value: datetime.datetime | datetime.date | datetime.time, form: str) -> str:
    pieces = list(_day_pieces(form)) if form.strip().lower() != "general" else []
    if all(literal for _, literal in pieces):
        return str(value).removesuffix(" 00:00:00")
    out, seen = "", ""
    for number, (text, literal) in enumerate(pieces):
        if literal:
            out += text
            continue
        code = text[0].lower()
        after = next((one[0].lower() for one, printed in pieces[number + 1 :] if not printed), "")
        if code == "m" and (seen == "h" or after == "s"):
            code = "minutes"
        out += _part(value, code, len(text))
        seen = code
    return out


def _day_pieces(form: str) -> Iterator[tuple[str, bool]]:
    """Yield the codes of a date's format, and what stands between them as it is."""
    first = form.split(";")[0]
    at = 0
    for found in _TOKEN.finditer(first):
        if found.start() < at:
            continue
        if code := _DAY.match(first, found.start()):
            yield code[0], False
            at = code.end()
        elif literal := found["quoted"] or found["escaped"] or found["code"]:
            yield literal, True


def _part(value: datetime.datetime | datetime.date | datetime.time, code: str, length: int) -> str:
    names = {"y": "year", "e": "year", "m": "month", "d": "day", "h": "hour", "minutes": "minute", "s": "second"}
    if code == "d" and length > 2 and isinstance(value, datetime.date):
        return f"星期{_WEEKDAYS[value.weekday()]}"
    if code not in names:
        return ""
    number = getattr(value, names[code], 0)
    if code in "ye":
        return f"{number % 100:02d}" if length <= 2 and code == "y" else str(number)
    return f"{number:0{min(length, 2)}d}"
