"""Search over both views: dense, keyword and hybrid, each giving passage numbers with scores; and Hits out of them."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from index.catalog import Catalog
from index.encoded import check_encoder
from index.encoder import Encoder, Tell
from index.errors import Busy, CatalogUnusable
from index.fusion import fuse
from index.lookup import facets_of, matching, other_places, passages_at
from index.segment import Scores
from index.stored import Stored
from index.vectors import Mask
from index.views import Views, are_behind, current_views, save
from index.words import highlights
from ingest.citation import cite
from ingest.document import Citation

# How many passages each retriever proposes. On `ncp` 50, 100 and 200 give the same nDCG@10 to four places.
CANDIDATES = 100

_TRIES = 3  # of a search whose hits are replaced by a sync while it runs
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
        self._masks: OrderedDict[tuple[object, ...], Mask] = OrderedDict()
        self._refused = ""  # the model that was last refused

    def refresh(self) -> None:
        """Catch up with the catalog, unless another thread is at it; raise CatalogUnusable or ModelUnavailable.

        Once views are open they go on serving when another model's vectors have taken the place of theirs.
        """
        if not self._refreshing.acquire(blocking=self._views is None):
            return
        try:
            if not self._accepts(self.catalog.state("model")):
                return
            if self._views is None:
                check_encoder(self.catalog, self.encoder)
            views = current_views(self.catalog, self._views, self._tell)
            if self._views is None and are_behind(self.catalog, views.base):
                views = self._saved(views)
            if self._accepts(views.model):  # it may have been exchanged at this moment
                self._views = views
        finally:
            self._refreshing.release()

    def search(self, query: str, k: int = 10, conditions: Mapping[str, str] | None = None) -> Results:
        """Return the `k` best passages that meet the conditions (see index.lookup.matching), best first."""
        for _ in range(_TRIES):
            self.refresh()
            numbers, scores = self.hybrid(query, max(k, CANDIDATES), conditions)
            stored = passages_at(self.catalog, numbers[:k].tolist())
            if len(stored) == len(numbers[:k]):
                break  # else a passage has been replaced since
        facets = facets_of(self.catalog, numbers.tolist())
        places = other_places(self.catalog, {found.item_id: found.document.file for found in stored.values()})
        pairs = zip(numbers[:k].tolist(), scores[:k].tolist(), strict=True)
        hits = [_hit(query, found, score, places[found.item_id]) for n, score in pairs if (found := stored.get(n))]
        return Results(hits, facets)

    def dense(self, query: str, k: int, conditions: Mapping[str, str] | None = None) -> Scores:
        """Return the `k` passages whose vectors are closest to the query's, with their cosines."""
        return self.views.vectors.search(self.encoder.query(query), k, self._allowed(conditions))

    def keyword(self, query: str, k: int, conditions: Mapping[str, str] | None = None) -> Scores:
        """Return the `k` passages with the highest BM25."""
        return self.views.keywords.search(query, k, self._allowed(conditions))

    def hybrid(self, query: str, k: int, conditions: Mapping[str, str] | None = None) -> Scores:
        """Return the `k` passages with the highest fused score, out of what both retrievers propose."""
        vector = self.encoder.query(query)
        depth, allowed, views = max(CANDIDATES, k), self._allowed(conditions), self.views
        close, _ = views.vectors.search(vector, depth, allowed)
        matched, _ = views.keywords.search(query, depth, allowed)
        numbers = np.union1d(close, matched)
        cosines, bm25 = views.vectors.cosines(vector, numbers), views.keywords.scores(query, numbers)
        fused = fuse(cosines, views.vectors.scale(vector), bm25, views.keywords.rarity(query))
        best = np.argsort(-fused, kind="stable")[:k]
        return numbers[best], fused[best]

    @property
    def views(self) -> Views:
        """The views as they are; opened at first use."""
        if self._views is None:
            self.refresh()
        assert self._views
        return self._views

    def _saved(self, views: Views) -> Views:
        """Save views that had to be made, unless somebody else is writing or the folder cannot be written."""
        with suppress(Busy, CatalogUnusable), self.catalog.writing():
            save(self.catalog, views, self._tell)
            return current_views(self.catalog, None, self._tell)
        return views

    def _accepts(self, model: str) -> bool:
        """Tell whether vectors of a model can be searched; raise CatalogUnusable if they cannot and no others are open."""
        if model in ("", self.encoder.fingerprint):
            return True
        message = "索引是用另一个模型建的：请先运行 jianbao sync，再重新启动服务"
        if self._views is None:
            raise CatalogUnusable(message)
        if self._refused != model:
            _LOG.warning("%s；在那之前查到的是换模型以前的内容", message)
            self._refused = model
        return False

    def _allowed(self, conditions: Mapping[str, str] | None) -> Mask | None:
        """Return which passages meet the conditions; the last few answers are kept until the catalog changes."""
        if not conditions:
            return None
        key = (self.catalog.change(), *sorted(conditions.items()))
        if (mask := self._masks.get(key)) is None:
            mask = self._masks[key] = matching(self.catalog, conditions)
            while len(self._masks) > _MASKS:
                with suppress(KeyError):  # another thread was faster
                    self._masks.popitem(last=False)
        return mask


def _hit(query: str, stored: Stored, score: float, also: tuple[str, ...]) -> Hit:
    citation = replace(cite(stored.document, stored.item, stored.passage.start, stored.passage.end), also=also)
    spans = tuple(highlights(query, stored.text))
    return Hit(stored.id, stored.item_id, stored.text, spans, round(score, 4), citation)
