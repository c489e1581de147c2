"""Locate a span of a document's text on a page of its original: from letters with their positions to a box for each line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

from ingest.pages.letters import Letter, Rect, folded, lines_of, printed_once, rect

_SENTENCE = re.compile(r"(?:(?! \| )[^。！？；\n])+[。！？；\n]?")
_CONTEXT = 30  # characters before and after that distinguish several occurrences
_SHORT = 8  # characters; fewer occur by chance
_LEAST_CONTEXT = 3  # characters around a short span that must agree
_LEAST_BLOCK = 4  # characters in common that count as a piece of a sentence that is not printed whole
_LEAST_COVERED = 0.5  # share of a sentence that must be found; with less it is another one
_WINDOW = 300  # characters around the place at which a sentence is expected
_FAR = 400  # characters; a match farther than this from the others of its span is dropped; a third of a page


@dataclass(frozen=True, slots=True)
class _Match:
    """`size` characters that agree: from offset `wanted` of the span, and from offset `printed` of the page's letters."""

    wanted: int
    printed: int
    size: int


def boxes_of(letters: Sequence[Letter], text: str, start: int, end: int) -> list[Rect]:
    """Return a box for each printed line of the span [start, end) of `text`, the document's text of this page.

    A part of the span that cannot be located for certain has no box.
    """
    letters = list(printed_once(letters))
    printed = "".join(letter.character for letter in letters)
    before, wanted, after = folded(text[:start]), folded(text[start:end]), folded(text[end:])
    if not printed or not wanted:
        return []
    whole = before + wanted + after
    expected = round(len(before) / len(whole) * len(printed))
    at = _find(printed, whole, len(before), len(before) + len(wanted), expected)
    if at is not None:
        matches = [_Match(0, at, len(wanted))]
    else:
        matches = _by_sentence(printed, whole, len(before), text[start:end], expected)
    chosen = sorted({place for match in matches for place in range(match.printed, match.printed + match.size)})
    return [box for line in lines_of(letters[place] for place in chosen) if (box := rect(line))]


def _find(printed: str, whole: str, start: int, end: int, expected: int) -> int | None:
    """Return the offset in `printed` of [start, end) of `whole`: where most context agrees, then nearest to `expected`."""
    wanted = whole[start:end]
    best: tuple[int, int] | None = None
    at = printed.find(wanted)
    while at >= 0:
        agreed = _agreed(whole[:start][::-1], printed[:at][::-1]) + _agreed(whole[end:], printed[at + len(wanted) :])
        if best is None or (agreed, -abs(at - expected)) > (best[0], -abs(best[1] - expected)):
            best = agreed, at
        at = printed.find(wanted, at + 1)
    if best is None or (len(wanted) < _SHORT and best[0] < min(_LEAST_CONTEXT, len(whole) - len(wanted))):
        return None
    return best[1]


def _agreed(one: str, other: str) -> int:
    pairs = zip(one[:_CONTEXT], other[:_CONTEXT], strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other), _CONTEXT))


def _by_sentence(printed: str, whole: str, begin: int, raw: str, expected: int) -> list[_Match]:
    """Find a span that is not printed in one piece: its sentences and cells, then pieces of those not found."""
    found: list[_Match] = []
    missing: list[tuple[int, str]] = []
    position = 0
    for sentence in _SENTENCE.findall(raw):
        part = folded(sentence)
        at = _find(printed, whole, begin + position, begin + position + len(part), expected + position) if part else None
        if at is not None:
            found.append(_Match(position, at, len(part)))
        elif len(part) >= _LEAST_BLOCK:
            missing.append((position, part))
        position += len(part)
    found = _together(found, _FAR)
    anchors = list(found)
    for position, part in missing:
        nearest = min(anchors, key=lambda match: abs(match.wanted - position), default=_Match(0, expected, 0))
        found += _pieces(printed, part, position, nearest.printed + position - nearest.wanted)
    return found


def _pieces(printed: str, part: str, position: int, expected: int) -> list[_Match]:
    """Return what a sentence has in common with the page around offset `expected`, [] if that is too little."""
    first = max(0, expected - _WINDOW)
    blocks = SequenceMatcher(None, part, printed[first : expected + len(part) + _WINDOW], autojunk=False).get_matching_blocks()
    matches = [_Match(position + a, first + b, size) for a, b, size in blocks if size >= _LEAST_BLOCK]
    matches = _together(matches, len(part))
    return matches if sum(match.size for match in matches) >= max(len(part) * _LEAST_COVERED, _SHORT) else []


def _together(matches: list[_Match], farthest: int) -> list[_Match]:
    if not matches:
        return []
    middle = median(match.printed - match.wanted for match in matches)
    return [match for match in matches if abs(match.printed - match.wanted - middle) <= farthest]
