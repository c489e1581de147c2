"""Answers from what the catalog knows of a document: its issue, day, office, number, credits, captions and contents.

Each is quoted from the line of the original that says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from answer.judge import share
from answer.metrics import bare
from answer.question import Question
from answer.subject import fits, is_local
from index.models.reader import Span
from index.search.index import SearchIndex
from index.store.documents import Issue, document_of, issues_in, sections_in
from index.store.records import Retrieved
from index.text.words import fold, tokens
from ingest.document import Document, Item
from ingest.facts.dates import find_dates
from ingest.facts.numerals import read_number

_PRINTED = r"(?:印发|印的|出的|出刊|登的|登出|刊[登发出]|发[布表]|见报|报道)"
_WHEN = r"(?:哪一?天|哪年|几号|什么时[候间]|何时|几月)"
_WHICH = r"(?:哪一?[家个份种]?|什么|谁家?)"
_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words))
    for name, words in {
        "total": r"总第?(?:多少|几|哪)|总期[数号]",
        "issue": r"(?<!总)第几期|哪一?期|几期(?:登|刊)",
        "day": rf"{_WHEN}.{{0,6}}{_PRINTED}|{_PRINTED}(?:日期|的?时间|[于是]?{_WHEN})|{_WHEN}的报|(?:登|刊).*{_WHEN}|落款",
        "page": r"第?(?:几|哪一?)个?版",
        "number": r"文号|发文字号|文件编?号",
        "office": rf"{_WHICH}(?:单位|机构|部门)?(?:编印|主办|编发|印发)|(?:编印|主办|编发)的?(?:单位|机构|部门|是{_WHICH})",
        "section": rf"{_WHICH}栏目?|栏目是",
        "contributor": rf"供稿|报(?:上来|送)|[投来写]来?的?稿|{_WHICH}.{{0,8}}稿|稿[件子]?.{{0,4}}{_WHICH}",
        "reporter": r"记者|作者|署名(?!的?通讯员)|谁写|采写|执笔|撰稿",
        "correspondent": r"通讯员",
        "editor": r"责编|责任编辑|编辑(?=[是叫谁])",
        "source": rf"{_WHICH}的?(?:报刊|刊物|媒体|报纸|报社|杂志|网站|报(?![送上]))|登在(?:什么|哪)|来源是|出处|出自{_WHICH}",
        "caption": r"(?:照片|图片|配图|[那这]张图|相片).*(?:谁|哪|什么)|供图|谁.{0,6}拍|拍的是什么",
    }.items()
)
_FRAME = re.compile(  # what stands around the topic in a question for a field
    r"[那这][篇条则期份个]|报道|新闻|稿[件子]|文章|消息|动态|信息|简报|经验|内容|分别|各?是|麻烦|告诉我?|请问|登|刊|哪[里位]?|谁|什么|几|多少"
)
_CONTENTS = re.compile(r"(?:登|刊|摘|写|收|包[含括]|栏|期).{0,8}(?:哪|什么)|哪些?(?:内容|条目|文章|篇目)")
_HOW_MANY = re.compile(r"(?:登|刊|摘|栏|列|收|目录|稿).*(?:多少|(?<!哪)几)(?:条|篇|则|项)")
_SEVERAL = re.compile("哪[些几]|多少|几")
_SECTIONS = re.compile(r"(?:哪[些几]个?|几个|多少个?)栏目")
_ISSUE = re.compile(r"(总)?第([\d一二三四五六七八九十百、，和及与]+)两?期")
_EVERY = re.compile(r"各期|每期|历期|[这那]些期|所有.{0,4}期")
_OF_BULLETIN = re.compile(r"(?:19|20)\d\d年第|栏|简报|稿|[那这本一]期|期(?:目录|里)")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?(?:出的|印的|的)?(?:号(?!文)|[那这]?一?期)")
_TITLE = re.compile(r"《([^》]{2,60})》")
_CREDIT = re.compile(r"(?:供图|摄影|摄|图源|图片来源|图[：:])")
_PAGE = re.compile(r"第?\s*[A-Z]?\d+\s*版")
_LEAST_SHARED, _LOOKED_AT = 1, 5  # tokens that a caption shares with a question; passages whose documents are looked at
_LEAST = 0.2  # share of the rarity of what a question says beside its fields that an item has to contain
_HEAD = 400  # characters in which a document's head and foot stand
_LONGEST = 120  # characters of a line that is quoted whole
_BESIDE = 10  # characters beside the names in credits: 供稿单位：…, （…供稿）


@dataclass(frozen=True, slots=True)
class Known:
    """A stretch of a document that says what was asked, and the part of it that is the answer."""

    document: Document
    item: Item
    start: int
    end: int
    mark: Span | None


@dataclass(frozen=True, slots=True)
class FromCatalog:
    """The lines that answer, and what they come to."""

    lines: tuple[Known, ...]
    listed: bool  # the lines are a list
    short: str = ""


def fields_asked(question: Question) -> list[str]:
    """Return which facts about a document or an item a question asks for."""
    return [name for name, words in _FIELDS if words.search(question.query.folded)]


def issues_asked(index: SearchIndex, question: Question) -> list[Issue] | None:
    """Return the issues that a question names (2024年第8期, 总第100期, 《浙里共富》2月那期); None if it names none.

    第二期 alone may be a stage of a fair: the series, the year before it, 总第 or a section of what is held makes it an issue.
    """
    folded = question.query.folded
    months = {read_number(found[1]) for found in _MONTH.finditer(folded)}
    numbers: set[int] = set()
    totals: set[int] = set()
    for found in _ISSUE.finditer(folded):
        read = {read_number(part) for part in re.split(r"[、，和及与]", found[2]) if part}
        (totals if found[1] else numbers).update(read)
    if not (numbers or totals or months or _EVERY.search(folded)):
        return None
    stored = issues_in(index.catalog)
    named = {issue.series for issue in stored if issue.series and fold(issue.series) in folded}
    if not (
        named
        or totals
        or months
        or _OF_BULLETIN.search(folded)
        or any(fold(one) in folded for one in sections_in(index.catalog))
    ):
        return None
    if not named and _TITLE.search(question.query.text):
        return []  # of a series that is not held
    return [
        issue
        for issue in stored
        if (not named or issue.series in named)
        and (not numbers or issue.issue in numbers)
        and (not totals or issue.total in totals)
        and (not months or (issue.date and int(issue.date[5:7]) in months))
        and (not question.query.years or str(issue.year) in question.query.years)
    ]


def from_catalog(
    index: SearchIndex, question: Question, retrieved: Retrieved, rarity: Mapping[str, float], issues: Sequence[Issue] | None
) -> FromCatalog | None:
    """Return what the catalog answers, None if the question does not ask for such a thing or it is not known.

    `rarity`: the IDF of the question's tokens. `issues`: what `issues_asked` found.
    """
    fields = fields_asked(question)
    if (not fields and issues is None) or issues == []:
        return None
    documents = [document for issue in issues or () if (document := document_of(index.catalog, issue.id))]
    if documents and (lines := _contents(question, documents, fields)):
        return lines
    about = _titled(question, retrieved) or _about(question, retrieved, rarity, issues)
    if "caption" in fields and (line := _caption(about or _items(retrieved), question)):
        return FromCatalog((line,), False)
    for document, item in [*about, *((document, _undivided(document)) for document in documents[:1])]:
        found = [_FIND[name](document, item, question) for name in fields if name != "caption"]
        if found and all(found):
            return FromCatalog(_merged([line for line in found if line]), False)
    return None


def _undivided(document: Document) -> Item:
    """Return what a citation of a document's head or foot names: the document, and no item of an issue."""
    return Item("" if document.kind == "bulletin" else document.title, 0, len(document.text))


