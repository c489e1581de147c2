"""What a question asks for: a quantity and its unit, a time, a place, a person, measures, cases, or yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index.text.query import YEAR, Query
from index.text.words import fold
from ingest.facts.mentions import mentions_in

Sought = Literal["quantity", "time", "place", "who", "measures", "cases", "yes_no", "other"]
Order = Literal["", "first", "latest", "largest"]

_PLACES = r"(?:省份|省|地市|县市区?|市县|市区|县区|区县|市|县|区|城市|地方|地区|乡镇|镇|村|国家|地)"
_VERBS = "做|搞|办|建|开展|推行|实施|探索|推广|出台|建立|推出"
_LOCAL = r"(?:县市区?|市县|县区|区县|县|地方|乡镇|镇|村|单位)"  # have cases; 省份 and 国家 are answered by a sentence
_DID = rf"(?:(?:{_VERBS}|试|有|发)过|(?:{_VERBS})了)"
_CASES = re.compile(
    rf"(?:哪些{_PLACES}|哪几个{_PLACES}|哪里|哪儿|哪些(?:单位|部门|企业)|有没有(?:{_PLACES}|谁)|有哪些{_PLACES}).*{_DID}"
    rf"|谁(?:曾经?)?{_DID}.{{4}}|(?:哪些|哪几个){_LOCAL}(?:最早|最先|率先|已经?|也|还|都)*(?:有|发展|{_VERBS})"
    rf"|{_DID}.{{0,12}}的(?:有)?(?:哪些|哪几个)?{_PLACES}|(?:哪些|什么|有没有).{{0,16}}(?:案例|先例|典型)|哪些{_PLACES}.{{0,24}}(?:做法|经验)"
)
_FRAMES = (  # the words around the topic in a question for cases, removed in turn
    rf"(?:请问)?(?:还|都)?有?(?:哪些|哪几个|哪个|有没有|什么)(?:{_PLACES}|单位|部门|企业)?|哪里|哪儿|谁",
    r"[，,].*$|最[早先近新大]|首先|率先|首次|近期|曾经?|已经?|也|还",
    rf"{_DID}|^(?:有|发展|{_VERBS})",
    r"(?:的|类似)*(?:典型)?(?:做法|经验|案例|先例|典型|例子)|的?(?:是|有)?[？?。]|的$",
)
_TIME = re.compile(
    r"(?:什么|啥)时[候间]|何时|哪一?[年天月日]|哪个月|几[月号点]|[什啥]么?日期|时间是|的时间|日期是|多久|多长时间|期限[是为多]|截止到?(?:什么|哪)|何年"
)
_QUANTITY = re.compile(
    r"多少|几(?=[个家名人次年天岁万千百%亿元户项座所倍批条场])|多[大高长重远快]|比例|占比|增[长幅]了?(?:多少|率)|总[额量数]|金额|第几|规模有"
)
_PLACE = re.compile(rf"哪里|哪儿|何地|什么地[方点]|哪个{_PLACES}|哪座|哪一?{_PLACES}|在哪|何处(?![理置罚分])|位于|地点|地址")
_WHO = re.compile(
    r"谁|哪位|何人|什么人|哪名|哪个(?:部门|单位|机构|公司|组织|企业|团队|大学|学校|医院|国家|球队)|哪家|什么(?:部门|单位|机构|公司|组织)|名字|叫什么"
)
_MEASURES = re.compile(
    r"怎么做|怎么样?(?:推进|解决|开展|实施|做|办)|如何|怎样|(?:哪些|什么|何种?|哪几[个项条])(?:具体|主要|优惠|有效|重要|扶持|支持|新|好|便民|防控)?的?"
    r"(?:措施|举措|做法|办法|政策|要求|任务|内容|安排|方面|支持|经验|路径|服务|工作|规定|建议|方式|步骤|条件)|怎么(?!样)"
)
_OUTCOME = re.compile(r"(?:效果|成效|结果|情况|反响)(?:又|究竟)?(?:如何|怎么样|怎样)")
_YES_NO = re.compile(r"是否|有没有|有无|能否|可否|能不能|可不可以|是不是|吗[？?]?$")
_UNIT = re.compile(r"(?:多少|几)(?:余|多)?([万亿]?[^\W\d_的了？?，。]{1,3})")
_ASKS = re.compile(r"[?]|什么|哪|为何|为啥|几|谁|多少|怎|如何|是否|吗|呢$")
_YEAR = re.compile(f"{YEAR}年")
_ASKER = re.compile(r"我们?(?:这[里边儿]?)?(?:是|在|来自)")  # whose places are their own
_LONG, _WHOLE = 60, 30  # characters of a long question, and of a sentence that asks enough by itself
POLITE = re.compile(
    r"(?:老师|领导|同志|各位)?[您你]好[，,]?|打扰了?|不好意思|(?:想|要|再)?(?:请教|请问|问问|咨询|确认|麻烦)(?:一下|您|你)*[，,：:]?|(?:先)?(?:谢谢|多谢|感谢)(?:您|你|了)*"
)
_MANNERS = re.compile(r".{0,4}(?:[您你]好|打扰|不好意思|谢谢|多谢|感谢|辛苦|添麻烦|麻烦[您你]了|不急).{0,12}[。！？!?；]?")
_ONE = r"(?:什么|哪|几|谁|多少|怎|如何|为何|多[大高长久])"
_SEVERAL = re.compile(rf"分别|各[是有自多]|每[个样种]|{_ONE}.*?{_ONE}")
_ORDERS: tuple[tuple[Order, re.Pattern[str]], ...] = (
    ("first", re.compile(r"最早|最先|首先|首个|首次|第一个|率先|首创")),
    ("latest", re.compile(r"最近|最新|近期|最后一[个次]|目前|最晚")),
    ("largest", re.compile(r"最[大多高广]|规模大|力度大")),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what its words ask for."""

    query: Query
    sought: Sought
    topic: Query  # of a question for cases, what they are about; else the question itself
    unit: str = ""  # of a quantity, as the question names it
    order: Order = ""  # of cases

    @property
    def single(self) -> bool:
        """True if the words ask for one quantity, time, place or name."""
        return self.sought in ("quantity", "time", "place", "who") and not _SEVERAL.search(self.query.folded)

    @property
    def asks(self) -> bool:
        """True if the words ask for something, False if they only name a topic."""
        return self.sought != "other" or bool(_ASKS.search(self.query.folded))


