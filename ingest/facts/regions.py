"""Find the provinces, cities and counties that an item names, each with the span that names it.

A full name counts anywhere. A short name (临安) must be a whole word, and be supported by the rest of the document.
Where several places share a name, the one nearest to the other places of the document counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.document import Document, Item, Region
from ingest.facts.gazetteer import MEMBERS, Place, chain, gazetteer
from ingest.facts.mentions import Mention, mentions_in

_COLLECTIVE = re.compile(r"(?:山区|共富)?(?:26|二十六)\s*(?:个?加快发展)?[县](?![级\d])")
_ORDINARY_WORDS = """江山 云和 天台 西湖 南湖 滨江 路桥 文成 开化 常山 三门 平安 和平 东方 文明 长兴 永康 安康 长治 大同
吉安 中山 大理 太和 泰和 兴安 兴国 宁海 海宁 永安 新建 广安 长安 同心 幸福 富民 安宁 大方 通道 民和 互助 合作 宝山 长岛 江南
丰满 向阳 红旗 团结 友好 青山 龙江 金山 昌平 太平 安定 永胜 永平 保安 玉泉 新市 和静 平和 公安 普安 建设 光明
前进 东风 胜利 日照 水城 石门 芙蓉 资源 南关 龙门 高明 龙井 会同 振兴 名山 古城 富裕 大方 复兴 解放 前锋 城北 港口 建设"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())  # short names that are also words; see _is_supported for when they count
_OWN_PLACE = re.compile(
    r"^(?:我|全|本)?(自治区|省(?![时力心钱去])|[市州盟](?![场民值政容树花外内])|[县区旗](?![域块间位帜外内]))"
)
_CLAUSE_ENDS = "，。；：、！？\n“（在"
_BETWEEN = re.compile(r"[、和与及]|以及")


