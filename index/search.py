"""The index as it is searched: its views kept up with the catalog; dense, keyword and hybrid search; Hits."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress

from index.catalog import Catalog
from index.encoded import check_encoder
from index.encoder import Encoder, Tell
from index.errors import Busy, CatalogUnusable, ViewsUnusable
from index.hits import Results, results_of
from index.lexicon import Lexicon
from index.lookup import matching
from index.ranking import CANDIDATES, Ranker
from index.reranker import Reranker
from index.segment import Scores
from index.snapshot import are_behind
from index.state import position
from index.vectors import Mask
from index.views import Views, current_views, save

_PATIENCE = 1.0  # seconds to wait for a thread that brings the views up to date, before those of before are used
_MASKS = 32  # filters remembered, of a byte for each passage
_LOG = logging.getLogger("jianbao")


class SearchIndex:
    """The views of one catalog, kept up to date with it; threads may share it, and none waits for another's catching up."""

    def __init__(
        self, catalog: Catalog, encoder: Encoder, tell: Tell = lambda _message: None, reranker: Reranker | None = None
    ) -> None:
        self.catalog, self.encoder, self._tell, self.ranker = catalog, encoder, tell, Ranker(reranker)
        self._views: Views | None = None
        self._refreshing = threading.Lock()
        self._masks: OrderedDict[tuple[object, ...], Mask] = OrderedDict()
        self._warned = ""  # said once, not at every search

    def refresh(self) -> None:
        """Catch up with the catalog; raise an IndexingError if there is nothing to serve.

        Once views are open they go on serving when there is no space for newer ones, and when another model's vectors
        have taken the place of theirs. A damaged catalog is not served.
        """
        with self.catalog.reading() as db:
            self._current(db)

    def search(self, query: str, k: int = 10, conditions: Mapping[str, str] | None = None) -> Results:
        """Return the `k` best passages that meet the conditions (see index.lookup.matching), best first."""
        vector = self.encoder.query(query)
        while True:
            with self.catalog.reading() as db:  # views and look-ups are of one state
                views = self._current(db)
                lineage, change, _ = position(db)
                if views.lineage == lineage and views.change > change:
                    continue  # another thread has gone on with them
                ranked = self.ranker.rank(db, views, query, vector, max(k, CANDIDATES), self._allowed(db, conditions))
                return results_of(db, query, ranked, k)

    def dense(self, query: str, k: int) -> Scores:
        """Return the `k` passages whose vectors are closest to the query's, with their cosines."""
        return self.views.vectors.search(self.encoder.query(query), k)

    def keyword(self, query: str, k: int) -> Scores:
        """Return the `k` passages with the highest BM25."""
        return self.views.keywords.search(query, k)

    def hybrid(self, query: str, k: int) -> Scores:
        """Return the `k` passages with the highest fused score, out of what both retrievers propose."""
        views, vector = self.views, self.encoder.query(query)
        with self.catalog.reading() as db:
            return self.ranker.rank(db, views, query, vector, k)

    @property
    def views(self) -> Views:
        """The views as they are; opened at first use."""
        if self._views is None:
            self.refresh()
        assert self._views
        return self._views

    def _current(self, db: sqlite3.Connection) -> Views:
        """Return views as late as the state that `db` reads, unless another thread takes long to bring them there."""
        lineage, change, model = position(db)
        views = self._views
        if views and views.lineage == lineage and views.change >= change:
            return views
        if self._refreshing.acquire(timeout=_PATIENCE if views else -1):
            try:
                self._advance(db, change, model)
            finally:
                self._refreshing.release()
        assert self._views
        return self._views

    def _advance(self, db: sqlite3.Connection, change: int, model: str) -> None:
        views = self._views
        if not self._accepts(model) or (views and views.lineage == position(db)[0] and views.change >= change):
            return
        if views is None:
            check_encoder(self.catalog, self.encoder)
        try:
            self._views = current_views(db, self.catalog, views, self._tell)
        except ViewsUnusable as error:
            if views is None:
                raise
            self._warn(str(error))
        learned = db.execute("SELECT value FROM state WHERE key = 'words'").fetchone()
        if learned and learned[0] != (self.ranker.lexicon.learned if self.ranker.lexicon else ""):
            self.ranker.lexicon = Lexicon(db, self.encoder, learned[0])
        if views is None and self._views and are_behind(self.catalog, self._views.base):
            with suppress(Busy, CatalogUnusable), self.catalog.writing():  # somebody else may be writing, or nobody can
                if save(self.catalog, self._views, self._tell):
                    self._views = current_views(db, self.catalog, None, self._tell)

    def _accepts(self, model: str) -> bool:
        """Tell whether vectors of a model can be searched; raise CatalogUnusable if they cannot and no others are open."""
        if model in ("", self.encoder.fingerprint):
            return True
        message = "索引是用另一个模型建的：请先运行 jianbao sync，再重新启动服务"
        if self._views is None:
            raise CatalogUnusable(message)
        self._warn(f"{message}；在那之前查到的是换模型以前的内容")
        return False

    def _warn(self, message: str) -> None:
        if message != self._warned:
            _LOG.warning("%s", message)
            self._warned = message

    def _allowed(self, db: sqlite3.Connection, conditions: Mapping[str, str] | None) -> Mask | None:
        """Return which passages meet the conditions; the last few answers are kept until the catalog changes."""
        if not conditions:
            return None
        key = (*position(db), *sorted(conditions.items()))
        if (mask := self._masks.get(key)) is None:
            mask = self._masks[key] = matching(db, conditions)
            while len(self._masks) > _MASKS:
                with suppress(KeyError):  # another thread was faster
                    self._masks.popitem(last=False)
        return mask
