"""What a collection is about over the years: themes that its items form by their vectors, named by words of their titles."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Literal

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from index.arrays import Vectors, unit_rows
from index.search.index import SearchIndex
from index.search.more_like_this import apart, common_of
from index.search.state import State
from index.store.changes import position
from index.store.conditions import newest
from index.store.documents import titles_of
from index.store.passages import passages_of
from index.text.words import fold, words
from ingest.facts.mentions import without_places

MOST = 30
_ITEMS = 20_000  # newest items that are looked at
_FEWEST = 3  # items of a theme; fewer join the nearest one
_ROUNDS, _SEED = 20, 7  # of k-means
_NAMES = 3  # words that name a theme
_KNOWN = 32  # sets of documents
_YEARS = 3  # from so many on periods are years, else months
_MORE = 1.5  # how many times a theme's share among later items is that among earlier ones, where it grows

Trend = Literal["growing", "fading", "steady"]


@dataclass(frozen=True, slots=True)
class Titled:
    """An item of a theme."""

    item_id: str
    title: str
    date: str  # "" if it has none


@dataclass(frozen=True, slots=True)
class Theme:
    """Items of like meaning, the newest first, and how many there are in each period."""

    names: tuple[str, ...]
    items: tuple[Titled, ...]
    counts: tuple[int, ...]
    trend: Trend


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes, the largest first; the periods are years (2024) or months (2024-03), the earliest first."""

    periods: tuple[str, ...]
    themes: tuple[Theme, ...]
    items: int  # that were looked at


class KnownThemes:
    """Themes as they were worked out since the last change of the catalog, for each set of documents; threads may share it."""

    def __init__(self) -> None:
        self._known: LRUCache[object, Themes] = LRUCache(_KNOWN)
        self._lock = Lock()  # they are worked out one after the other: one takes both processors

    def of(self, index: SearchIndex, conditions: Mapping[str, str]) -> Themes:
        """Return the themes of the visible items that meet some conditions."""
        with self._lock:
            at = index.in_one_state(lambda state: position(state.db))
            key = at, index.catalog.groups, frozenset(conditions.items())
            if key not in self._known:
                self._known[key] = themes_of(index, conditions)
            return self._known[key]


def themes_of(index: SearchIndex, conditions: Mapping[str, str]) -> Themes:
    """Return the themes of the items that meet some conditions."""

    def read(state: State) -> Themes:
        items = [Titled(*row) for row in titles_of(state.db, newest(state.db, conditions, _ITEMS))]
        if len(items) < 2 * _FEWEST:
            return Themes(_periods(items), (), len(items))
        vectors, items = _vectors(state, items)
        groups = _clustered(vectors, min(MOST, round(math.sqrt(len(items)))))
        periods = _periods(items)
        chosen = sorted(groups, key=len, reverse=True)
        titles = [[items[row] for row in group] for group in chosen]
        names = _names([[one.title for one in some] for some in titles])
        dated = Counter(_period(one, periods) for one in items)
        return Themes(
            periods, tuple(_theme(name, some, periods, dated) for name, some in zip(names, titles, strict=True)), len(items)
        )

    return index.in_one_state(read)


def _vectors(state: State, items: Sequence[Titled]) -> tuple[Vectors, list[Titled]]:
    """Return the vector of each item, the mean of its passages' less what all have in common; and the items that have one."""
    numbers = passages_of(state.db, [one.item_id for one in items])
    rows = np.repeat(np.arange(len(items)), [len(numbers[one.item_id]) for one in items])
    found = state.vectors(np.array([number for one in items for number in numbers[one.item_id]], np.int64))
    has = ~np.isnan(found).any(axis=1)
    own = apart(found[has], common_of(state))
    kept, begins = np.unique(rows[has], return_index=True)
    sums = np.add.reduceat(own, begins) if len(kept) else own
    return unit_rows(sums), [items[row] for row in kept.tolist()]


def _clustered(vectors: Vectors, k: int) -> list[list[int]]:
    """Return the rows of each of at most `k` clusters by cosine (spherical k-means, the same every time), none of few rows."""
    centres = _seeds(vectors, k)
    own: npt.NDArray[np.int64] = np.full(len(vectors), -1)
    for _ in range(_ROUNDS):
        before, own = own, (vectors @ centres.T).argmax(axis=1)
        if (before == own).all():
            break
        sums = np.equal.outer(np.arange(k), own).astype(np.float32) @ vectors
        centres = unit_rows(np.where(np.abs(sums).sum(axis=1, keepdims=True) > 0, sums, centres))
    centres = centres[np.bincount(own, minlength=k) >= _FEWEST]
    own = (vectors @ centres.T).argmax(axis=1) if len(centres) else own
    return [np.flatnonzero(own == one).tolist() for one in range(len(centres))]


def _seeds(vectors: Vectors, k: int) -> Vectors:
    """Return `k` vectors, each drawn with a chance that grows with how far it is from those before (k-means++)."""
    chance = np.random.default_rng(_SEED)
    rows = [int(chance.integers(len(vectors)))]
    far = np.full(len(vectors), 2.0)
    while len(rows) < k:
        far = np.minimum(far, np.maximum(1e-6, 1 - vectors @ vectors[rows[-1]]))
        rows.append(int(chance.choice(len(vectors), p=far**2 / (far**2).sum())))
    seeds: Vectors = vectors[rows]
    return seeds


def _names(titles: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the words that name each of some themes: frequent in its titles, and in few others; no names of places."""
    counts = [Counter(word for title in some for word in set(words(fold(without_places(title))))) for some in titles]
    total, spread = sum(counts, Counter[str]()), Counter(word for one in counts for word in one)
    most = max(2, len(titles) // 3)  # a word in more themes (推行, 推广) names none of them
    named = []
    for one in counts:
        own = [word for word in one if spread[word] <= most]
        rank = sorted(own, key=lambda word: (-(one[word] ** 2) / total[word], -len(word), word))
        chosen: list[str] = []
        for word in rank:
            if len(chosen) < _NAMES and not any(word in other or other in word for other in chosen):
                chosen.append(word)
        named.append(tuple(chosen))
    return named


def _periods(items: Sequence[Titled]) -> tuple[str, ...]:
    years = {one.date[:4] for one in items if one.date}
    return tuple(sorted(years if len(years) >= _YEARS else {one.date[:7] for one in items if one.date}))


def _period(one: Titled, periods: Sequence[str]) -> str:
    return one.date[: len(periods[0])] if periods and one.date else ""


def _theme(names: tuple[str, ...], items: Sequence[Titled], periods: Sequence[str], dated: Mapping[str, int]) -> Theme:
    own = Counter(_period(one, periods) for one in items)
    return Theme(names, tuple(items), tuple(own[period] for period in periods), _trend(own, dated, periods))


def _trend(own: Mapping[str, int], dated: Mapping[str, int], periods: Sequence[str]) -> Trend:
    """Compare a theme's share among the items of the later half of the periods with that among those before."""
    half = len(periods) // 2
    earlier, later = (
        (sum(own.get(one, 0) for one in some) + 0.5) / (sum(dated.get(one, 0) for one in some) + 1)
        for some in (periods[:half], periods[half:])
    )
    if not half or sum(own.get(one, 0) for one in periods) < 2 * _FEWEST:
        return "steady"
    return "growing" if later >= _MORE * earlier else "fading" if earlier >= _MORE * later else "steady"
