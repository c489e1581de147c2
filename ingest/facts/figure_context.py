"""What a figure says where it stands: what it measures, of whom, per what, and whether it was reached, hoped for or spent."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.document import Document, Figure, FigureKind, Item, Region
from ingest.facts.gazetteer import chain, level_of

Span = tuple[int, int]

_FAR = 300  # characters that are looked at on either side of a figure
BELOW, COUNTRY = 4, 0  # levels beside those of the gazetteer (1 province, 2 city, 3 county)
_CLAUSE, _SEGMENT, _SENTENCE = (
    re.compile(f"[{some}]") for some in ("，。；：！？\n", "，。；：、！？,;:!?\n（(）)", "。！？\n")
)
_STOP = re.compile(r"[。！？；\n]")
# Words before a figure that is hoped for or demanded, anywhere in its sentence; 计划 and 目标 as plain nouns do not count.
_HOPED = re.compile(
    r"力争|有望|预计|预期|争取|确保|意向|可申请|计划(?=[到在用于新建投带今明]|\d)|目标(?=[是为到])|将(?=达|在|实现|带动|新增|增|建成|投|有|突破|超过)"
    r"|拟(?=建|投|用|新)|下一步|今后|要求(?=[到在各全])"
)
_DONE = re.compile("目前|截至|已")
_YEAR_TO_COME = re.compile(r"到?(20\d\d)年")
_LIMIT_BEFORE = re.compile(r"(?:不低于|不超过|不少于|不得少于|不得超过|不高于|不足|最[高多](?!的)|至少|上限|以内)\D{0,4}$")
_LIMIT_AFTER = re.compile(r"[余多]?及?以[上下内][^，。；]*的")
_SPENT = re.compile(r"给予|补[助贴]|投[入资]")
_REACHED = re.compile(
    "带动|累计|实现|增[加长收]|提[高升前]|[降升][到至为低了]|上升|下降|减[少负]|缩短|节[省约]|惠及|服务|覆盖|销售|就业|收入|分红|入住|已|达|超过"
    "|完成|去年|截至|目前|以来|利润|取得|获得|受益|签约"
)
# Words before a difference (by so much, not to so much), and before the first value of 从…到….
_MORE = re.compile(r"(?:增加|增长|提高|提升|上升|减少|下降|降低|缩短|同比增|多)(?:了|近|约|超过?)?$")
_FROM = re.compile(r"[由从][^，。；]{0,12}$")
# What a figure is counted per, the first that a clause has in this order: 人均月收入 is per month as 月平均工资 is.
_EACH = tuple(
    (name, re.compile(pattern))
    for name, pattern in {
        "户": "户(?:均|月均|年均)|每(?:百|千|万)?户|家庭",
        "亩": "亩均|每亩",
        "村": "村均|每个?村",
        "件": "每[件份单次项]|件均|单均",
        "月": "月均|每月|月平均|人均月|(?<![个多0-9])月(?:工资|增收|收入|薪)",
        "日": "日均|每[天日]",
        "人": "人均|年均(?:收入|工资)|每(?:百|千|万)?人|平均每人|每名",
    }.items()
)
# Words that tell nothing of what is measured: a clause of no others says it in the one before (带动就业，累计达5380人).
_BARE = re.compile(r"[共已累计合总达到至了约超过近为仅其中人数数量个数规模实现完成目前截]+")
_WIDER = re.compile(
    r"(?:(?P<country>全国|我国)|(?P<province>全省|我省)|(?P<city>全市|我市)|(?P<county>全[县区]|我[县区]))(?!首|第)"
)
_CITIES, _COUNTIES = ("市", "州", "盟", "地区"), ("县", "区", "旗")
_OPENS = "，。；：！？\n“（ "  # before a place that opens a clause: only then the figures behind are its own, not 在衢州市举行
_RATES = ("%", "‰", "个百分点", "百分点")
_PROVINCIAL = re.compile("[我全]省|^省(?![时力心钱去])")
_UNIT = re.compile(
    r"[\u4e00-\u9fff“”·]{1,9}?(?:镇|乡|街道|村|社区|公司|合作社|工坊|基地|园区|学校|医院|食堂|农场|企业)(?!联合|集体|民)"
)


def with_context(document: Document, item: Item, figures: Sequence[Figure], named: Sequence[Region]) -> tuple[Figure, ...]:
    """Return the figures of an item with what their sentences say of them; `named`: its mentions of places, by start."""
    clauses, sentences, ends = (Stops(one, document.text, item) for one in (_CLAUSE, _SENTENCE, _STOP))
    starts = [one.start for one in named]
    labels = dict(_labels(document.text, item, figures))
    made = []
    for figure, after in pairwise([*figures, None]):
        assert figure
        clause, sentence = clauses.around(figure.start, figure.end), sentences.around(figure.start, figure.end)
        begin = ends.around(figure.start, figure.end)[0]
        clause, sentence = ((max(start, figure.start - _FAR), min(end, figure.end + _FAR)) for start, end in (clause, sentence))
        told = named[bisect_left(starts, sentence[0] - _FAR) : bisect_left(starts, figure.start)]
        is_before = after is not None and after.start < clause[1] and _FROM.search(document.text, clause[0], figure.start)
        subject, level = _subject(document, item, figure, sentence[0], told)
        made.append(
            replace(
                figure,
                kind="before" if is_before else _kind(document, item, figure, sentence, clause, begin),
                change=bool(_MORE.search(document.text, clause[0], figure.start)),
                each="" if figure.unit in _RATES else counted_per(labels[figure]),
                subject=subject,
                level=level,
                label=labels[figure],
            )
        )
    return tuple(made)


class Stops:
    """Where the clauses, or sentences, of an item end."""

    def __init__(self, stops: re.Pattern[str], text: str, item: Item) -> None:
        found = [one.span() for one in stops.finditer(text, item.start, item.end)]
        self._begins = [item.start, *(end for _, end in found)]
        self._ends = [*(start for start, _ in found), item.end]

    def around(self, start: int, end: int) -> Span:
        """Return the stretch between two stops that contains a span."""
        return self._begins[bisect_right(self._begins, start) - 1], self._ends[bisect_left(self._ends, end)]


def clauses_in(text: str, item: Item) -> Stops:
    """Return where the clauses of an item end."""
    return Stops(_CLAUSE, text, item)


def counted_per(clause: str) -> str:
    """Return what the figures of a clause are counted per (户, 人, 亩, 月), "" for totals."""
    return next((name for name, pattern in _EACH if pattern.search(clause)), "")


def _kind(document: Document, item: Item, figure: Figure, sentence: Span, clause: Span, begin: int) -> FigureKind:
    text, begin = document.text, max(begin, sentence[0])
    years = [int(year) for year in _YEAR_TO_COME.findall(text[begin : figure.start])]
    hoped = max((one.end() for one in _HOPED.finditer(text, begin, figure.start)), default=0)
    if (hoped and not _DONE.search(text, hoped, figure.start)) or (
        document.date and any(year > int(document.date[:4]) for year in years)
    ):
        return "plan"
    if _LIMIT_BEFORE.search(text, clause[0], figure.start) or _LIMIT_AFTER.match(text, figure.end, clause[1]):
        return "limit"
    if _SPENT.search(text, clause[0], figure.start):
        return "input"
    is_title = text[slice(*sentence)].strip() == item.title.rstrip("。！？；，：")
    return "result" if not is_title and _REACHED.search(text, *sentence) else ""


def _labels(text: str, item: Item, figures: Sequence[Figure]) -> Iterator[tuple[Figure, str]]:
    """Yield each figure with the words that say what it measures: those of its part of the clause that are next to it.

    Between two figures the words belong to the second, unless the last one stands at the end (1200人就业、300户增收). Behind
    从…到… and where these words say nothing, the ones before say it.
    """
    parts = _parts(text, item, figures)
    by_part: dict[int, list[Figure]] = {}
    for figure in figures:
        by_part.setdefault(bisect_right(parts, (figure.start, len(text))) - 1, []).append(figure)
    for number, some in by_part.items():
        begin, end = parts[number]
        ends = [begin, *(figure.end for figure in some)]
        starts = [*(figure.start for figure in some), end]
        after = text[some[-1].end : end].strip()
        for place, figure in enumerate(some):
            before = text[max(ends[place], figure.start - _FAR) : figure.start]
            behind = text[figure.end : min(starts[place + 1], figure.end + _FAR)]
            own = before + behind if len(some) == 1 or (after and not place) else behind if after else before
            if place and _FROM.search(text, max(begin, starts[place - 1] - _FAR), starts[place - 1]):
                own = text[max(begin, starts[place - 1] - _FAR) : starts[place - 1]] + before + behind
            elif number and (own.startswith("其中") or (len(_BARE.sub("", own)) < 2 and text[begin - 1] != "、")):
                above, until = parts[number - 1]
                own = text[max(above, until - _FAR) : until] + own
            yield figure, "".join(own.split())


def _parts(text: str, item: Item, figures: Sequence[Figure]) -> list[Span]:
    """Return the parts of an item's clauses that have figures of their own: 、 ends one behind a figure only."""
    starts, begin, parts = [figure.start for figure in figures], item.start, list[Span]()
    for stop in _SEGMENT.finditer(text, item.start, item.end):
        known = bisect_right(starts, stop.start())
        inside = known and stop.start() < figures[known - 1].end  # the comma of 1,200
        if not inside and (stop[0] != "、" or known > bisect_left(starts, begin)):
            parts.append((begin, stop.start()))
            begin = stop.end()
    return [*parts, (begin, item.end)]


