"""States of an index in this process: the catalog with the views at the same change, narrowed to what a caller sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import TypeVar

from cachetools import LRUCache

from index.arrays import Floats, Mask, Numbers, Scores, Vectors
from index.models.encoder import Encoder
from index.progress import Tell
from index.retrieval import ANYWHERE, Within
from index.store.catalog import Catalog
from index.store.groups import Groups
from index.store.handle import Connection, WritableConnection
from index.store.passages import texts_at
from index.text.query import Query
from index.views.both import Views
from index.views.live import CurrentViews
from index.views.masks import Filters

Found = TypeVar("Found")
_CALLERS = 32  # cached views, one for each set of visible documents


class LocalState:
    """The catalog and what the views retrieve (see index.retrieval), in one state and as visible to a caller."""

    def __init__(self, db: Connection, views: Views, filters: Filters, groups: Groups) -> None:
        self.db, self._filters, self._groups = db, filters, groups
        self._near, self._words = views.vectors, views.keywords
        self._masks: dict[Within, Mask | None] = {}
        self.vectors, self.exact = self._near.vectors, self._words.is_whole
        self.held, self.frequencies, self.total_idf = self._words.held, self._words.frequencies, self._words.total_idf
        self.synonym_scores, self.word_matches = self._words.synonym_scores, self._words.word_matches

    def near(self, vector: Vectors, k: int, within: Within = ANYWHERE) -> Scores:
        """Return the `k` passages whose vectors are closest to one, `(d,)`, with their cosines."""
        return self._near.search(vector, k, self._mask(within))

    def matching(self, query: Query, k: int, within: Within = ANYWHERE) -> Scores:
        """Return the `k` passages with the highest BM25, by the mean length of all passages."""
        return self._words.search(query, k, self._mask(within))

    def with_words(self, weights: Mapping[str, float], k: int, within: Within = ANYWHERE) -> Numbers:
        """Return the `k` passages whose words have the largest total weight, `(k,)`, best first."""
        return self._words.passages_with(weights, k, self._mask(within))

    def bm25(self, query: Query, numbers: Numbers) -> Floats:
        """Return the BM25 of passages, `(n,)`; for a caller who may not see all it is made of their texts."""
        return self._words.scores(query, numbers, partial(texts_at, self.db))

    @property
    def sample(self) -> Vectors:
        """Vectors of a sample of all passages, `(m, d)`."""
        return self._near.sample

    @property
    def counted(self) -> int:
        """How many passages document frequencies are of."""
        return self._words.counted

    def _mask(self, within: Within) -> Mask | None:
        if within not in self._masks:
            self._masks[within] = self._filters.allowed(self.db, within, self._groups)
        return self._masks[within]


class LocalStates:
    """Lends states of one catalog and its views, which are kept up to date; threads may share it."""

    def __init__(self, catalog: Catalog, encoder: Encoder, tell: Tell, opened: Callable[[WritableConnection], None]) -> None:
        self._catalog = catalog
        self._current, self._filters = CurrentViews(catalog, encoder, tell, opened), Filters()
        self._of: Views | None = None
        self._narrowed: LRUCache[Groups, tuple[Mask, Views]] = LRUCache(_CALLERS)  # with what they have computed
        self._lock = Lock()

    @property
    def views(self) -> Views:
        """The views of the whole catalog as they are; opened at first use."""
        return self._current.views

    def in_one_state(self, groups: Groups, read: Callable[[LocalState], Found]) -> Found:
        """Call `read` with a state as visible to these access groups and return its result; repeat it if the views move on."""

        def visible(db: WritableConnection, views: Views) -> Found:
            with self._catalog.visible(db, groups):
                seen = self._within(views, groups, self._filters.visible(db, groups))
                return read(LocalState(db, seen, self._filters, groups))

        return self._current.in_one_state(visible)

    def _within(self, views: Views, groups: Groups, visible: Mask | None) -> Views:
        """Return views restricted to the passages visible to these access groups, None: all."""
        if visible is None:
            return views
        with self._lock:
            if self._of is not views:
                self._narrowed.clear()
                self._of = views
            cached = self._narrowed.get(groups)
            if cached is None or cached[0] is not visible:
                cached = self._narrowed[groups] = visible, views.within(visible)
            return cached[1]
