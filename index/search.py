"""Search over both views: dense, keyword and hybrid, each giving passage numbers with scores; and Hits out of them."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from index.catalog import Catalog
from index.encoded import check_encoder
from index.encoder import Encoder, Tell
from index.errors import Busy, CatalogUnusable, ViewsUnusable
from index.fusion import Evidence, Look, fuse
from index.lexicon import Lexicon
from index.lookup import facets_of, matching, other_places, passages_at, texts_at
from index.phrases import highlights, phrase_share
from index.segment import Numbers, Scores, Vectors
from index.snapshot import are_behind
from index.state import position
from index.stored import Stored
from index.vectors import Mask
from index.views import Views, current_views, save
from index.words import fold
from ingest.citation import cite
from ingest.document import Citation

# How many passages each retriever proposes. On `ncp` 50, 100 and 200 give the same nDCG@10 to four places.
CANDIDATES = 100
# How many of them are read. nDCG@10 on `ncp` / `crud_news` / `precedents` with 30 0.922 / 0.898 / 0.476, with 50
# 0.922 / 0.901 / 0.487, with 100 0.923 / 0.901 / 0.481.
LOOKED_AT = 50

_PATIENCE = 1.0  # seconds to wait for a thread that brings the views up to date, before those of before are used
_MASKS = 32  # filters remembered, of a byte for each passage
_LOG = logging.getLogger("jianbao")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score, and everything needed to show and cite it."""

    passage_id: str
    item_id: str
    text: str
    highlights: tuple[tuple[int, int], ...]  # spans of text
    score: float  # higher is closer; comparable within one query only
    citation: Citation


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of a query, and how many of the items that were considered are of which kind, section, contributor."""

    hits: list[Hit]
    facets: dict[str, dict[str, int]]


class SearchIndex:
    """The views of one catalog, kept up to date with it; threads may share it, and none waits for another's catching up."""

    def __init__(self, catalog: Catalog, encoder: Encoder, tell: Tell = lambda _message: None) -> None:
        self.catalog, self.encoder, self._tell = catalog, encoder, tell
        self._views: Views | None = None
        self._refreshing = threading.Lock()
        self._lexicon: Lexicon | None = None
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
                numbers, scores = self._fused(db, views, query, vector, max(k, CANDIDATES), self._allowed(db, conditions))
                facets = facets_of(db, numbers.tolist())
                stored = passages_at(db, numbers[:k].tolist())
                places = other_places(db, {found.item_id: found.document.file for found in stored.values()})
            pairs = zip(numbers[:k].tolist(), scores[:k].tolist(), strict=True)
            hits = [_hit(query, found, score, places[found.item_id]) for n, score in pairs if (found := stored.get(n))]
            return Results(hits, facets)

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
            return self._fused(db, views, query, vector, k, None)

    @property
    def views(self) -> Views:
        """The views as they are; opened at first use."""
        if self._views is None:
            self.refresh()
        assert self._views
        return self._views

    def _fused(self, db: sqlite3.Connection, views: Views, query: str, vector: Vectors, k: int, allowed: Mask | None) -> Scores:
        depth = max(CANDIDATES, k)
        close, _ = views.vectors.search(vector, depth, allowed)
        matched, _ = views.keywords.search(query, depth, allowed)
        numbers = np.union1d(close, matched)
        if not len(numbers):
            return numbers, np.empty(0, np.float32)
        bm25, rarity = views.keywords.scores(query, numbers), views.keywords.rarity(query)
        evidence = Evidence(views.vectors.vectors(numbers), views.vectors.sample, bm25, rarity)
        fused = fuse(vector, evidence, self._look(db, views, query, numbers, fuse(vector, evidence)))
        best = np.argsort(-fused, kind="stable")[:k]
        return numbers[best], fused[best]

    def _look(self, db: sqlite3.Connection, views: Views, query: str, numbers: Numbers, fused: Vectors) -> Look:
        """Look more closely at the best candidates: how much of the question stands there, and how much in other words."""
        best = np.sort(np.argsort(-fused, kind="stable")[:LOOKED_AT])
        texts = texts_at(db, numbers[best].tolist())
        look = Look(np.zeros(len(numbers), np.float32), np.zeros(len(numbers), np.float32))
        look.phrases[best] = phrase_share(query, [fold(texts.get(number, "")) for number in numbers[best].tolist()])
        if self._lexicon:
            look.likes[best] = views.keywords.held(self._lexicon.groups(query), numbers[best])
        return look

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
        if learned and learned[0] != (self._lexicon.learned if self._lexicon else ""):
            self._lexicon = Lexicon(db, self.encoder, learned[0])
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


def _hit(query: str, stored: Stored, score: float, also: tuple[str, ...]) -> Hit:
    citation = replace(cite(stored.document, stored.item, stored.passage.start, stored.passage.end), also=also)
    spans = tuple(highlights(query, stored.text))
    return Hit(stored.id, stored.item_id, stored.text, spans, round(score, 4), citation)