class Places:
    """The places that a document names as a whole; with them it resolves the regions of each item."""

    def __init__(self, document: Document) -> None:
        self._text = text = document.text
        head = f"{document.issuer} {document.series} {document.title}"
        everywhere = list(mentions_in(f"{text}\n{head}"))
        self._all = [mention for mention in everywhere if mention.end <= len(text)]
        self._is_issue = document.kind == "bulletin"
        above = [mention.places[0] for mention in mentions_in(head) if len(mention.places) == 1]
        self._seat = max(above, key=lambda place: place.level, default=None)  # whose document it is
        certain = [m.places[0] for m in everywhere if len(m.places) == 1 and (m.formal or m.places[0].level == 1)]
        self._named = {place.name for place in certain}
        self._provinces = Counter(place.province for place in certain)
        self._cities = Counter(place.city for place in certain if place.city)
        self._home = self._provinces.most_common(1)[0][0] if self._provinces else ""
        self._own: set[str] = set()  # regions of the current item's contributors

    def of(self, item: Item) -> tuple[tuple[Region, ...], tuple[Region, ...], tuple[Region, ...]]:
        """Return the regions that an item is about, those that it names in passing, and every mention in its text.

        Those of its contributors come first, then in the order of the text.
        """
        found: dict[str, Region] = {}
        self._own = set()
        for name in item.contributors:
            at = self._text.find(name, item.end)
            at = at if at >= 0 else self._text.rfind(name, 0, item.end)
            for region in self._resolved(list(mentions_in(name)), name, credit=True):
                found.setdefault(region.name, Region(region.name, at + region.start, at + region.end))
        self._own = set(found)
        begin = self._text.rfind("\n", 0, item.start) + 1  # 【丽水市】 stands on the same line, before the item begins
        mentions = [m for m in self._all if begin <= m.start and m.end <= item.end]
        told = tuple(self._resolved(mentions, self._text))
        named = [*told, *self._collectives(item)]
        for region in named:
            found.setdefault(region.name, region)
        passing = self._passing(item, found, Counter(region.name for region in named))
        about = {name: region for name, region in found.items() if name not in passing}
        return (*self._unnamed(item, about), *about.values()), tuple(found[name] for name in passing), told

    def _passing(self, item: Item, found: dict[str, Region], times: Counter[str]) -> list[str]:
        """Return the names of regions far from those that the item opens with, named once, and not opening a clause."""
        opening = self._text.find("。", item.start + len(item.title) + 1, item.end)
        end = opening if opening >= 0 else item.end
        lead = {name for name, region in found.items() if region.start < end or name in self._own}
        near = {above for name in lead for above in chain(name)[1:2] or (name,)}  # its city; a province stands for itself
        return [
            name
            for name, region in found.items()
            if lead
            and name not in lead
            and times[name] < 2
            and not near & set(chain(name))
            and self._text[region.start - 1] not in _CLAUSE_ENDS
        ]

    def _unnamed(self, item: Item, about: dict[str, Region]) -> tuple[Region, ...]:
        """Return the region that a title means by 我市 or 省…厅, or, where it names none, whose document it is."""
        if self._seat is None or not (item.title and self._is_issue):
            return ()
        said = _OWN_PLACE.match(item.title)
        level = next((n for n, names in enumerate(("省", "市州盟", "县区旗"), 1) if said and said[1][-1] in names), 0)
        level = 1 if said and said[1] == "自治区" else level
        names = chain(self._seat.name)
        name = names[min(level, len(names)) - 1] if level else "" if about else self._seat.name
        return (Region(name, item.start, item.start + (said.end() if said else 0)),) if name and name not in about else ()

    def _collectives(self, item: Item) -> Iterator[Region]:
        collective = next(iter(MEMBERS))
        if self._home == "浙江省" or "浙江" in self._text:
            for found in _COLLECTIVE.finditer(self._text, item.start, item.end):
                yield Region(collective, found.start(), found.end())

    def _resolved(self, mentions: Sequence[Mention], text: str, credit: bool = False) -> Iterator[Region]:
        before: Place | None = None
        for number, mention in enumerate(mentions):
            beside = _is_beside(mentions, number, text)
            place = self._choose(mention, before)
            signed = credit and mention.start == 0  # 乡村振兴局 is no office of 振兴区
            if place is None or not (mention.formal or signed or self._is_supported(mention, place, text, beside)):
                continue
            before = place
            yield Region(place.name, mention.start, mention.end)

    def _choose(self, mention: Mention, before: Place | None) -> Place | None:
        """Return the place that a mention means, of several the one in the city or province spoken of; None if unclear."""
        if len(mention.places) == 1:
            return mention.places[0]
        if not mention.formal and (above := min(mention.places, key=lambda place: place.level)).level < 3:
            return above  # 吉林 is the province, 丽水 the city
        best = sorted(mention.places, key=lambda place: self._weight(place, before), reverse=True)
        return best[0] if self._weight(best[0], before) > max(self._weight(best[1], before), (0, 0, 0)) else None

    def _weight(self, place: Place, before: Place | None) -> tuple[int, int, int]:
        """Return a sort key, higher is likelier: contributor itself, in the city just named, where the document often is."""
        same_city = before is not None and place.city == before.city
        often = self._cities[place.city] * 10 + self._provinces[place.province]
        return int(place.name in self._own), int(same_city), often

    def _is_supported(self, mention: Mention, place: Place, text: str, beside: bool) -> bool:
        name = text[mention.start : mention.end]
        quoted = text[mention.start - 1 : mention.start] == "“" and text[mention.end : mention.end + 1] != "”"
        if quoted and name in _ORDINARY:
            return False  # “永康乐”助餐卡
        if place.name in self._named or place.level == 1 or beside:
            return True
        if name in _ORDINARY:
            return False
        return place.province == self._home or place.level == 2


def regions_called(name: str) -> tuple[str, ...]:
    """Return the full names of all places that a name may mean, with a collective name's counties; () if it is no place."""
    if _COLLECTIVE.fullmatch(name) or name in MEMBERS:
        collective = next(iter(MEMBERS))
        members = [place.name for own in MEMBERS[collective] for place in gazetteer().formal[own] if place.province == "浙江省"]
        return (collective, *members)
    found = next(mentions_in(name), None)
    return tuple(place.name for place in found.places) if found and (found.start, found.end) == (0, len(name)) else ()


def _is_beside(mentions: Sequence[Mention], number: int, text: str) -> bool:
    """Tell whether a mention stands in a list with another: 缙云、景宁."""
    here = mentions[number]
    before = mentions[number - 1] if number else None
    after = mentions[number + 1] if number + 1 < len(mentions) else None
    return bool(
        (before and _BETWEEN.fullmatch(text[before.end : here.start]))
        or (after and _BETWEEN.fullmatch(text[here.end : after.start]))
    )