def _subject(document: Document, item: Item, figure: Figure, sentence: int, told: Sequence[Region]) -> tuple[str, int]:
    """Return the full name of the region that a figure is of, "" if none is known, and its level.

    It is the last that its sentence names before it, else the last of its paragraph, else the item's first.
    """
    text = document.text
    own, provincial = item.regions[0].name if item.regions else "", bool(_PROVINCIAL.search(item.title))
    own = chain(own)[0] if own and provincial else own
    paragraph = text.rfind("\n", max(item.start, figure.start - 2 * _FAR), figure.start) + 1
    before = [
        one
        for one in told
        if one.start >= max(paragraph, item.start) and (one.start == item.start or text[one.start - 1] in _OPENS)
    ]
    near = [one for one in before if one.start >= sentence]
    wider = [*_WIDER.finditer(text, sentence, figure.start)]
    if wider and (not near or wider[-1].start() > near[-1].start):
        return _wider(wider[-1], near[-1].name if near else before[-1].name if before else own)
    if chosen := near[-1] if near else before[-1] if before else None:
        below = chosen.start >= sentence and _UNIT.match(text, chosen.end, figure.start)
        return chosen.name, BELOW if below else level_of(chosen.name) or 3
    return own, 1 if provincial else level_of(own) or 3


def _wider(found: re.Match[str], near: str) -> tuple[str, int]:
    """Return the region that 全省, 全市 or 全县 means near a place: 全市 is 平湖市 there, and 湖州市 near 长兴县."""
    if found["country"]:
        return "全国", COUNTRY
    names = chain(near) if near else ()
    if found["province"]:
        return names[0] if names else "", 1
    ends = _CITIES if found["city"] else _COUNTIES
    name = next((one for one in reversed(names) if one.endswith(ends)), "")
    return name, level_of(name) or (2 if found["city"] else 3)
