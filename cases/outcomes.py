"""Outcome figures, by which cases are ordered: the largest that each item says was reached, as 带动就业5380人."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from index.search.figures import Stated, figures_labelled, labels_of_results
from index.search.index import SearchIndex
from index.store.handle import Connection
from index.text.words import fold, places_of, words
from ingest.citation import cite
from ingest.document import Citation, Document, Item
from ingest.facts.figure_context import BELOW, clauses_in, counted_per
from ingest.facts.mentions import without_places
from ingest.facts.units import in_unit

# Words that say that something was reached, or how it is counted, but not what: 带动就业, 就业人数 and 吸纳村民就业 are one.
_REACHED = frozenset(
    (
        *("带动", "吸纳", "实现", "累计", "新增", "达到", "解决", "帮助", "促进", "完成", "共计", "惠及", "增加"),
        *("建成", "建设", "建立", "设立", "开设", "开办", "办起", "培育", "打造", "引进", "组建"),
    )
)
_COUNTED = re.compile(r"^(?:全年|年|总|累计)(?=..)|(?<=..)(?:[人家户个条次件]?数量?|总[数量额]|规模|水平|情况|量)$|(?<=.)人数$")
_PER = re.compile(
    "[户人亩村月日年]{1,2}均|(?:人均|户均)?(?:月|年)(?=增收|收入|工资)|每(?:[百千万]?[户人]口?|[个名]?[村人]|[亩月天日年件份单])"
)
_SAME = tuple(  # words of one measure in the language of bulletins
    frozenset(some.split())
    for some in (
        "就业 上岗 务工",
        "收入 工资 薪酬 薪资 月薪 收益 报酬",
        "增收 收入增加",
        "分红 红利 收益",
        "销售额 销售 销售收入 成交额 卖出 售出",
        "营业收入 营收",
        "利润 净利润 盈利",
        "服务 惠及 受益 诊疗 接诊",
        "看病 就诊 就医 诊疗",
        "培训 参训 学员",
        "贷款 放款 放贷",
        "投资 投入",
        "缩短 压缩 降至 减至",
        "节约 节省",
        "时间 用时 耗时 时长",
        "村庄 村 行政村 自然村",
        "就餐 用餐 吃饭 吃上",
        "赔款 理赔 赔付",
        "售价 价格 卖价 收购价",
        "运出 外运 运送 运输",
        "老人 老年人",
    )
)
_CLOSE = 0.65  # least cosine of two words of the collection that are one: 稻渔 and 稻鱼; below, 收入 and 低收入 are
_NEAREST = 60  # of the collection's words, of which those are offered that figures have
_CHANGES = re.compile("增[加长收速幅]|提[高升]|上升|下降|减少|降低")
# Words of labels that say how much or when, not what.
_SAYS_HOW = re.compile(
    "提[高升]到?|降[到至低为]?|下降|上升|增[长加至]到?|减少到?|缩短|总额|总量|超过?|已有|现有|拥有|以上|以下|低于|高于|不足|率为|占比|达成?|左右|平均|每.*|.*均|去年|今年|目前|截至"
    "|其中|组织|建立|形成|扩大|压缩|全[国省市县区年]|一年|上半年|年底|.*月底|各类|全部"
)
_NEGATED_BEFORE, _NEGATED_AFTER = re.compile(r"(?:未|不|没有?|无|减少|失去)(?:带动|吸纳|实现)?$"), re.compile(r"困难|难(?!得)")
_IN = (  # words that say in which unit something is counted, not what
    (re.compile("人次$"), "人次"),
    (re.compile("人数$"), "人"),
    (re.compile("(?:率|占比|比例|比重)$"), "%"),
    (re.compile("面积$"), "平方米"),
    (re.compile("(?<=..)(?:金额|款额|资金额)$"), "元"),
    (re.compile("(?:时间|用时|耗时|时长)"), "分钟"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure of an item, its value in base units, with the clause that states it."""

    value: float
    unit: str
    amount: float  # the value in the unit in which figures are compared
    subject: str  # full name of the region that it is of, "" if none is known
    level: int  # of that region: 0 the country, 1 a province, 2 a city, 3 a county, 4 what is smaller
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Ordered:
    """The items that state what is measured, the largest first, counties before cities and these before provinces."""

    figures: dict[str, Stated]  # by item
    otherwise: int = 0  # items that state it only in another unit, or not per the same thing


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured: words that a label should contain, what it is counted per, and a unit if one is named."""

    words: tuple[str, ...]
    each: str = ""
    unit: str = ""
    change: bool = False  # a difference is asked for

    @classmethod
    def of(cls, measured: str) -> Wanted:
        """Take the words from what a person wrote: 带动就业, 就业人数, 覆盖村, 户均增收, 服务人次."""
        written = "".join(measured.split())
        each, change = counted_per(written), bool(_CHANGES.search(written))
        label, unit = written, ""
        for pattern, one in _IN:
            if pattern.search(label):
                label, unit = pattern.sub("", label) or label, one
        label = _COUNTED.sub("", _COUNTED.sub("", _PER.sub("", label)))
        cut = [word for word in words(label) if word not in _REACHED] or words(label)
        rest = label
        for word in (*cut, *_REACHED, *"到达至为了的"):
            rest = rest.replace(word, " ")
        single = [character for character in rest if re.match(r"[\u4e00-\u9fff]", character)]
        return cls(tuple(sorted({*cut, *single}, key=label.rfind)), each, unit, change)


def ordered_by(
    db: Connection,
    index: SearchIndex,
    measured: str,
    conditions: Mapping[str, str],
    among: Collection[str] | None = None,
) -> Ordered:
    """Return the items that meet conditions and state what is measured, of `among` only if it is given.

    A figure counts if its label contains all the words of `measured`, or words of like meaning; if none does, those with the
    most of them count, if that is more than half. Items are compared in the way that most of them use: the unit, and whether
    the figure is a total or per household, person or mu (户均, 人均, 亩均).
    """
    wanted = Wanted.of(fold(measured))
    likes = _likes(index, wanted.words)
    said = {label: _said(label, likes) for label in index.labels.containing(db, {word for some in likes for word in some})}
    told = {label: words for label, words in said.items() if words[-1] or (wanted.unit and any(words))}
    found = [one for one in map(_Measured.of, figures_labelled(db, told, conditions)) if one.may_be(wanted)]
    if among is not None:
        found = [one for one in found if one.stated.item_id in among]
    counts = _counts(found, told, likes)
    best = max(counts, default=0)
    if best <= len(likes) // 2:
        return Ordered({})
    full = [one for one, count in zip(found, counts, strict=True) if count == best]
    ways = Counter(way for _, way in {(one.stated.item_id, one.way) for one in full})
    way = max(ways, key=lambda one: ways[one])
    largest: dict[str, _Measured] = {}
    for one in sorted(full, key=lambda one: -one.amount):
        if one.way == way:
            largest.setdefault(one.stated.item_id, one)
    order = sorted(largest.values(), key=lambda one: (-min(one.stated.level, BELOW - 1), -one.amount))
    return Ordered({one.stated.item_id: one.stated for one in order}, len({one.stated.item_id for one in full}) - len(order))


@dataclass(frozen=True, slots=True)
class _Measured:
    """A figure with the unit in which it is compared, and its value in that unit."""

    stated: Stated
    unit: str
    amount: float

    @classmethod
    def of(cls, stated: Stated) -> _Measured:
        return cls(stated, *in_unit(stated.unit, stated.value))

    @property
    def way(self) -> tuple[str, str]:
        return self.unit, self.stated.each

    def may_be(self, wanted: Wanted) -> bool:
        return (
            (wanted.change or not self.stated.change)
            and wanted.each in ("", self.stated.each)
            and wanted.unit in ("", self.unit)
        )


def common_measures(db: Connection, items: Collection[str], most: int) -> list[tuple[str, int]]:
    """Return what the result figures of some items measure (就业, 净利润), and in how many of them, the most frequent first.

    It is the last word of a label that says more than that something changed; what only one item measures is left out.
    """
    stated: defaultdict[str, set[str]] = defaultdict(set)
    for item_id, label in labels_of_results(db, items):
        told = [word for word in words(without_places(label)) if word not in _REACHED and not _SAYS_HOW.fullmatch(word)]
        if told:
            stated[told[-1]].add(item_id)
    counts = [(word, len(some)) for word, some in stated.items() if len(some) > 1]
    return sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:most]


def near_measures(
    db: Connection,
    index: SearchIndex,
    measured: str,
    conditions: Mapping[str, str],
    most: int,
    among: Collection[str] | None = None,
) -> list[tuple[str, int]]:
    """Return words with which cases say what is nearest to `measured`, and how many cases do, the nearest first."""
    synonyms, found = index.ranker.synonyms, list[tuple[str, int]]()
    for word in synonyms.nearest(fold(measured), _NEAREST) if synonyms else ():
        if len(word) > 1 and word not in _REACHED and not _SAYS_HOW.fullmatch(word) and len(found) < most:
            labels = [label for label in index.labels.containing(db, {word}) if _says(label, word)]
            items = {one.item_id for one in figures_labelled(db, labels, conditions)}
            found += [(word, len(chosen))] if (chosen := items if among is None else items.intersection(among)) else []
    return found


def outcome_of(document: Document, item: Item, figure: Stated) -> Outcome:
    """Return a figure with the clause that states it."""
    start, end = clauses_in(document.text, item).around(figure.start, figure.end)
    text = document.text[start:end].strip()
    cited = cite(document, item, start, end)
    return Outcome(figure.value, figure.unit, in_unit(figure.unit, figure.value)[1], figure.subject, figure.level, text, cited)


def _likes(index: SearchIndex, wanted: Sequence[str]) -> list[set[str]]:
    """Return for each word itself and others that mean the same measure."""
    synonyms = index.ranker.synonyms
    near = synonyms.alike(wanted, _CLOSE) if synonyms else [{word} for word in wanted]
    return [some.union(*(same for same in _SAME if word in same)) for word, some in zip(wanted, near, strict=True)]


def _said(label: str, likes: Sequence[Collection[str]]) -> list[bool]:
    """Return for each word whether a label says it, or another for it."""
    return [any(word in label and _says(label, word) for word in some) for some in likes]


def _counts(
    found: Sequence[_Measured],
    told: Mapping[str, Sequence[bool]],
    likes: Sequence[Collection[str]],
) -> list[int]:
    """Return how many of the words each figure's label says.

    All but what is measured may stand in the sentence before it or in the item's title, too.
    """
    return [
        sum(
            said or any(word in one.stated.context for word in some)
            for said, some in zip(told[one.stated.label], likes, strict=True)
        )
        for one in found
    ]


def _says(label: str, word: str) -> bool:
    return any(
        not _NEGATED_BEFORE.search(label, max(0, at - 6), at) and not _NEGATED_AFTER.match(label, at + len(word))
        for at in places_of(word, label, begun=True)
    )
