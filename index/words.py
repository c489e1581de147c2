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
# Words of questions that say nothing of what is asked about.
_ASKING = re.compile(
    r"请问|什么|哪些|哪个|哪里|哪儿|哪家|哪年|哪|多少|几|怎么样|怎么|怎样|如何|为何|为什么|是否|有没有|谁|吗|呢|吧|么"
    r"|的|了|是|在|和|与|及|或|把|被|让|给|向|从|到|对|于|有|为|等|请|做过|做法|情况|一下"
)
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

    A word is the longest stretch that stands in both, of two characters or more, without the words of asking.
    """
    folded, origin = _fold_with_origin(text)
    stretches = [run[0] for part in _ASKING.split(fold(query)) for run in _RUN.finditer(part)]
    spans: list[tuple[int, int]] = []
    for stretch in stretches:
        start = 0
        while start < len(stretch):
            end = _longest_match(stretch, start, folded)
            if end - start >= _SHORTEST_HIGHLIGHT or (stretch.isdecimal() and end - start == len(stretch)):
                word = re.escape(stretch[start:end])
                spans += [(origin[f.start()], origin[f.end() - 1] + 1) for f in re.finditer(word, folded)]
                start = end
            else:
                start += 1
    return list(_merge(sorted(spans)))


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    pieces = [_fold_character(character) for character in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]


def _longest_match(stretch: str, start: int, folded: str) -> int:
    end = start
    while end < len(stretch) and stretch[start : end + 1] in folded:
        end += 1
    return end


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
