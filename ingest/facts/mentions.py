"""Find where a text names places: full names anywhere, short names only as whole words, a chain of names as one mention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.facts.gazetteer import Place, gazetteer, is_generic

_NAMES_ELSE = re.compile(  # 宁波银行, 海南路, 西湖龙井: what follows a short name makes it the name of something else
    r"舟山港|大学|学院|师范|医科|农商|银行|证券|日报|晚报|卫视|电视台|商帮|商会|大道|大桥|高铁|高速|铁路|机场|航空|集团|股份|石化|龙井|青瓷|宝剑|香菇|杨梅|蜜桃|黄酒|火腿|白茶|白酒|毛峰|蜜橘|石窟|火锅|小吃|烤鸭|拉面|"
    r"[东西南北中]?[路街](?!桥)|[东西南北]站|江(?!北|东|西|南)|湖|港|酒|菜|话|版|镇|乡(?!村|镇)|村|坊|峡谷|医学院|新发地"
    r"|(?:[、和与][\u4e00-\u9fff]{1,5}){0,6}等(?:[\d一二三四五六七八九十]+个?)?(?:乡镇|镇|乡|村|社区|街道)"  # towns in a list
)
_NAMES_ELSE_FULL = re.compile(r"大学|学院|银行|日报|晚报|路(?!桥)|大道|街(?!道)")
_LOOKED_AHEAD = 40  # characters behind a name
_COUNTED = re.compile(r"\d名$")  # 6240名山区学生: what stands before 山区学生
_PART_OF_WORD = {"区": "域块间位划别", "市": "场域面值", "县": "域级", "省": "略", "州": "", "旗": "帜舰", "盟": "友"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of text that names a place, and the places that it may mean."""

    start: int
    end: int
    places: tuple[Place, ...]
    formal: bool  # named with its suffix (临安区) or in a chain, not by a short or generic name


def mentions_in(text: str) -> Iterator[Mention]:
    """Yield the mentions of places in a text, a chain such as 浙江省杭州市临安区 as one."""
    heads = gazetteer().lengths
    for line in re.finditer(r"[^\n]+", text):
        starts = [start for start in range(line.start(), line.end() - 1) if text[start : start + 2] in heads]
        borders = _word_borders(text, line.start(), line.end()) if starts else set()
        position = 0
        for start in starts:
            mention = _name_at(text, start, borders) if start >= position else None
            if mention is None:
                continue
            while inner := _inner(text, mention):
                mention = inner
            position = mention.end
            if mention.formal or not is_generic(text[mention.start : mention.end]):
                yield mention


def without_places(text: str) -> str:
    """Return a text with a blank in place of each name of a place."""
    kept, at = [], 0
    for mention in mentions_in(text):
        kept.append(text[at : mention.start])
        at = mention.end
    return " ".join([*kept, text[at:]])


def _name_at(text: str, start: int, borders: set[int]) -> Mention | None:
    book = gazetteer()
    name = next((n for n in book.longest(text, start) if _stands_alone(text, start, n)), "")
    end = start + len(name)
    if name in book.formal and start in borders:  # not in the middle of a word: 其|中山区, 海|港区|域
        return Mention(start, end, tuple(book.formal[name]), not is_generic(name))
    begins_chain = any(True for _ in book.longest(text, end))
    if name and start in borders and (end in borders or begins_chain):
        return Mention(start, end, tuple(book.short[name]), False)
    return None


def _inner(text: str, above: Mention) -> Mention | None:
    """Extend a mention by the name that follows it, None if that is not a place inside it: 杭州市 | 临安."""
    book = gazetteer()
    for name in book.longest(text, above.end):
        places = book.formal.get(name, []) + book.short.get(name, [])
        inside = tuple(dict.fromkeys(place for place in places if any(place.lies_in(outer) for outer in above.places)))
        if inside and _stands_alone(text, above.end, name):
            return Mention(above.start, above.end + len(name), inside, True)
    return None


def _stands_alone(text: str, start: int, name: str) -> bool:
    if name[0] == "名" and _COUNTED.search(text[max(0, start - 1) : start + 1]):
        return False
    after = text[start + len(name) : start + len(name) + _LOOKED_AHEAD]
    if name in gazetteer().formal:
        return not _NAMES_ELSE_FULL.match(after) and after[:1] not in tuple(_PART_OF_WORD.get(name[-1], ""))
    return not _NAMES_ELSE.match(after)


def _word_borders(text: str, start: int, end: int) -> set[int]:
    """Return the offsets at which words begin and end in a span of a text."""
    import rjieba

    borders = {start}
    for word in rjieba.cut(text[start:end], False):
        start += len(word)
        borders.add(start)
    return borders
