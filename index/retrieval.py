"""What a search asks of the passages, whatever holds their vectors and words: passages by number, nearest or best first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.arrays import Floats, Numbers, Scores, Vectors
from index.text.query import Query

Synonyms = Mapping[str, float]  # synonyms of one word → what a passage that contains one of them scores


@dataclass(frozen=True, slots=True)
class Within:
    """Which passages a search is limited to: those that pass all three tests; without any, all that the caller sees."""

    conditions: tuple[tuple[str, str], ...] = ()  # that the item meets, see index.store.conditions
    naming: frozenset[str] = frozenset()  # regions: the item names one of them, or a part of one
    elsewhere: frozenset[str] = frozenset()  # regions: the item names none of them, and no part of one

    @classmethod
    def meeting(cls, conditions: Mapping[str, str] | None, elsewhere: Iterable[str] = ()) -> Within:
        """Return the passages of items that meet conditions and name none of some regions."""
        return cls(tuple(sorted((conditions or {}).items())), elsewhere=frozenset(elsewhere))


ANYWHERE = Within()


class Retrieval(Protocol):
    """The vectors and words of the passages in one state, as visible to the caller; `numbers` are given in ascending order."""

    def near(self, vector: Vectors, k: int, within: Within = ANYWHERE) -> Scores:
        """Return the `k` passages whose vectors are closest to one, `(d,)`, with their cosines."""

    def matching(self, query: Query, k: int, within: Within = ANYWHERE) -> Scores:
        """Return the `k` passages with the highest BM25, with their scores, which are those of `bm25` if `exact`."""

    def with_words(self, weights: Mapping[str, float], k: int, within: Within = ANYWHERE) -> Numbers:
        """Return the `k` passages whose words have the largest total weight, `(k,)`, best first."""

    def vectors(self, numbers: Numbers) -> Vectors:
        """Return the vectors of passages, `(n, d)`, NaN for one without; these numbers may be in any order."""

    @property
    def sample(self) -> Vectors:
        """Vectors of a sample of all passages, `(m, d)`, from which mean and deviation of cosines are taken."""

    @property
    def exact(self) -> bool:
        """Whether `matching` scores as `bm25` does; else only its order is of use."""

    def bm25(self, query: Query, numbers: Numbers) -> Floats:
        """Return the BM25 of passages, `(n,)`, 0 where one shares no token."""

    def held(self, query: Query, numbers: Numbers) -> Floats:
        """Return the share of the query's total IDF that the tokens in each passage make up, `(n,)`, 0 to 1."""

    def synonym_scores(self, words: Sequence[Synonyms], numbers: Numbers) -> Floats:
        """Return the sum over words of the best score of a synonym in each passage, `(n,)`."""

    def word_matches(self, words: Sequence[str], numbers: Numbers) -> Vectors:
        """Return which words each passage contains, `(n, words)` of 0 and 1."""

    def frequencies(self, query: Query) -> Mapping[str, int]:
        """Return the document frequency of each of the query's tokens, in the `counted` passages."""

    @property
    def counted(self) -> int:
        """How many passages document frequencies are of."""

    def total_idf(self, query: Query) -> float:
        """Return the summed IDF of the query's tokens."""
