"""Find cases similar to an item of the index or to a draft, with what both share: problem, measures and results, quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cases.shared import NAMES, Shared, Told, shared_with, told_by
from index.arrays import Vectors
from index.retrieval import Within
from index.search.hits import Hit, hit_of
from index.search.index import SearchIndex
from index.search.more_like_this import Terms, alike, common_of, spread_evenly
from index.search.state import State
from index.store.documents import item_of, other_parts, with_original
from index.store.handle import Connection
from index.store.passages import other_places, passages_at, passages_of
from index.store.records import StoredPassage, embedded_text
from index.store.words import learned_from
from index.text.query import Query
from ingest.document import Document, Item
from ingest.facts.gazetteer import level_of
from ingest.facts.mentions import without_places

MOST_TERMS = 6
_PROVINCE = 1  # gazetteer level; too large a region to be excluded by `elsewhere`
READ = 30  # most similar cases whose words are compared
TERMS_WEIGHT = 1.0  # of the likeness by shared rare words, beside the mean cosine of corresponding passages
EXPLAINED = 5  # cases of which it is said what they share; each takes as long as encoding its measures


@dataclass(frozen=True, slots=True)
class Case:
    """The case that others are compared with."""

    text: str
    title: str
    places: frozenset[str]  # full names of its counties, or of its cities if it names no county
    told: Told
    item_id: str = ""  # "" for a draft
    vectors: Vectors | None = None  # (n, d), of a draft's passages; None: they are in the index


@dataclass(frozen=True, slots=True)
class Likely:
    """An item similar to a case."""

    stored: StoredPassage  # its most similar passage
    score: float  # higher is more similar
    terms: tuple[str, ...]  # words that both use, the rarest first


@dataclass(frozen=True, slots=True)
class Similar:
    """A case similar to another, and why."""

    hit: Hit  # its most similar passage
    terms: tuple[str, ...]  # words that both use, the rarest first
    shared: tuple[Shared, ...] = ()  # what both say; () where nothing is alike

    @property
    def measures(self) -> tuple[tuple[str, str], ...]:
        """The pairs of heads of measures that say nearly the same: of the given case, of this one."""
        return tuple((one.here.head, one.there.head) for one in self.shared if one.here.head and one.there.head)

    @property
    def why(self) -> str:
        """The reasons in one line of Chinese, "" if there are none."""
        return "；".join(f"{NAMES[one.kind]}相近：“{one.here.text}”与“{one.there.text}”" for one in self.shared)


def stored_case(index: SearchIndex, item_id: str) -> Case | None:
    """Return an item of the index as a case, None if there is no item with this id."""
    if not (found := item_of(index.catalog, item_id)):
        return None
    document, item = found
    return as_case(document, [item], item_id)


def draft_case(index: SearchIndex, document: Document) -> Case:
    """Return a document that is not in the index as one case, its passages encoded."""
    passages = [passage for item in document.items for passage in item.passages]
    texts = [embedded_text(p.context, document.text[p.start : p.end]) for p in passages]
    chosen = [texts[place] for place in spread_evenly(np.arange(len(texts))).tolist()]
    told = told_by(replace(document, kind="news"), document.items)  # a draft tells of something done, whatever its layout
    return replace(as_case(document, document.items), told=told, vectors=index.encoder.passages(chosen))


def as_case(document: Document, items: Sequence[Item], item_id: str = "") -> Case:
    """Return items of a document as one case; without an id it is a draft, whose vectors the caller adds."""
    levels = {region.name: level_of(region.name) for item in items for region in item.regions}
    deepest = max(levels.values(), default=0)
    places = frozenset(name for name, level in levels.items() if level == deepest > _PROVINCE)
    title = items[0].title if item_id else document.title
    text = "\n".join(document.text[item.start : item.end] for item in items)
    return Case(text, title, places, told_by(document, items), item_id)


def similar(
    index: SearchIndex, case: Case, k: int, conditions: Mapping[str, str] | None = None, elsewhere: bool = False
) -> list[Similar]:
    """Return the `k` most similar cases that meet the conditions; with `elsewhere` none that names a place of this case."""
    within = Within.meeting(conditions, case.places if elsewhere else ())

    def read(state: State) -> list[Similar]:
        best = likest(state, case, k, within)
        others = [told_by(one.stored.document, [one.stored.item]) for one in best[:EXPLAINED]]
        shared = shared_with(index.encoder, common_of(state), case.told, others) + [()] * len(best[EXPLAINED:])
        also = other_places(state.db, {one.stored.item_id: one.stored.document.file for one in best})
        made = []
        for one, same in zip(best, shared, strict=True):
            hit = hit_of(Query(" ".join(one.terms)), one.stored, one.score, also[one.stored.item_id])
            made.append(Similar(hit, one.terms, same))
        return made

    return index.in_one_state(read)


def likest(state: State, case: Case, k: int, within: Within) -> list[Likely]:
    """Return the `k` most similar items within some, by the cosines of their passages and the words they share."""
    db = state.db
    vectors = _vectors(state, case.item_id) if case.vectors is None else case.vectors
    near = alike(state, vectors, max(READ, k), within, with_original(db, case.item_id) | other_parts(db, case.item_id))
    stored = passages_at(db, [one.number for one in near])
    learned = learned_from(db)
    total = learned.counted if learned else 1
    own = _terms(db, case.text, total)
    found = []
    for one in near:
        terms = _terms(db, _text(stored[one.number]), total)
        shared = tuple(own.shared(terms)[:MOST_TERMS])
        found.append(Likely(stored[one.number], one.score + TERMS_WEIGHT * own.likeness(terms), shared))
    return sorted(found, key=lambda one: -one.score)[:k]


def _text(stored: StoredPassage) -> str:
    return stored.document.text[stored.item.start : stored.item.end]


def _terms(db: Connection, text: str, total: int) -> Terms:
    """Return the terms of a text without its names of places."""
    return Terms.of(db, without_places(text), total)


def _vectors(state: State, item_id: str) -> Vectors:
    items = sorted(with_original(state.db, item_id))
    numbers = [number for some in passages_of(state.db, items).values() for number in some]
    return state.vectors(spread_evenly(np.array(numbers, np.int64)))
