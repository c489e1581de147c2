"""The search index: dense, keyword and hybrid search over views kept up to date with the catalog; Hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import TypeVar

from index.arrays import Scores
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.models.reranker import Reranker
from index.progress import Tell
from index.retrieval import Within
from index.search.facets import Counter
from index.search.figures import Labels
from index.search.hits import Results, results_of
from index.search.ranking import CANDIDATES, READS, Ranker
from index.search.state import State
from index.search.synonyms import SynonymFinder
from index.store.catalog import Catalog
from index.store.groups import Groups
from index.store.handle import Connection
from index.store.passages import passages_at
from index.store.records import Retrieved
from index.store.words import learned_from
from index.text.query import Query
from index.timings import stage
from index.views.both import Views
from index.views.local import LocalStates

Found = TypeVar("Found")


class SearchIndex:
    """A catalog and its views, whole or as visible to a caller; threads may share it."""

    def __init__(
        self, catalog: Catalog, encoder: Encoder, tell: Tell = lambda _message: None, reranker: Reranker | None = None,
        reader: Reader | None = None, reads: int = READS,
    ) -> None:  # fmt: skip
        self.catalog, self.encoder, self.ranker = catalog, encoder, Ranker(reranker, reader, reads)
        self._states = LocalStates(catalog, encoder, tell, self._learn)
        self.counter, self.labels = Counter(), Labels()

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
        self.in_one_state(lambda state: None)

    def query(self, text: str) -> Query:
        """Return a query that is encoded with this index's encoder."""
        return Query(text, self.encoder.query)

    def search(self, text: str, k: int = 10, conditions: Mapping[str, str] | None = None) -> Results:
        """Return the `k` best passages that meet the conditions (see index.store.conditions), best first."""
        return self.hits(self.query(text), k, conditions)

    def hits(self, query: Query, k: int, conditions: Mapping[str, str] | None = None, read: bool = True) -> Results:
        """Return the same as `search` for a Query; without `read` the reader puts none in order."""
        query.encoded()

        def results(state: State) -> Results:
            ranked = self.ranker.rank(state, query, max(k, CANDIDATES), Within.meeting(conditions), read)
            with stage("results"):
                return results_of(state.db, query, ranked, k)

        return self.in_one_state(results)

    def retrieve(self, query: Query, k: int, conditions: Mapping[str, str] | None = None) -> Retrieved:
        """Return the `k` best passages that meet the conditions, whole."""
        query.encoded()

        def retrieved(state: State) -> Retrieved:
            numbers, _ = self.ranker.rank(state, query, k, Within.meeting(conditions), read=False)
            stored = passages_at(state.db, numbers.tolist())
            found = tuple(stored[number] for number in numbers.tolist())
            return Retrieved(found, state.frequencies(query), state.counted)

        return self.in_one_state(retrieved)

    def contains(self, text: str, unlike: str) -> bool:
        """Tell whether passages visible to the caller contain each token of a text that another text does not have."""
        new = set(Query(text).tokens) - set(Query(unlike).tokens)
        found = self.in_one_state(lambda state: state.frequencies(Query(text)))
        return all(found.get(token, 0) for token in new)

    def dense(self, text: str, k: int) -> Scores:
        """Return the `k` passages whose vectors are closest to the query's, with their cosines."""
        query = self.query(text).encoded()
        return self.in_one_state(lambda state: state.near(query.vector, k))

    def keyword(self, text: str, k: int) -> Scores:
        """Return the `k` passages with the highest BM25."""
        query = self.query(text)
        return self.in_one_state(lambda state: state.matching(query, k))

    def hybrid(self, text: str, k: int) -> Scores:
        """Return the `k` passages with the highest fused score among the candidates of both retrievers."""
        query = self.query(text).encoded()
        return self.in_one_state(lambda state: self.ranker.rank(state, query, k))

    @property
    def views(self) -> Views:
        """The views of the whole catalog as they are; opened at first use."""
        return self._states.views

    def in_one_state(self, read: Callable[[State], Found]) -> Found:
        """Call `read` with one state of the index as visible to the caller and return its result."""
        return self._states.in_one_state(self.catalog.groups, read)

    def _learn(self, db: Connection) -> None:
        """Load the collection's words if a sync has learned new ones."""
        learned, current = learned_from(db), self.ranker.synonyms
        if learned and (current is None or current.learned != learned):
            self.ranker.synonyms = SynonymFinder(db, self.encoder, learned)
