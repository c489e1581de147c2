"""Find other reports of one story: items of other documents about the same event, and the figures that differ."""

from __future__ import annotations

from dataclasses import dataclass

from cases.alignment import SAME_FIGURE, Statement, figures_of, pairs_of, vectors_of
from cases.similar import Case, as_case, likest
from index.retrieval import ANYWHERE, Within
from index.search.hits import Hit, hit_of
from index.search.index import SearchIndex
from index.search.more_like_this import common_of
from index.search.state import State
from index.store.documents import item_of
from index.store.passages import other_places
from index.store.records import StoredPassage
from index.text.query import Query
from ingest.citation import cite
from ingest.document import Citation, Document, Item
from ingest.facts.gazetteer import level_of

READ = 5  # most similar items whose figures are compared
_FEW = 3  # counties in the head of an item; one that names more there is about none of them
_LEAD = 200  # characters of the text that count as its head
COUNTY = 3  # gazetteer level; larger regions have many stories
# Two items about one county tell the same story if _MEASURES of their figures measure the same and their score (as in
# cases.similar) is at least _ALIKE, or if it is at least _NEARLY_THE_SAME. The stories that the sample corpus tells twice have
# 2 to 6 such figures and scores of 0.38 to 0.68; no other items of one county have any. Reports of one event in real news score
# 1.2 and more.
_MEASURES, _ALIKE, _NEARLY_THE_SAME = 2, 0.35, 1.2
# The least score without a county in common: notices of a yearly meeting, or of one form in several counties, score up to 1.4.
_A_COPY = 1.4


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that both items state with different values: the clause of this item and that of the other."""

    here: str
    there: str
    citation: Citation  # of `there`


@dataclass(frozen=True, slots=True)
class Retold:
    """Another item that tells the same story: its most similar passage, and the figures that differ."""

    hit: Hit
    changes: tuple[Change, ...]


def same_stories(index: SearchIndex, item_id: str) -> list[Retold]:
    """Return the items of other documents that tell the same story, earliest first, undated ones last."""
    if not (found := item_of(index.catalog, item_id)):
        return []
    document, item = found
    case, counties = as_case(document, [item], item_id), _counties(document, item)

    stories = index.in_one_state(lambda state: _retold(index, state, case, found, counties))
    return sorted(stories, key=lambda story: story.hit.citation.date or "9999")


def _retold(index: SearchIndex, state: State, case: Case, own: tuple[Document, Item], counties: list[str]) -> list[Retold]:
    there = likest(state, case, READ, Within(naming=frozenset(counties))) if counties else []
    there = [one for one in there if set(counties) & set(_counties(one.stored.document, one.stored.item))]
    copies = [
        one for one in likest(state, case, READ, ANYWHERE) if one.score >= _A_COPY and not _is_elsewhere(one.stored, counties)
    ]
    near = {one.stored.item_id: one for one in (*there, *copies) if one.stored.document.id != own[0].id}
    figures = figures_of(*own)
    others = [figures_of(one.stored.document, one.stored.item) for one in near.values()]
    vectors = vectors_of(index.encoder, common_of(state), (figures, *others))
    places = other_places(state.db, {item_id: one.stored.document.file for item_id, one in near.items()})
    stories = []
    for (item_id, one), theirs in zip(near.items(), others, strict=True):
        same = pairs_of(vectors, figures, theirs, SAME_FIGURE)
        if one.score >= (_ALIKE if len(same) >= _MEASURES else _NEARLY_THE_SAME):
            hit = hit_of(Query(" ".join(one.terms)), one.stored, one.score, places[item_id])
            stories.append(Retold(hit, _changes(same, one.stored)))
    return stories


def _counties(document: Document, item: Item) -> list[str]:
    """Return the counties that an item is about: those in its title, contributors or first lines, none if there are many."""
    counties = [region for region in item.regions if level_of(region.name) == COUNTY]
    headed = "\n".join((item.title, *item.contributors, document.text[item.start : item.start + _LEAD]))
    about = [region.name for region in counties if document.text[region.start : region.end] in headed]
    return about if len(about) <= _FEW else []


def _is_elsewhere(stored: StoredPassage, counties: list[str]) -> bool:
    """Tell whether an item is about other counties than these."""
    others = _counties(stored.document, stored.item)
    return bool(counties and others) and not set(counties) & set(others)


def _changes(same: list[tuple[Statement, Statement]], stored: StoredPassage) -> tuple[Change, ...]:
    """Return the pairs of clauses that measure the same but state different values."""
    return tuple(
        Change(here.head, there.head, cite(stored.document, stored.item, *there.span))
        for here, there in same
        if {figure.value for figure in here.figures} != {figure.value for figure in there.figures}
    )
