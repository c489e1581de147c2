"""Text as it is compared: folded forms, and the tokens of the keyword index.

Folding is NFKC, lower case and traditional → simplified, one character at a time, so that every folded character
knows the original one it came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_RUN = re.compile(
    r"(?P<number>[0-9]+(?:[.,][0-9]+)*)|(?P<latin>[a-z]+)|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+)|(?P<other>[^\W_]+)"
)
# Words of asking, which say nothing of what is asked about, and particles that hang on to the words beside them.
_ASKING = re.compile(
    r"(?:请问|什么|哪些|哪个|哪里|哪儿|哪家|哪年|哪|多少|几|怎么样|怎么|怎样|如何|为何|为什么|是否|有没有|谁|吗|呢|吧|么"
    r"|的|了|是|在|有|做过|做法|情况|一下|地方)+"
)
_PARTICLES = "的了吗呢么是"
_LONGEST_QUERY = 1000  # characters once folded: one can become eighteen
_SHORTEST_HIGHLIGHT = 2  # characters; single ones light up all over the text


@cache
def _converter() -> object:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    if any("\u3400" <= c <= "\u9fff" for c in folded):
        folded = _converter().convert(folded)  # type: ignore[attr-defined]
    return folded


def fold(text: str) -> str:
    """Return text in the form in which queries and passages are compared."""
    return "".join(map(_fold_character, text))


def tokens(text: str) -> list[str]:
    """Return the tokens of a text: numbers and Latin words whole, Han as overlapping pairs, a lone Han as it is."""
    found: list[str] = []
    for run in _RUN.finditer(fold(text)):
        word = run[0]
        if run.lastgroup == "number":
            found.append(word.replace(",", ""))
        elif run.lastgroup == "han" and len(word) > 1:
            found += [word[n : n + 2] for n in range(len(word) - 1)]
        else:
            found.append(word)
    return found


def highlights(query: str, text: str) -> list[tuple[int, int]]:
    """Return the spans of `text` that a query's words cover, in order, not overlapping.

    A word is the longest stretch that stands in both, of two characters or more, that is not merely asking; a number
    must be the same number.
    """
    folded, origin = _fold_with_origin(text)
    patterns: dict[str, None] = {}  # each once, however often a query says it
    for run in _RUN.finditer(fold(query)[:_LONGEST_QUERY]):
        if run.lastgroup == "number":
            patterns[rf"(?<![0-9.]){re.escape(run[0])}(?![0-9])"] = None
        else:
            patterns |= dict.fromkeys(re.escape(word) for word in _common_stretches(run[0], folded))
    found = (match for pattern in patterns for match in re.finditer(pattern, folded))
    return list(_merge(sorted((origin[match.start()], origin[match.end() - 1] + 1) for match in found)))


def _common_stretches(run: str, folded: str) -> Iterator[str]:
    """Yield the words of a query's run that stand in a text, longest first from left to right."""
    start = 0
    while start < len(run):
        end = start
        while end < len(run) and run[start : end + 1] in folded:
            end += 1
        word = run[start:end].strip(_PARTICLES)
        if len(word) >= _SHORTEST_HIGHLIGHT and not _ASKING.fullmatch(word):
            yield word
            start = end
        else:
            start += 1


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    pieces = [_fold_character(character) for character in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]


def _merge(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (start, end)
    if current:
        yield current
