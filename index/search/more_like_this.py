"""Items similar to another: each passage's best cosine with the other item's passages, averaged in both directions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from index.arrays import Numbers, Vectors, unit_rows
from index.retrieval import Retrieval, Within
from index.search.state import State
from index.store.handle import Connection
from index.store.passages import items_of, passages_of
from index.store.words import frequencies_of
from index.text.words import fold, words

MOST_PASSAGES = 24  # of an item that are compared; of a longer one so many, spread evenly
_NEAR = 100  # passages retrieved for each of them
_COMPARED = 100  # items
_RARE = math.log(1 + 1 / 0.06)  # the rarity of a word that 6 % of the passages contain


@dataclass(frozen=True, slots=True)
class Alike:
    """An item similar to another one."""

    item_id: str
    score: float  # mean cosine of corresponding passages, after subtracting what all passages have in common: -1 to 1
    number: int  # its passage with the highest cosine with any of the other item's


def spread_evenly(numbers: Numbers) -> Numbers:
    """Return at most MOST_PASSAGES of an item's passages, the first and the last among them."""
    places = np.linspace(0, len(numbers) - 1, min(len(numbers), MOST_PASSAGES)).round().astype(int)
    chosen: Numbers = numbers[places]
    return chosen


def common_of(state: Retrieval) -> Vectors:
    """Return the mean of all passages' vectors, `(d,)`: any two have a cosine of 0.8; the rest distinguishes them."""
    mean: Vectors = state.sample.mean(axis=0)
    return mean


def alike(state: State, vectors: Vectors, k: int, within: Within, without: Collection[str] = ()) -> list[Alike]:
    """Return the `k` items most similar to the one whose passages have these vectors, `(n, d)`, but those in `without`."""
    vectors = vectors[~np.isnan(vectors).any(axis=1)]
    if not len(vectors) or not state.sample.size:
        return []
    common = common_of(state)
    own = apart(vectors, common)
    found = [
        compared
        for item_id, numbers in passages_of(state.db, _proposed(state, vectors, within, without)).items()
        if (compared := _compared(item_id, own, spread_evenly(np.array(numbers)), state, common))
    ]
    return sorted(found, key=lambda one: -one.score)[:k]


def _proposed(state: State, vectors: Vectors, within: Within, without: Collection[str]) -> list[str]:
    """Return the items of the nearest passages, highest sum of best cosines first."""
    nearness: defaultdict[str, float] = defaultdict(float)
    for vector in vectors:
        numbers, cosines = state.near(vector, _NEAR, within)
        items = items_of(state.db, numbers.tolist())
        best: dict[str, float] = {}
        for number, cosine in zip(numbers.tolist(), cosines.tolist(), strict=True):
            if number in items:
                best.setdefault(items[number], cosine)
        for item_id, cosine in best.items():
            nearness[item_id] += cosine
    return sorted(nearness.keys() - set(without), key=lambda item_id: -nearness[item_id])[:_COMPARED]


def _compared(item_id: str, own: Vectors, numbers: Numbers, state: Retrieval, common: Vectors) -> Alike | None:
    others = state.vectors(numbers)
    complete = ~np.isnan(others).any(axis=1)
    if not complete.any():
        return None
    numbers = numbers[complete]
    cosines = own @ apart(others[complete], common).T
    score = (cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2
    return Alike(item_id, float(score), int(numbers[cosines.max(axis=0).argmax()]))


def apart(vectors: Vectors, common: Vectors) -> Vectors:
    """Return vectors, `(n, d)`, with `common` subtracted, L2-normalised."""
    return unit_rows(vectors - common)


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of two Han characters or more of a text, with their rarity in the collection, log(1 + N/n)."""

    rarity: Mapping[str, float]

    @classmethod
    def of(cls, db: Connection, text: str, total: int) -> Terms:
        """Look up a text's words, learned from `total` passages; words that were not learned are left out."""
        found = {word for word in words(fold(text)) if len(word) > 1 and not word[0].isascii()}
        frequencies = frequencies_of(db, found)
        return cls({word: math.log(1 + total / max(1, passages)) for word, passages in frequencies.items()})

    def shared(self, other: Terms) -> list[str]:
        """Return the words of both that few passages contain (see _RARE), rarest first."""
        both = self.rarity.keys() & other.rarity.keys()
        return sorted((word for word in both if self.rarity[word] >= _RARE), key=lambda word: (-self.rarity[word], word))

    def likeness(self, other: Terms) -> float:
        """Return the cosine of two texts' rarities over the rare words that both contain: 0 to 1."""
        both = sum(self.rarity[word] ** 2 for word in self.shared(other))
        whole = [sum(value**2 for value in one.rarity.values()) for one in (self, other)]
        return both / math.sqrt(whole[0] * whole[1]) if min(whole) else 0.0
