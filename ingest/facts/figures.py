"""Find quantities in a text: 惠及职工超354万人 gives 3540000 人, and 惠及职工 as what it measures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ingest.document import Figure
from ingest.facts.numerals import read_number

_UNITS = (  # of units that begin alike the longest comes first
    "个百分点|百分点|个工作日|工作日|个小时|小时|个月|个|%|％|‰|人次|人|名|户次|户|家次|家|件次|件|项次|项|场次|场|车次|班次|批次|批|次|"
    "万美元|美元|欧元|港元|日元|元|亩次|亩|公顷|平方公里|平方千米|平方米|立方米|平方|平米|公里|千米|厘米|毫米|米|里|吨标准煤|吨|公斤|千克|微克|毫克|克|斤|"
    "千瓦时|兆瓦时|千瓦|兆瓦|千伏安|千伏|升|分钟|分|秒|天|周(?!岁|年)|倍|条|座|所|处|辆次|辆|台套|台|套|只|头|羽|尾|株|棵|期|篇|份|张|本|册|幅|部|款|种|类|例|"
    "航次|起|宗|笔|单|桩|对|组|支|队|班|节课|节|门|间|栋|幢|层|床|艘|架次|架|趟|字|页|盏|口|根|块|片|枚|封|顿|餐|帖|剂|桌|段|杯|盒|箱|袋|瓶|包|把|面|孔|标箱|标准箱|度|道|轮|档"
)
_ARABIC = (
    r"(?P<number>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)[余多]?"
    r"(?P<scale>[百千]?[万亿]{1,2}|[百千](?=[余多]?[人元户名家亩]))?"
)
_HAN = r"(?P<han>[一二两三四五六七八九十百千万亿零〇]{1,9}?)(?P<han_more>[余多])?(?P<han_scale>[万亿])?"
_FIGURE = re.compile(
    rf"(?=[\d一二两三四五六七八九十百千万亿])(?:(?<![\dA-Za-z.．第〔\[（(+＋第－—~～-])(?:\d+(?:\.\d+)?[万亿]?(?:[—–~～-]|至))?{_ARABIC}[余多]?(?P<unit>{_UNITS})"
    rf"|(?<![\dA-Za-z.．第+＋号])(?P<bare>\d+(?:\.\d+)?[余多]?(?:万亿|[万亿]))(?=[，。；、,;）)]|以上|左右)"
    rf"|(?<![\d第一二两三四五六七八九十百千万亿数几.．])(?:{_HAN})[余多]?(?P<han_unit>{_UNITS}))"
)
_SCALES = {"百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "百亿": 10**10, "千亿": 10**11}
_SCALES |= {"万亿": 10**12, "": 1}
_LEAST_HAN = 10  # least value of a figure in Chinese numerals; 两个, 三类 are ways of speaking
_TIME = re.compile(r"\d[时点]$")
_CLAUSE = re.compile(r"[，。；：、！？,;:!?\n（(）)“”]")
_APPROXIMATE = re.compile(
    r"(?:超过|超|突破|达到|达|近|约|逾|共计|累计|合计|共|已|仅|只|了|为|至|到|不少于|不低于|将近|大约|上)+$"
)
_LONGEST_ABOUT = 16  # characters of the words that say what a figure measures


def find_figures(text: str, start: int, end: int) -> Iterator[Figure]:
    """Yield the quantities in a span of a text, with values in base units: 1.2亿元 is 120000000 元."""
    past = start
    for found in _FIGURE.finditer(text, start, end):
        value, unit = _read(found)
        if value is None or _is_no_figure(text, found, unit):
            continue
        yield Figure(value, unit, _about(text, max(past, start), found.start()), found.start(), found.end())
        past = found.end()


def _read(found: re.Match[str]) -> tuple[float | None, str]:
    """Return the value and the unit of a match; the value is None for a way of speaking (两个, 千家万户)."""
    if found["bare"]:
        number = re.sub("[余多]", "", found["bare"])
        digits = number.rstrip("万亿")
        return _scaled(digits, number[len(digits) :]), ""
    if found["number"]:
        unit = found["unit"]
        return _scaled(found["number"], found["scale"] or ""), "%" if unit == "％" else unit
    han, scale = found["han"], found["han_scale"] or ""
    if han in ("百", "千", "万", "亿", "百万", "千万") and not found["han_more"]:
        return None, ""  # 百姓, 千家万户
    value = _read_han(han) * _SCALES[scale]
    return (value, found["han_unit"]) if value >= _LEAST_HAN else (None, "")


def _scaled(number: str, scale: str) -> float:
    value = Decimal(re.sub("[,，]", "", number)) * _SCALES.get(scale, 1)
    return int(value) if value == value.to_integral_value() else float(value)


def _read_han(han: str) -> int:
    """Return 三百二十万 as 3200000."""
    for mark, scale in (("亿", 10**8), ("万", 10**4)):
        above, found, below = han.rpartition(mark)
        if found:
            return (_read_han(above) if above else 1) * scale + (_read_han(below) if below else 0)
    return read_number(han)


def _is_no_figure(text: str, found: re.Match[str], unit: str) -> bool:
    """Tell whether a match is not a quantity: a time, the number of an issue (第3期), or part of a word."""
    if unit == "个月" and re.search("(?<!提)前$", text[max(0, found.start() - 2) : found.start()]):  # 前3个月 is a time
        return True
    if unit == "分" and _TIME.search(text, max(0, found.start() - 3), found.start()):
        return True
    if unit == "期" and re.search(r"第\s*$|总$", text[max(0, found.start() - 2) : found.start()]):
        return True
    if unit == "度" and found["number"] and not found["scale"]:
        return True
    return unit == "分" and text[found.end() : found.end() + 1] == "之"


def _about(text: str, start: int, end: int) -> str:
    """Return the words of the clause before a figure, without 超, 达, 约 and the like."""
    clause = _CLAUSE.split(text[start:end])[-1]
    return _APPROXIMATE.sub("", clause).strip()[-_LONGEST_ABOUT:]
