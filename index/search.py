"""Search over both views: dense, keyword and hybrid, each giving passage numbers with scores; and Hits out of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.catalog import Catalog
from index.encoded import changes_after, check_encoder
from index.encoder import Encoder
from index.errors import CatalogUnusable
from index.fusion import fuse
from index.keywords import KeywordView
from index.lookup import facets_of, matching, other_places, passages_at
from index.stored import Stored, embedded_text
from index.vectors import Scores, VectorView
from index.words import highlights
from ingest.citation import cite
from ingest.document import Citation

# How many passages each retriever proposes. On `ncp` 50, 100 and 200 give the same nDCG@10 to four places.
CANDIDATES = 100

Numbers = npt.NDArray[np.int64]


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
    """The views of one catalog, kept up to date with it; threads may share it."""

    def __init__(self, catalog: Catalog, encoder: Encoder) -> None:
        self.catalog, self.encoder = catalog, encoder
        self._lock = threading.RLock()
        self._vectors, self._keywords = VectorView(), KeywordView()
        self._reached = 0

    def refresh(self) -> None:
        """Catch up with the catalog; raise CatalogUnusable or ModelUnavailable if its vectors are another model's."""
        with self._lock:
            if self.catalog.change() == self._reached:
                return
            changes = changes_after(self.catalog, self._reached)
            if changes.model != self.encoder.fingerprint:
                raise CatalogUnusable("索引是用另一个模型建的：请先运行 jianbao sync，再重新启动服务")
            if not self._reached:
                check_encoder(self.catalog, self.encoder)
            numbers = [number for number, *_ in changes.added]
            stale = changes.removed + numbers  # numbers added again replace themselves, also after a refresh that failed
            self._keywords.update(stale, ((n, embedded_text(c, t)) for n, c, t, _ in changes.added))
            self._vectors.remove(stale)
            if numbers:
                self._vectors.add(numbers, np.stack([np.frombuffer(vector, "<f4") for *_, vector in changes.added]))
            self._reached = changes.last

    def search(self, query: str, k: int = 10, conditions: Mapping[str, str] | None = None) -> Results:
        """Return the `k` best passages that meet the conditions (see index.lookup.matching), best first."""
        self.refresh()
        numbers, scores = self.hybrid(query, max(k, CANDIDATES), matching(self.catalog, conditions or {}))
        facets = facets_of(self.catalog, numbers.tolist())
        stored = passages_at(self.catalog, numbers[:k].tolist())
        places = other_places(self.catalog, {found.item_id: found.document.file for found in stored.values()})
        pairs = zip(numbers[:k].tolist(), scores[:k].tolist(), strict=True)
        hits = [_hit(query, found, score, places[found.item_id]) for n, score in pairs if (found := stored.get(n))]
        return Results(hits, facets)

    def dense(self, query: str, k: int, allowed: Numbers | None = None) -> Scores:
        """Return the `k` passages whose vectors are closest to the query's, with their cosines."""
        vector = self.encoder.query(query)
        with self._lock:
            return self._vectors.search(vector, k, allowed)

    def keyword(self, query: str, k: int, allowed: Numbers | None = None) -> Scores:
        """Return the `k` passages with the highest BM25."""
        with self._lock:
            return self._keywords.search(query, k, allowed)

    def hybrid(self, query: str, k: int, allowed: Numbers | None = None) -> Scores:
        """Return the `k` passages with the highest fused score, out of what both retrievers propose."""
        vector = self.encoder.query(query)
        depth = max(CANDIDATES, k)
        with self._lock:
            close, _ = self._vectors.search(vector, depth, allowed)
            matched, bm25 = self._keywords.search(query, depth, allowed)
            numbers = np.union1d(close, matched)
            unmatched = np.setdiff1d(close, matched)
            more, more_bm25 = self._keywords.search(query, len(unmatched), unmatched)
            cosines = self._vectors.cosines(vector, numbers)
            scale, rarity = self._vectors.scale(vector), self._keywords.rarity(query)
        keyword = np.zeros(len(numbers), np.float32)
        keyword[np.searchsorted(numbers, matched)] = bm25
        keyword[np.searchsorted(numbers, more)] = more_bm25
        fused = fuse(cosines, scale, keyword, rarity)
        best = np.argsort(-fused, kind="stable")[:k]
        return numbers[best], fused[best]


def _hit(query: str, stored: Stored, score: float, also: tuple[str, ...]) -> Hit:
    citation = replace(cite(stored.document, stored.item, stored.passage.start, stored.passage.end), also=also)
    spans = tuple(highlights(query, stored.text))
    return Hit(stored.id, stored.item_id, stored.text, spans, round(score, 4), citation)