def _merged(lines: Sequence[Known]) -> tuple[Known, ...]:
    """Return lines, each once; one that says several things is marked from the first of them to the last."""
    merged: dict[tuple[str, int, int], Known] = {}
    for line in lines:
        place = line.document.id, line.start, line.end
        other = merged.get(place)
        marks = [one.mark for one in (line, other) if one and one.mark]
        mark = (min(a for a, _ in marks), max(b for _, b in marks)) if marks else None
        merged[place] = replace(other or line, mark=mark)
    return tuple(merged.values())


def _contents(question: Question, documents: Sequence[Document], fields: Sequence[str]) -> FromCatalog | None:
    """Return the titles of the items of some issues, of the sections that the question names; or the sections themselves."""
    folded = question.query.folded
    pairs = [(document, item) for document in documents for item in document.items]
    sections = {item.section for _, item in pairs if item.section and fold(item.section) in folded}
    if _SECTIONS.search(folded):
        firsts = {(document.id, item.section): (document, item) for document, item in reversed(pairs) if item.section}
        lines = [line for document, item in reversed(firsts.values()) if (line := _section(document, item, question))]
    elif (
        fields
        and not (sections and _SEVERAL.search(folded))
        or not (sections or _CONTENTS.search(folded) or _HOW_MANY.search(folded))
    ):
        return None
    else:
        listed = {bare(entry) for document in documents for entry in document.contents} if "目录" in folded else set()
        chosen = [
            (document, item)
            for document, item in pairs
            if (not sections or item.section in sections) and (not listed or bare(item.title) in listed)
        ]
        lines = [line for document, item in chosen if (line := _line(document, item, _find(document, item.title, item.start)))]
    short = f"{len(lines)}{'个栏目' if _SECTIONS.search(folded) else '条'}" if re.search("(?<!哪)几|多少", folded) else ""
    return FromCatalog(tuple(lines), True, short) if lines else None


