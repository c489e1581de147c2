"""How texts go to a model: long ones in windows, and in batches of like length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

_ENDS = "。！？；\n"  # where a window rather ends
_REACH = 0.3  # how far before its last character, as a share of the window


def windows(
    texts: Sequence[str], limit: int, measure: Callable[[Sequence[str]], list[int]]
) -> tuple[list[str], list[int], list[int]]:
    """Cut texts of more than `limit` tokens; return the pieces, the text that each is of, and their tokens."""
    pieces, owners = list(texts), list(range(len(texts)))
    lengths = measure(pieces)
    while long := [n for n, length in enumerate(lengths) if length > limit and len(pieces[n]) > 1]:
        for n in reversed(long):
            cut = _cut(pieces[n], math.ceil(lengths[n] / limit))
            pieces[n : n + 1], owners[n : n + 1], lengths[n : n + 1] = cut, owners[n : n + 1] * len(cut), measure(cut)
    return pieces, owners, lengths


def _cut(text: str, parts: int) -> list[str]:
    """Cut into so many parts of about the same length, one more where the cuts fall short of even ones."""
    size = math.ceil(len(text) / max(2, parts))
    cut = []
    while len(text) > size:
        reach = max(1, int(size * _REACH))
        end = max((text.rfind(mark, size - reach, size) for mark in _ENDS), default=-1) + 1 or size
        cut.append(text[:end])
        text = text[end:]
    return [*cut, text]


def batches(lengths: Sequence[int], tokens: int, texts: int) -> list[list[int]]:
    """Group texts by length, longest first: each group up to so many texts within `tokens` with its padding.

    The long batches come first, so that at the end the streams finish together.
    """
    groups: list[list[int]] = []
    for n in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        last = groups[-1] if groups else []
        if last and len(last) < texts and lengths[last[0]] * (len(last) + 1) <= tokens:
            last.append(n)
        else:
            groups.append([n])
    return groups
