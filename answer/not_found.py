"""What to say when there is no answer: words of the question that no passage contains, and which issues are indexed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from answer.answer import Series
from index.search.index import SearchIndex
from index.store.documents import list_issues
from index.text.query import Query
from index.text.words import ASKING, tokens

MOST_TERMS = 8
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
