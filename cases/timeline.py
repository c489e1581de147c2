"""Who was first: the cases of a topic in order of publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cases.find import NEAR
from index.search.hits import Hit
from index.search.index import SearchIndex

MOST = 100  # best passages considered


@dataclass(frozen=True, slots=True)
class Timeline:
    """The cases of a topic, each as its best passage: the dated ones, earliest first, and those without a date."""

    dated: tuple[Hit, ...]
    undated: tuple[Hit, ...]

    @property
    def first(self) -> str:
        """The id of the earliest item in the index on this topic; "" if none has a date."""
        return self.dated[0].item_id if self.dated else ""


def timeline(index: SearchIndex, topic: str, conditions: Mapping[str, str] | None = None) -> Timeline:
    """Return the cases that score at least NEAR of the best one, by date instead of score."""
    nearest: dict[str, Hit] = {}
    for hit in index.search(topic, MOST, conditions).hits:
        nearest.setdefault(hit.item_id, hit)
    best = max((hit.score for hit in nearest.values()), default=0.0)
    near = [hit for hit in nearest.values() if hit.score >= min(best, NEAR * best)]
    dated = sorted((hit for hit in near if hit.citation.date), key=lambda hit: hit.citation.date)
    return Timeline(tuple(dated), tuple(hit for hit in near if not hit.citation.date))
