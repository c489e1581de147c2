"""How far neighbouring stretches of a document speak of the same: the words that they share (after Hearst, TextTiling, 1997).

The parts of one article repeat each other's words and those of its title; the items of an issue do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_STEPS = (0.005, 0.02, 0.04, 0.07, 0.11, 0.17, 0.25)  # shares at which a stronger sign begins
_LEAST = 25  # pairs of characters in a stretch, below which shares say nothing
_TITLE = 4  # lines from the top that may hold the title
Pairs = frozenset[str]


@dataclass(frozen=True, slots=True)
class Cohesion:
    """Signs of each line, and of the document."""

    lines: list[list[str]]
    whole: list[str]


def cohesion_of(lines: Sequence[tuple[str, bool]]) -> Cohesion:
    """Compare what stands above and below each line; a line is given with whether it is running text."""
    again = Counter(text for text, _ in lines)  # a sentence that comes again word for word tells nothing
    pairs = [_pairs(text) if again[text] == 1 else frozenset() for text, _ in lines]
    prose = [is_prose for _, is_prose in lines]
    counts = Counter(pair for one, is_prose in zip(pairs, prose, strict=True) if is_prose for pair in one)
    common = {pair for pair, count in counts.items() if count > max(3, sum(prose) / 2)}
    pairs = [one - common for one in pairs]
    title = frozenset().union(*(one for one, is_prose in list(zip(pairs, prose, strict=True))[:_TITLE] if not is_prose))
    above, below = _stretches(pairs, prose), [*reversed(_stretches(pairs[::-1], prose[::-1]))]
    signs, shares, echoes = [], list[float](), list[float]()
    for row, own in enumerate(pairs):
        before = above[row]
        after = own | below[row] if prose[row] else below[row]
        shape = "prose" if prose[row] else "short"
        found: list[str] = []
        if min(len(before), len(after)) >= _LEAST:
            share = len(before & after) / min(len(before), len(after))
            found.append(f"turn{_step(share)}:{shape}")
            shares += [share] if not prose[row] else []
        if not prose[row] and own and len(after) >= _LEAST:
            found.append(f"echo{_step(len(own & after) / len(own) / 4)}")
        if title and not prose[row] and len(after) >= _LEAST:
            echoes.append(len(title & after) / len(title))
        signs.append(found)
    whole = [f"doc:turn{_step(sum(shares) / len(shares))}"] if len(shares) > 1 else []
    whole += [f"doc:echo{_step(sum(echoes) / len(echoes) / 2)}"] if len(echoes) > 1 else []
    return Cohesion(signs, whole)


def _pairs(text: str) -> Pairs:
    """Return the pairs of neighbouring Han characters of a text."""
    return frozenset(run[at : at + 2] for run in _HAN.findall(text) for at in range(len(run) - 1))


def _stretches(pairs: Sequence[Pairs], prose: Sequence[bool]) -> list[Pairs]:
    """Return for each line the pairs of the running text before it, up to the next line that is none."""
    found: list[Pairs] = []
    stretch: Pairs = frozenset()
    fresh = False
    for one, is_prose in zip(pairs, prose, strict=True):
        found.append(stretch)
        if is_prose:
            stretch = one if fresh else stretch | one
            fresh = False
        else:
            fresh = True
    return found


def _step(share: float) -> int:
    return sum(share > step for step in _STEPS)