def _titled(question: Question, retrieved: Retrieved) -> list[tuple[Document, Item]]:
    """Return the retrieved items and documents whose title a question names."""
    names = [bare(found[1]) for found in _TITLE.finditer(question.query.text)]
    found = []
    for stored in retrieved.passages:
        titles = (bare(stored.item.title), bare(stored.document.title))
        if any(name in title for name in names for title in titles if name != bare(stored.document.series)):
            found.append((stored.document, stored.item))
    return found[:1]


def _about(
    question: Question, retrieved: Retrieved, rarity: Mapping[str, float], issues: Sequence[Issue] | None
) -> list[tuple[Document, Item]]:
    """Return the items of the first passages that a question is about: of its county, or sharing words beside its fields."""
    left = question.query.folded
    for words in [_TITLE, *(words for _, words in _FIELDS), _ISSUE, _MONTH, _FRAME]:
        left = words.sub(" ", left)
    topic = {token: rarity[token] for token in set(tokens(left)) if token in rarity}
    within = None if issues is None else {issue.id for issue in issues}
    least = 0.0 if any(is_local(mention) for mention in question.query.mentions) else _LEAST
    found: dict[tuple[str, int], tuple[float, Document, Item]] = {}
    for stored in retrieved.passages[:_LOOKED_AT]:
        document, item = stored.document, stored.item
        if fits(question.query, stored) and (within is None or document.id in within):
            whole = f"{document.title}\n{item.title}\n{document.text[item.start : item.end]}"
            found.setdefault((document.id, item.start), (share(topic, whole), document, item))
    return [(document, item) for covered, document, item in found.values() if covered >= least]


def _find(document: Document, words: str, start: int = 0, end: int | None = None) -> Span | None:
    at = document.text.find(words, start, len(document.text) if end is None else end) if words else -1
    return (at, at + len(words)) if at >= 0 else None


def _match(pattern: str, document: Document, start: int = 0, end: int | None = None) -> Span | None:
    found = re.compile(pattern).search(document.text, start, len(document.text) if end is None else end)
    return found.span() if found else None


def _line(document: Document, item: Item, span: Span | None) -> Known | None:
    """Return a span with the line it stands in; of a long line the span alone."""
    if span is None:
        return None
    start = document.text.rfind("\n", 0, span[0]) + 1
    end = document.text.find("\n", span[1])
    end = len(document.text) if end < 0 else end
    if end - start > _LONGEST:
        start, end = span
    while start < span[0] and document.text[start].isspace():
        start += 1
    return Known(document, item, start, end, (span[0] - start, span[1] - start))


def _total(document: Document, _item: Item, _question: Question) -> Known | None:
    total = document.total_issue
    return _line(document, _undivided(document), _match(rf"总第?\s*{total}\s*期", document)) if total else None


