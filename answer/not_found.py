"""What to say when there is no answer: words of the question that no passage contains, and which issues are indexed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from answer.answer import Series
from answer.judge import Judged
from answer.subject import missing_places
from index.models.reader import Reader
from index.search.index import SearchIndex
from index.store.documents import list_issues
from index.text.query import Query
from index.text.words import ASKING, tokens
from ingest.citation import cite
from ingest.facts.gazetteer import chain

MOST_TERMS = 8
_MOST_ELSEWHERE = 3  # first passages that may tell the same of another place
_NO_WORDS = re.compile(r"第\d+期|讲了?什么|什么时候|时候|目前|现在")
_MOST_ISSUES = 200  # missing issues listed for one year of a series


def missing_terms(query: Query, frequencies: Mapping[str, int]) -> tuple[str, ...]:
    """Return the words of a query that contain a token which no passage contains, in the order of the query.

    `frequencies`: how many passages contain each token. Names of places are left out: a bulletin of one province hardly writes
    its name.
    """
    absent = {token for token, count in frequencies.items() if count == 0}
    asked = query.about(_NO_WORDS.sub(" ", query.folded))
    folded = asked.folded
    words = [*asked.words, *re.findall(r"[a-z]{2,}|\d+(?:\.\d+)?", folded)]
    places = [query.text[mention.start : mention.end] for mention in query.mentions]
    missing = [
        word
        for word in words
        if absent & set(tokens(word)) and not ASKING.fullmatch(word) and not any(word in place for place in places)
    ]
    return tuple(sorted(dict.fromkeys(missing), key=folded.find))[:MOST_TERMS]


def elsewhere(judged: Judged, reader: Reader) -> str:
    """Say that the same is told of another place than the one asked for, and what; "" if it is not.

    德清县能级工资惠及多少人？ → 没有查到德清县的；温岭市：20余万人
    """
    query = judged.question.query
    for stored in judged.retrieved.passages[:_MOST_ELSEWHERE]:
        absent = missing_places(query, stored)
        if not absent or not stored.item.regions:
            continue
        own = stored.item.regions[0].name
        text = query.text[: absent[0].start] + own + query.text[absent[-1].end :]
        (reading,) = reader.read(text, [(f"{own} {stored.passage.context}", stored.text)])
        if reading.answers >= 0 and reading.span:
            start, end = (stored.passage.start + at for at in reading.span)
            name = query.text[absent[0].start : absent[0].end]
            place = own.removeprefix(chain(own)[-2]) if len(chain(own)) > 1 else own
            line = cite(stored.document, stored.item, start, end).line
            return f"没有查到{name}的；{place}：{stored.text[slice(*reading.span)]}（{line}）"
    return ""


def holdings(index: SearchIndex) -> tuple[Series, ...]:
    """Return the indexed and the missing issues of each series, the latest year first."""
    issues_of: dict[tuple[str, int | None], set[int]] = {}
    for series, year, issue in list_issues(index.catalog):
        issues_of.setdefault((series, year), set()).add(issue)
    return tuple(
        Series(series, year, tuple(sorted(issues)), _missing(sorted(issues)))
        for (series, year), issues in sorted(issues_of.items(), key=lambda one: (one[0][0], -(one[0][1] or 0)))
    )


def _missing(issues: Sequence[int]) -> tuple[int, ...]:
    between = set(range(issues[0], issues[-1] + 1)) - set(issues)
    return tuple(sorted(between))[:_MOST_ISSUES]
