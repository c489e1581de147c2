"""Prepare texts for a model: long ones cut into windows, all put into batches of similar length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

_ENDS = "。！？；\n"  # a window ends after one of these if there is one near its end
_REACH = 0.3  # how far before its end to look for one, as a share of the window


def windows(
    texts: Sequence[str], limit: int, measure: Callable[[Sequence[str]], list[int]]
) -> tuple[list[str], list[int], list[int]]:
    """Cut texts of more than `limit` tokens; return the pieces, the index of each one's text, and their token counts."""
    pieces, owners = list(texts), list(range(len(texts)))
    lengths = measure(pieces)
    while long := [n for n, length in enumerate(lengths) if length > limit and len(pieces[n]) > 1]:
        for n in reversed(long):
            cut = _cut(pieces[n], math.ceil(lengths[n] / limit))
            pieces[n : n + 1], owners[n : n + 1], lengths[n : n + 1] = cut, owners[n : n + 1] * len(cut), measure(cut)
    return pieces, owners, lengths


def _cut(text: str, parts: int) -> list[str]:
    """Cut into `parts` pieces of about the same length, or one more where cuts come early, after a mark."""
    size = math.ceil(len(text) / max(2, parts))
    cut = []
    while len(text) > size:
        reach = max(1, int(size * _REACH))
        end = max((text.rfind(mark, size - reach, size) for mark in _ENDS), default=-1) + 1 or size
        cut.append(text[:end])
        text = text[end:]
    return [*cut, text]


def batches(lengths: Sequence[int], tokens: int, texts: int) -> list[list[int]]:
    """Return batches of text indices, longest first: each of up to `texts` texts and `tokens` tokens, padding included.

    The long batches come first, so that concurrent streams finish together.
    """
    groups: list[list[int]] = []
    for n in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        last = groups[-1] if groups else []
        if last and len(last) < texts and lengths[last[0]] * (len(last) + 1) <= tokens:
            last.append(n)
        else:
            groups.append([n])
    return groups
