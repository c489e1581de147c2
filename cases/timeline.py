"""Who was first: the cases of a topic in order of publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cases.find import parted
from cases.fitting import fitting
from index.search.hits import Hit, hit_of
from index.search.index import SearchIndex
from index.search.state import State
from index.store.conditions import Form
from index.store.passages import other_places, passages_at


@dataclass(frozen=True, slots=True)
class Timeline:
    """The cases of a topic, each as its best passage: the dated ones, earliest first, and those without a date."""

    dated: tuple[Hit, ...]
    undated: tuple[Hit, ...]

    @property
    def first(self) -> str:
        """The id of the earliest item in the index on this topic; "" if none has a date."""
        return self.dated[0].item_id if self.dated else ""


def timeline(index: SearchIndex, topic: str, conditions: Mapping[str, str] | None = None, form: Form = "") -> Timeline:
    """Return the cases of a form that fit a topic, by date instead of relevance."""
    query = index.query(topic).encoded()

    def read(state: State) -> list[Hit]:
        cases, _ = parted(state.db, fitting(index, state, query, conditions or {}).cases, form)
        best = [passages[0] for passages in cases.values()]
        stored = passages_at(state.db, [number for number, _ in best])
        places = other_places(state.db, {one.item_id: one.document.file for one in stored.values()})
        return [hit_of(query, stored[number], score, places[stored[number].item_id]) for number, score in best]

    hits = index.in_one_state(read)
    dated = sorted((hit for hit in hits if hit.citation.date), key=lambda hit: hit.citation.date)
    return Timeline(tuple(dated), tuple(hit for hit in hits if not hit.citation.date))
