"""The search index: dense, keyword and hybrid search over views kept up to date with the catalog; Hits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from copy import copy
from threading import Lock
from typing import TypeVar

from cachetools import LRUCache

from index.arrays import Mask, Scores
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.models.reranker import Reranker
from index.progress import Tell
from index.search.facets import Counter
from index.search.figures import Labels
from index.search.hits import Results, results_of
from index.search.ranking import CANDIDATES, READS, Ranker
from index.search.synonyms import SynonymFinder
from index.store.catalog import Catalog
from index.store.groups import Groups, visible_only
from index.store.handle import Connection
from index.store.passages import passages_at
from index.store.records import Retrieved
from index.store.words import learned_from
from index.text.query import Query
from index.timings import stage
from index.views.both import Views
from index.views.live import CurrentViews
from index.views.masks import Filters

Found = TypeVar("Found")
_CALLERS = 32  # cached views, one for each set of visible documents


class _NarrowedViews:
    """Caches the current views as restricted for callers, with what they have computed; threads may share it."""

    def __init__(self) -> None:
        self._of: Views | None = None
        self._known: LRUCache[Groups, tuple[Mask, Views]] = LRUCache(_CALLERS)
        self._lock = Lock()

    def within(self, views: Views, groups: Groups, visible: Mask | None) -> Views:
        """Return views restricted to the passages visible to these access groups, None: all."""
        if visible is None:
            return views
        with self._lock:
            if self._of is not views:
                self._known.clear()
                self._of = views
            cached = self._known.get(groups)
            if cached is None or cached[0] is not visible:
                cached = self._known[groups] = visible, views.within(visible)
            return cached[1]


class SearchIndex:
    """A catalog and its views, whole or as visible to a caller; threads may share it."""

    def __init__(
        self, catalog: Catalog, encoder: Encoder, tell: Tell = lambda _message: None, reranker: Reranker | None = None,
        reader: Reader | None = None, reads: int = READS,
    ) -> None:  # fmt: skip
        self.catalog, self.encoder, self.ranker = catalog, encoder, Ranker(reranker, reader, reads)
        self._kept = CurrentViews(catalog, encoder, tell, self._learn)
        self.filters, self.counter, self.labels = Filters(), Counter(), Labels()
        self._narrowed = _NarrowedViews()

    def visible_to(self, groups: Groups) -> SearchIndex:
        """Return the index as visible to these access groups: other documents are not found, counted or revealed."""
        visible = copy(self)
        visible.catalog = self.catalog.visible_to(groups)
        return visible

    def refresh(self) -> None:
        """Catch up with the catalog; raise an IndexingError if there is nothing to serve.

        Open views keep serving when there is no space for newer ones, and when another model's vectors have replaced
        theirs. A damaged catalog is not served.
        """
        self.in_one_state(lambda db, views: None)

    def query(self, text: str) -> Query:
        """Return a query that is encoded with this index's encoder."""
        return Query(text, self.encoder.query)

    def search(self, text: str, k: int = 10, conditions: Mapping[str, str] | None = None) -> Results:
        """Return the `k` best passages that meet the conditions (see index.store.conditions), best first."""
        return self.hits(self.query(text), k, conditions)

    def hits(self, query: Query, k: int, conditions: Mapping[str, str] | None = None, read: bool = True) -> Results:
        """Return the same as `search` for a Query; without `read` the reader puts none in order."""
        query.encoded()

        def results(db: Connection, views: Views) -> Results:
            ranked = self.ranker.rank(db, views, query, max(k, CANDIDATES), self.allowed(db, conditions), read)
            with stage("results"):
                return results_of(db, query, ranked, k)

        return self.in_one_state(results)

    def retrieve(self, query: Query, k: int, conditions: Mapping[str, str] | None = None) -> Retrieved:
        """Return the `k` best passages that meet the conditions, whole."""
        query.encoded()

        def retrieved(db: Connection, views: Views) -> Retrieved:
            numbers, _ = self.ranker.rank(db, views, query, k, self.allowed(db, conditions), read=False)
            stored, keywords = passages_at(db, numbers.tolist()), views.keywords
            found = tuple(stored[number] for number in numbers.tolist())
            return Retrieved(found, keywords.frequencies(query), keywords.counted)

        return self.in_one_state(retrieved)

    def contains(self, text: str, unlike: str) -> bool:
        """Tell whether passages visible to the caller contain each token of a text that another text does not have."""
        new = set(Query(text).tokens) - set(Query(unlike).tokens)
        found = self.in_one_state(lambda db, views: views.keywords.frequencies(Query(text)))
        return all(found.get(token, 0) for token in new)

    def allowed(self, db: Connection, conditions: Mapping[str, str] | None) -> Mask | None:
        """Return which passages meet the conditions (see index.store.conditions), None if there are none."""
        return self.filters.allowed(db, conditions, self.catalog.groups)

    def dense(self, text: str, k: int) -> Scores:
        """Return the `k` passages whose vectors are closest to the query's, with their cosines."""
        query = self.query(text).encoded()
        return self.in_one_state(lambda db, views: views.vectors.search(query.vector, k))

    def keyword(self, text: str, k: int) -> Scores:
        """Return the `k` passages with the highest BM25."""
        query = self.query(text)
        return self.in_one_state(lambda db, views: views.keywords.search(query, k))

    def hybrid(self, text: str, k: int) -> Scores:
        """Return the `k` passages with the highest fused score among the candidates of both retrievers."""
        query = self.query(text).encoded()
        return self.in_one_state(lambda db, views: self.ranker.rank(db, views, query, k))

    @property
    def views(self) -> Views:
        """The views of the whole catalog as they are; opened at first use."""
        return self._kept.views

    def in_one_state(self, read: Callable[[Connection, Views], Found]) -> Found:
        """Call `read` with the catalog and the views, in one state and as visible to the caller; return its result."""
        groups = self.catalog.groups

        def visible(db: sqlite3.Connection, views: Views) -> Found:
            with visible_only(db, groups):
                return read(db, self._narrowed.within(views, groups, self.filters.visible(db, groups)))

        return self._kept.in_one_state(visible)

    def _learn(self, db: Connection) -> None:
        """Load the collection's words if a sync has learned new ones."""
        learned, current = learned_from(db), self.ranker.synonyms
        if learned and (current is None or current.learned != learned):
            self.ranker.synonyms = SynonymFinder(db, self.encoder, learned)
