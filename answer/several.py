"""One question that is several: about several places (温岭、北仑、金东合起来多少人), or for two facts (哪天开的，来了几家).

Each is asked alone; what is found is listed, and added up if that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from answer.followup import topic_of
from answer.question import POLITE, Question
from ingest.document import Figure

_TOGETHER = r"合起来|加起来|加在一[起块]|一起算|合计|总共|一共|总和|累计|总计|共计|加上"
_TOTAL = re.compile(_TOGETHER)
_AND = re.compile(r"和|与|跟|及|以及|还有|加上|再?加|、|，|同")
_EACH = re.compile(r"相?比|分别|各[有是自]?|哪边|哪[个一]更|谁更|对比")
_COUNT = re.compile(
    rf"(?:[二两三四五六七八九十几]个?(?:地方?|县|区|市|家|处)(?:的|，)?)|{_TOGETHER}|(?:跟|和|与|同)?相?比起?来?(?=，)"
)
_CLAUSE = re.compile(r"[^，,；;？?]+[，,；;？?]*")
_ASKS = re.compile(r"什么|哪|(?<![近这那前后上])几(?!乎)|谁|多少|多[大高长久重远]")
_NO_TOPIC = re.compile(  # beside manners: what stands before a question without saying what it is about
    r"一下|想|我|(?:19|20)\d\d年|[今去前]年|\d+[月日号]|[上下]半年|[，,；;\s]"
)
_COUNTY = 3  # gazetteer level
_SAME = {"名": "人", "位": "人"}  # units that count the same


def parts_of(question: Question) -> list[str]:
    """Return the questions that a question consists of, [] if it is one."""
    return _of_places(question) or _of_things(question) or _of_facts(question)


def _of_places(question: Question) -> list[str]:
    """Return the question about each county alone, if it compares or adds up several.

    南浔的稻渔基地加上秀洲的稻虾轮作，面积多少亩 → 南浔的稻渔基地，面积多少亩 · 秀洲的稻虾轮作，面积多少亩
    """
    text, mentions = question.query.text, question.query.mentions
    counties = {text[one.start : one.end]: one for one in mentions if all(place.level == _COUNTY for place in one.places)}
    named = sorted(counties.values(), key=lambda one: one.start)
    if len(named) < 2 or not (_TOTAL.search(text) or _EACH.search(text)):
        return []
    between = [_AND.split(text[one.end : other.start], maxsplit=1) for one, other in pairwise(named)]
    tails, leads = [one[0] for one in between], [text[: named[0].start], *(one[-1] if len(one) > 1 else "" for one in between)]
    rest = text[named[-1].end :]
    if any(tails):  # each place has a thing of its own, the last one's up to the comma
        own, comma, rest = rest.partition("，")
        tails, rest = [*tails, own], comma + rest
    else:
        tails = [""] * len(named)
    leads = [leads[0]] + [_like(leads[0], lead) for lead in leads[1:]]
    names = [text[one.start : one.end] for one in named]
    return [f"{lead}{name}{_COUNT.sub('', tail + rest)}" for lead, name, tail in zip(leads, names, tails, strict=True)]


def _like(first: str, lead: str) -> str:
    """Return what stands before a further place, completed from the first's: 2024年第3期的, 第5期的 → 2024年第5期的."""
    return first[: max(0, first.rfind(lead[0]))] + lead if lead else first


def _of_things(question: Question) -> list[str]:
    """Return the question about each of several things that are added up: 新增确诊和新增无症状加起来多少例."""
    total = _TOTAL.search(question.query.text)
    if not total:
        return []
    head, rest = question.query.text[: total.start()].rstrip("，"), question.query.text[total.end() :]
    before = head[: head.rfind("，") + 1]
    things = _AND.split(head[len(before) :])
    return [f"{before}{one}{rest}" for one in things] if len(things) > 1 and all(len(one) > 1 for one in things) else []


def _of_facts(question: Question) -> list[str]:
    """Return the two questions of one that asks for two facts: each with what stands before, or with the first one's topic."""
    clauses = _CLAUSE.findall(question.query.text)
    asking = [number for number, clause in enumerate(clauses) if _ASKS.search(clause)]
    if len(asking) != 2 or asking[1] != asking[0] + 1 or question.sought not in ("quantity", "time", "place", "who"):
        return []
    first, second = clauses[asking[0]], clauses[asking[1]]
    before = "".join(clauses[: asking[0]])
    has_topic = len(_NO_TOPIC.sub("", POLITE.sub("", before))) > 1
    topic = before if has_topic else f"{before}{topic_of(first).strip('，')}，"
    return [f"{before}{first}", f"{topic}{second}"] if topic.strip("，") else []


def total_of(question: Question, figures: Sequence[Figure | None]) -> str:
    """Return the sum of what was found for each place, with its unit; "" if no sum is asked for or the units differ."""
    known = [figure for figure in figures if figure]
    units = {_SAME.get(figure.unit, figure.unit) for figure in known}
    summed = _TOTAL.search(question.query.text) and (_of_places(question) or _of_things(question))
    once = len({(figure.start, figure.value) for figure in known}) == len(figures)
    if not summed or not once or len(units) != 1:
        return ""
    return f"{_written(sum(figure.value for figure in known))}{known[0].unit}"


def _written(value: float) -> str:
    """Return a number as texts write it: 28000 → 2.8万."""
    if value >= 1e8 and value % 1e4 == 0:
        return f"{value / 1e8:.10g}亿"
    if value >= 1e4 and value % 100 == 0:
        return f"{value / 1e4:.10g}万"
    return f"{value:.10g}"