def _issue(document: Document, _item: Item, _question: Question) -> Known | None:
    issue, year = document.issue, document.year
    if not issue:
        return None
    whole = _match(rf"{year}\s*年\s*第\s*{issue}\s*期", document) if year else None
    return _line(document, _undivided(document), whole or _match(rf"(?<!总)第\s*{issue}\s*期", document))


def _day(document: Document, _item: Item, _question: Question) -> Known | None:
    """Return the line with the document's own day: at its head, at its foot, then anywhere."""
    whole = len(document.text)
    for start, end in ((0, min(_HEAD, whole)), (max(0, whole - _HEAD), whole), (0, whole)):
        for date in find_dates(document.text, start, end, document.date, document.year):
            if date.iso == document.date:
                return _line(document, _undivided(document), (date.start, date.end))
    return None


def _correspondent(document: Document, _item: Item, _question: Question) -> Known | None:
    names = _match(r"通讯员[ 　：:]*[\u4e00-\u9fff·]{2,4}(?:[ 　、]+[\u4e00-\u9fff·]{2,4}(?![\u4e00-\u9fff]))*", document)
    return _line(document, _undivided(document), names)


def _editor(document: Document, _item: Item, _question: Question) -> Known | None:
    return _line(document, _undivided(document), _match(r"(?:责任编辑|责编|编辑)\s*[：:]\s*[\u4e00-\u9fff·]{2,4}", document))


def _section(document: Document, item: Item, _question: Question) -> Known | None:
    """Return the heading of the section in which an item stands."""
    at = document.text.rfind(item.section, 0, item.start) if item.section else -1
    return _line(document, _undivided(document), (at, at + len(item.section))) if at >= 0 else None


def _contributor(document: Document, item: Item, _question: Question) -> Known | None:
    """Return the credits of an item: the last line in it or right behind it that is hardly more than their names."""
    end = document.text.find("\n", min(item.end + 1, len(document.text)))
    lines = list(re.compile(r"[^\n]+").finditer(document.text, item.start, end if end >= 0 else len(document.text)))
    for line in reversed(lines if item.contributors else []):
        ats = [line[0].rfind(one) for one in item.contributors]
        first, last = min(ats), max(at + len(one) for at, one in zip(ats, item.contributors, strict=True))
        before = line[0][max(line[0].rfind(mark, 0, max(first, 0)) for mark in "（(【[。") + 1 : first]
        if first >= 0 and len(before) <= _BESIDE and len(line[0]) - last <= _BESIDE:
            return _line(document, item, (line.start() + first, line.start() + last))
    return None


def _items(retrieved: Retrieved) -> list[tuple[Document, Item]]:
    """Return the items of the first passages, one of each document."""
    found = {stored.document.id: (stored.document, stored.item) for stored in reversed(retrieved.passages[:_LOOKED_AT])}
    return list(found.values())


def _caption(pairs: Sequence[tuple[Document, Item]], question: Question) -> Known | None:
    """Return the caption with a credit that shares most with the question, in any of some documents."""
    asked = set(tokens(question.query.folded))
    best, most = None, _LEAST_SHARED
    for document, item in pairs:
        for line in re.finditer(r"[^\n]+", document.text):
            credit = _CREDIT.search(line[0])
            shared = len(asked & set(tokens(fold(line[0])))) if credit and len(line[0]) <= _LONGEST else 0
            if shared > most:
                best, most = Known(document, item, *line.span(), None), shared
    return best


_FIND: dict[str, Callable[[Document, Item, Question], Known | None]] = {
    "total": _total,
    "issue": _issue,
    "day": _day,
    "page": lambda document, _item, _question: _line(document, _undivided(document), _match(_PAGE.pattern, document)),
    "number": lambda document, _item, _question: _line(document, _undivided(document), _find(document, document.number)),
    "office": lambda document, _item, _question: _line(document, _undivided(document), _find(document, document.issuer)),
    "section": _section,
    "editor": _editor,
    "contributor": _contributor,
    "reporter": lambda document, _item, _question: _line(document, _undivided(document), _find(document, document.reporter)),
    "correspondent": _correspondent,
    "source": lambda document, _item, _question: _line(document, _undivided(document), _find(document, document.source)),
}