def essence(text: str) -> str:
    """Return what a long question asks: its last sentence that asks, with the one before if that is short, without manners.

    A place or year that only the sentences before name goes in front: what is asked is of that.
    """
    if len(text) <= _LONG:
        return text
    sentences = [one for one in re.findall(r"[^。！？!?；\n]+[。！？!?；]?", text) if not _MANNERS.fullmatch(one.strip())]
    asking = [number for number, one in enumerate(sentences) if _ASKS.search(fold(one))]
    if not asking:
        return text
    last = asking[-1]
    first = last - (len(sentences[last]) < _WHOLE and last > 0 and not _ASKER.search(sentences[last - 1]))
    asked, before = "".join(sentences[first : last + 1]), "".join(one for one in sentences[:first] if not _ASKER.search(one))
    return _named_before(before, asked) + POLITE.sub("", asked).strip()


def _named_before(before: str, asked: str) -> str:
    """Return the place and the year that only the sentences before name last."""
    named = ""
    if not any(mentions_in(asked)) and (places := list(mentions_in(before))):
        named += before[places[-1].start : places[-1].end]
    if not _YEAR.search(asked) and (years := list(_YEAR.finditer(before))):
        named += years[-1][0]
    return named


def read_question(query: Query) -> Question:
    """Return what a question asks for, judged by its words alone."""
    folded = query.folded
    if _CASES.search(folded):
        order: Order = next((name for name, words in _ORDERS if words.search(folded)), "")
        return Question(query, "cases", query.about(_topic(folded) or query.text), order=order)
    if _TIME.search(folded):
        return Question(query, "time", query)
    if _QUANTITY.search(folded):
        unit = _UNIT.search(folded)
        return Question(query, "quantity", query, unit[1].replace("钱", "元") if unit else "")
    if _OUTCOME.search(folded):
        return Question(query, "other", query)
    kinds: tuple[tuple[Sought, re.Pattern[str]], ...] = (
        ("who", _WHO), ("place", _PLACE), ("measures", _MEASURES), ("yes_no", _YES_NO),
    )  # fmt: skip
    return Question(query, next((name for name, words in kinds if words.search(folded)), "other"), query)


def _topic(folded: str) -> str:
    """Return the topic of a question for cases: 哪些县市最早做过老年助餐 → 老年助餐."""
    for frame in _FRAMES:
        folded = re.sub(frame, "", folded)
    return folded.strip()
