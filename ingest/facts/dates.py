"""Find dates as documents print them; relative ones (去年, 上月) are resolved against the document's own date."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from ingest.document import Date
from ingest.facts.numerals import read_number

_HAN = "〇○零一二三四五六七八九十"
_YEAR = r"(?P<year>\d{4}|[〇○零一二三四五六七八九]{4})年|(?P<near>今年|本年|去年|前年|明年)"
_MONTH, _DAY = rf"(?:\d{{1,2}}|[{_HAN}]{{1,3}})", rf"(?:\d{{1,2}}|[{_HAN}]{{1,3}})"
_FULL = re.compile(
    rf"(?<!\d)(\d{{4}})\s*[年\-/.]\s*(\d{{1,2}})\s*[月\-/.]\s*(\d{{1,2}})(?!\d)|([{_HAN}]{{4}})年({_MONTH})月({_DAY})日"
)
_EXPRESSIONS = (  # tried at each position in this order
    r"(?<!\d)(?P<from>\d{4})年?(?:至|到|[—–~～-]+)(?P<to>\d{4})年(?!\d)",
    rf"(?:{_YEAR})?(?<![\d月日])(?P<first>\d{{1,2}})月?(?:至|到|[—–~～-]+)(?P<last>\d{{1,2}})月(?!\d)",
    r"(?<!\d)(?P<iso>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?!\d)",
    rf"(?:{_YEAR})?(?<![\d{_HAN}])(?P<month>{_MONTH})月(?P<day>{_DAY})[日号]?(?:至|到|[—–~～-]+)(?P<last_day>\d{{1,2}})[日号]",
    rf"(?:{_YEAR})?(?<![\d{_HAN}])(?P<month>{_MONTH})月(?P<day>{_DAY})[日号]",
    rf"(?:{_YEAR})(?P<month_of>{_MONTH})月(?:份|[底末初]|[上中下]旬)?",
    r"(?<![\d个第每])(?P<month_alone>\d{1,2})月(?!龄|\d)(?:份|[底末初]|[上中下]旬)?",
    rf"(?:{_YEAR})?(?P<part>上半年|下半年|前[一二三]个?季度|第?[一二三四](?:、[二三四])?季度)",
    rf"(?:{_YEAR})?(?<![提])(?P<opening>前\d{{1,2}})个?月",
    r"(?P<near_month>上个?月|本月)[底末初]?",
    r"(?P<near_day>昨[日天]|前[日天])",
    rf"(?:{_YEAR})(?P<edge_of>年?[底末初])",
    r"(?<![每同当历跨\d])(?P<edge>年[底末初])",
    rf"(?:{_YEAR})(?!第\s*\d+\s*期|同期)(?:以来)?",
    r"“?(?P<plan>十[一二三四五六七八]五)”(?P<plan_edge>末|初|期间|时期)?|(?P<plan_alone>十[一二三四五六七八]五)(?=期间|时期|规划|以来|末|初)",
    r"(?P<now>近日|(?<![节假期])日前|截至目前|截止目前|目前)",
)
_BEGINS = rf"(?=[\d{_HAN}今本去前明上下第年昨“近日截目])"  # what a date can begin with: rules out most positions at once
_NUMBERED = (re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{n}>", part) for n, part in enumerate(_EXPRESSIONS))
_DATES = re.compile(f"{_BEGINS}(?:{'|'.join(_NUMBERED)})")
_PARTS = {"上半年": (1, 6), "下半年": (7, 12), "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12)}
_PARTS |= {
    "一、二季度": (1, 6),
    "二、三季度": (4, 9),
    "三、四季度": (7, 12),
    "前一季度": (1, 3),
    "前二季度": (1, 6),
    "前三季度": (1, 9),
}
_UNTIL = ("至", "到", "—", "——", "－", "-", "~", "～")
_NEAR = {"今年": 0, "本年": 0, "去年": -1, "前年": -2, "明年": 1}
_RECURRING = re.compile(r"每年[^，。；]{0,6}$")  # 每年1月和7月
_NEAR_BEFORE = 10  # characters before a date that are searched for 每年
_TO_COME = re.compile(r"之?前(?![期三])|之?内|完成")  # follows a date without a year that lies ahead
_DONE = re.compile(r"已|了|过")  # in the clauses around it: what was to be done by then is done
_DUE = re.compile(r"要|应|须|需|拟|将|计划|力争|确保|争取|请|务必|截止|报送|准备|目标|安排")  # it is still to be done
_SET_FOR = re.compile(r"(?:[定拟将]于|计划[于在]|预计|截止日?期?[到至为]?[：:]?|最迟[于在]?|不[晚迟]于)$")  # stands before one


def find_date(text: str) -> str:
    """Return the first full date of a line as ISO 8601, or "": 2023年12月29日, 2023-12-29, 二〇二三年十二月二十九日."""
    for found in _FULL.finditer(text):
        year, month, day = (read_number(part) for part in found.groups() if part)
        try:
            return datetime.date(year, month, day).isoformat()
        except ValueError:
            continue
    return ""


def find_dates(text: str, start: int, end: int, day: str, year: int | None = None) -> Iterator[Date]:
    """Yield the dates in a span of a text.

    `day` is the document's own date in ISO 8601, "" if unknown; `year` is used instead where only its year is known.
    """
    today = datetime.date.fromisoformat(day) if day else None
    last: Date | None = None
    for date in _single_dates(text, start, end, today, year):
        if last and text[last.end : date.start] in _UNTIL and "/" not in last.iso + date.iso:
            until = date.iso if date.iso >= last.iso else f"{int(date.iso[:4]) + 1}{date.iso[4:]}"  # 11月至次年1月
            last = Date(f"{last.iso}/{until}", last.start, date.end)
            continue
        if last:
            yield last
        last = date
    if last:
        yield last


def _single_dates(text: str, start: int, end: int, today: datetime.date | None, year: int | None) -> Iterator[Date]:
    for found in _DATES.finditer(text, start, end):
        parts = {name.rsplit("_", 1)[0]: value for name, value in found.groupdict().items() if value}
        before = text[max(start, found.start() - _NEAR_BEFORE) : found.start()]
        ahead: bool | None = bool(_SET_FOR.search(before))
        if not ahead and _TO_COME.match(text, found.end(), end):
            around = _clauses_around(text, found, start, end)
            ahead = False if _DONE.search(around) else True if _DUE.search(around) else None
        if _RECURRING.search(before):
            continue
        iso = _resolve(parts, today, today.year if today else year, ahead)
        if iso:
            shown = found.end() - (found[0].endswith(("期间", "时期")) and 2)
            yield Date(iso, found.start(), shown)


def _clauses_around(text: str, found: re.Match[str], start: int, end: int) -> str:
    begin = max(start, *(text.rfind(mark, start, found.start()) + 1 for mark in "。；\n"))
    after = re.match(r"[^。；\n]*", text[found.end() : end])
    return text[begin : found.start()] + (after[0] if after else "")


def _resolve(parts: dict[str, str], today: datetime.date | None, this_year: int | None, ahead: bool | None) -> str:
    if "now" in parts:
        return today.isoformat() if today else ""
    if plan := parts.get("plan") or parts.get("plan_alone"):
        first = 2021 + 5 * (read_number(plan[1]) - 4)
        edges = {"初": str(first), "末": str(first + 4)}
        return edges.get(parts.get("plan_edge", ""), f"{first}/{first + 4}")
    if "near_month" in parts or "near_day" in parts:
        return _before(parts, today) if today else ""
    if "from" in parts:
        return f"{parts['from']}/{parts['to']}" if parts["from"] < parts["to"] else ""
    if "iso" in parts:
        return find_date(parts["iso"])
    month = parts.get("month") or parts.get("month_of") or parts.get("month_alone")
    stated = _year(parts, this_year)
    year = stated if stated is not None else _nearest_year(month, parts, today, this_year, ahead)
    return _of_year(year, month, parts) if year else ""


def _before(parts: dict[str, str], today: datetime.date) -> str:
    """Return the day that 昨日 or 前日 means, or the month that 上月 or 本月 means."""
    if day := parts.get("near_day"):
        return (today - datetime.timedelta(days=1 if day.startswith("昨") else 2)).isoformat()
    month = today if parts["near_month"] == "本月" else today.replace(day=1) - datetime.timedelta(days=1)
    return month.isoformat()[:7]


def _of_year(year: int, month: str | None, parts: dict[str, str]) -> str:
    """Return the date or period within a year that the parts of a match give, "" if there is none such."""
    if "first" in parts:
        first, last = int(parts["first"]), int(parts["last"])
        return f"{year}-{first:02}/{year}-{last:02}" if 1 <= first < last <= 12 else ""
    if opening := parts.get("opening"):
        return f"{year}-01/{year}-{int(opening[1:]):02}" if 1 < int(opening[1:]) <= 12 else ""
    if "part" in parts:
        first, last = _PARTS[re.sub("[第个]", "", parts["part"])]
        return f"{year}-{first:02}/{year}-{last:02}"
    if edge := parts.get("edge") or parts.get("edge_of"):
        return f"{year}-{'01' if edge.endswith('初') else '12'}"
    if month is None:
        return str(year)
    day, until = (_calendar(year, read_number(month), parts.get(name)) for name in ("day", "last_day"))
    if "last_day" in parts:
        return f"{day}/{until}" if day and until else ""
    return day


def _calendar(year: int, month: int, day: str | None) -> str:
    """Return a day or month as ISO 8601, "" if the calendar has no such day."""
    try:
        whole = datetime.date(year, month, read_number(day) if day else 1).isoformat()
    except ValueError:
        return ""
    return whole if day else whole[:7]


def _year(parts: dict[str, str], this_year: int | None) -> int | None:
    if "year" in parts:
        year = read_number(parts["year"])
        return year if 1900 <= year <= 2100 else 0
    if "near" in parts:
        return this_year + _NEAR[parts["near"]] if this_year else 0
    return None


def _nearest_year(
    month: str | None, parts: dict[str, str], today: datetime.date | None, this_year: int | None, ahead: bool | None
) -> int | None:
    """Return the year of a date printed without one.

    It is the latest one up to `today`, the next one if it lies `ahead`, and the nearest one if that is unknown (None).
    """
    if today is None or month is None:
        return this_year
    day = read_number(parts["day"]) if "day" in parts else 0
    if ahead is None:
        away = read_number(month) - today.month  # months
        return today.year - (away > 6) + (away < -6)
    if ahead:
        return today.year + ((read_number(month), day or 31) < (today.month, today.day))
    return today.year - ((read_number(month), day or 1) > (today.month, today.day))
