"""Read what stands above the first item of an issue: series, issue numbers, issuing office, date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.extracted import CELL, Line
from ingest.facts.dates import find_date
from ingest.facts.numerals import NUMERAL, read_number

_LONGEST_LINE = 60  # characters; a sentence that mentions an issue is longer or ends with a full stop
_LONGEST_SERIES = 24
_LONGEST_ISSUER = 40
_TOTAL = re.compile(rf"总\s*第?\s*({NUMERAL})\s*期")
_ISSUE = re.compile(  # not 第3期培训, which is no issue; not 浙农发〔2024〕3号, which is the number of a notice
    rf"第\s*({NUMERAL})\s*(?:[-—–－、至]\s*\d+\s*)?[期辑](?![\u4e00-\u9fff])|(?:专报|简报|快报|信息|^\d{{4}}年)第\s*({NUMERAL})\s*号$|^(?:NO|No|№)[.．\s]*({NUMERAL})$|^[〔\[]\d{{4}}[〕\]]\s*第?\s*({NUMERAL})\s*[号期]$"
)
_YEAR = re.compile(r"(\d{4})\s*年|[〔\[（(](\d{4})[〕\])）]")
_DAY = re.compile(r"[\s　]*(?:\d{4}|[〇○零一二三四五六七八九]{4})\s*[年\-/.].{1,12}$")  # a date on the line of the office
_MONTH = re.compile(r"^[（(]?(\d{4}|[〇○零一二三四五六七八九]{4})年(?:度|(?:\d{1,2}|[一二三四五六七八九十]{1,3})月)?[）)]?$")
_REMARK = re.compile(r"内部|注意保存|密级|机密|秘密|妥善保管|编印|主办|编发|^第\s*\d+\s*页|点击|发布(?:时间|日期)")
_NUMBER = re.compile(r"^[\u4e00-\u9fff]{2,14}[〔\[（(]\d{4}[〕\])）]\s*第?\s*\d+\s*[号期]$")
_SENTENCE = re.compile(r"[。；！？：:]")
_NUMBERED_LINES = 15
_OWN_NUMBER = re.compile(
    r"^(?:(?:文\s*号|发文字号|文件编号)\s*[：:]\s*)?[（(]?([\u4e00-\u9fff]{2,14}[〔\[（(]\d{4}[〕\])）]\s*第?\s*\d+\s*号)[)）]?$"
)
_DECREED = re.compile(  # （2021年7月27日…国务院令第746号公布）
    r"^[（(].{0,30}?((?:国务院|[\u4e00-\u9fff]{2,7}[部局委省市区府])令\s*第?\s*\d+\s*号)公布"
)


@dataclass(frozen=True, slots=True)
class Masthead:
    """The masthead as data; `lines` are all its lines verbatim."""

    lines: tuple[str, ...]
    series: str = ""
    year: int | None = None
    issue: int | None = None
    total_issue: int | None = None
    issuer: str = ""
    date: str = ""
    number: str = ""  # as offices number what they send: 清示〔2024〕8号


def own_number(lines: Sequence[Line]) -> str:
    """Return the number that an office gave a document, from a line that says nothing else; not one that its text quotes."""
    head = (line.text for line in lines[:_NUMBERED_LINES])
    found = next((found for text in head if (found := _OWN_NUMBER.match(text) or _DECREED.match(text))), None)
    return re.sub(r"\s", "", found[1]) if found else ""


def is_issue_line(text: str) -> bool:
    """Tell whether a line gives the number of an issue."""
    names_others = text.count("《") > text.startswith("《")  # 《某报》第6期刊发《…》 is an item, not a masthead
    return len(text) <= _LONGEST_LINE and "。" not in text and not names_others and bool(_issue(text))


def title_lines(title: str, lines: Sequence[Line]) -> list[str]:
    """Return the lines of a title that a format states apart from its text: 工作动态（2024年第3期）."""
    printed = {line.text for line in lines}
    return [part for part in re.split(r"(?=[（(])", title, maxsplit=1) if part and part not in printed]


def read_masthead(lines: Sequence[str]) -> Masthead:
    """Read the lines above the first item, without the 目录; cells of a row are read as lines."""
    lines = [cell for line in lines for cell in line.split(CELL)]
    number = next((line.replace(" ", "") for line in lines if _NUMBER.match(line)), "")
    at = next((number for number, line in enumerate(lines) if is_issue_line(line)), None)
    date = next((day for line in lines if (day := find_date(line))), "")
    total = next((read_number(found[1]) for line in lines if (found := _TOTAL.search(line))), None)
    if at is None:
        year = int(date[:4]) if date else _year_below(lines)
        return Masthead(tuple(lines), _series(lines), year, None, total, _issuer(lines[1:]), date, number)
    found_year = _YEAR.search(lines[at])
    found_year = found_year or (None if date else next((found for line in lines if (found := _YEAR.search(line))), None))
    year = int(found_year[1] or found_year[2]) if found_year else int(date[:4]) if date else None
    before = re.split(r"\s*[（(〔\[]?\s*(?:\d{4}\s*年?|[第总])", lines[at])[0].strip()
    series = _series(lines[:at]) or _series([before])
    return Masthead(tuple(lines), series, year, _issue(lines[at]), total, _issuer(lines[at + 1 :]), date, number)


def _year_below(lines: Sequence[str]) -> int | None:
    """Return the year of a month or year that a line by itself gives: 2024年3月, 二〇二二年十二月, （2023年度）."""
    found = next((found for line in lines if (found := _MONTH.match(line))), None)
    return read_number(found[1]) if found else None


def _issue(line: str) -> int | None:
    found = _ISSUE.search(_TOTAL.sub("", line))
    return next((read_number(number) for number in found.groups() if number), None) if found else None


def _series(lines: Sequence[str]) -> str:
    names = (line.strip("《》 ") for line in lines)
    return next(
        (
            name
            for name in names
            if 1 < len(name) <= _LONGEST_SERIES
            and not (_SENTENCE.search(name) or _REMARK.search(name) or _NUMBER.match(name) or is_issue_line(name))
        ),
        "",
    )


def _issuer(lines: Sequence[str]) -> str:
    """Return the first line that can be the name of an office: no date, no remark in brackets, no sentence."""
    for line in lines:
        office = re.sub(r"[\s　]*(?:主办|编印|编发|编)?$", "", _DAY.sub("", line))
        if not office or line[0] in "（(【" or _SENTENCE.search(line) or _TOTAL.search(line) or _REMARK.search(line):
            continue
        if 2 < len(office) <= _LONGEST_ISSUER:
            return office
    return ""
