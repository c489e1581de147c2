"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75); and which words a passage holds.

To a caller who may not see all, a token is as rare as it is in what that caller sees: its scores tell nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.arrays import Mask, Numbers, Scores, both, masked
from index.text.rarity import idf, total_idf
from index.text.words import asked_tokens, same_number
from index.views.keyword_index import KeywordIndex, any_of

_SAMPLED = 2_000  # passages; a token that more hold is counted in so many of those that a caller may see
_MOST_COUNTS = 20_000  # tokens; 2 MB for each of those who see different documents
_MOST_TOKENS = 256  # of one query; longer ones are pasted documents, whose first tokens say enough
# A filter that leaves up to this many passages is part of the query; a wider one is applied to the hits, as many as it takes.
_FEW = 5_000


class KeywordView(KeywordIndex):
    """Passage numbers by BM25 of the tokens they share with a query."""

    def __init__(self, saved: Path | None = None) -> None:
        super().__init__(saved)
        self._seen: Mask | None = None
        self._sample: Numbers | None = None  # of the passages that are seen
        self._counts: dict[str, int] = {}  # tokens: how many passages of those seen hold them

    def within(self, seen: Mask) -> KeywordView:
        """Return the view as it is searched by a caller who may see these passages."""
        view = copy(self)
        view._seen, view._sample, view._counts = seen, None, {}
        return view

    @property
    def counted(self) -> int:
        """How many passages frequencies are of: where all are seen, also those that were taken out, as BM25 has it."""
        return self._indexed if self._seen is None else min(int(self._seen.sum()), len(self))

    def search(self, query: str, k: int, allowed: Mask | None = None) -> Scores:
        """Return the numbers and BM25 scores of the `k` best passages, best first, among `allowed` if given."""
        return self.best(self._matching(_terms(query)), k, allowed)

    def best(self, matching: tantivy.Query, k: int, allowed: Mask | None) -> Scores:
        """Return the `k` passages that match best, with their scores."""
        allowed = both(self._seen, allowed)
        left = len(self) if allowed is None else int(allowed.sum())
        if allowed is None or left <= _FEW:
            return self._found(matching, k, None if allowed is None else np.flatnonzero(allowed))
        depth = max(k, k * len(self) // left * 2)
        while True:
            numbers, scores = self._found(matching, depth)
            met = masked(allowed, numbers)
            if met.sum() >= k or len(numbers) < depth:
                return numbers[met][:k], scores[met][:k]
            depth *= 4

    def scores(self, query: str, numbers: Numbers) -> npt.NDArray[np.float32]:
        """Return the BM25 of each of these passages, given in ascending order, 0 where it shares no token."""
        return self.among(self._matching(_terms(query)), numbers)

    def total_idf(self, query: str) -> float:
        """Return the sum of the inverse document frequencies of a query's tokens."""
        return total_idf(list(self.frequencies(query).values()), self.counted)

    def frequencies(self, query: str) -> dict[str, int]:
        """Return how many of the passages that are `counted` hold each of a query's tokens."""
        return self._frequencies(_terms(query))

    def _frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        held = {term: self._held(term) for term in terms}
        if self._seen is None:
            return held
        if len(self._counts) >= _MOST_COUNTS:
            self._counts.clear()
        known = {term: count for term in held if (count := self._counts.get(term)) is not None}
        new = {term: count for term, count in held.items() if term not in known}
        rare = {term: self._exactly(term, count, self._seen) for term, count in new.items() if count <= _SAMPLED}
        counts = rare | self._about([term for term in new if term not in rare], self._seen)
        self._counts.update(counts)
        return known | counts

    def _exactly(self, term: str, held: int, seen: Mask) -> int:
        return int(masked(seen, self._found(self._exact(term), held)[0]).sum())

    def _about(self, terms: Sequence[str], seen: Mask) -> dict[str, int]:
        """Return about how many of the passages that are seen hold tokens that many hold, by a sample of them."""
        if self._sample is None:
            numbers = np.flatnonzero(seen)
            few = min(len(numbers), _SAMPLED)
            self._sample = np.sort(np.random.default_rng(1).choice(numbers, few, replace=False))
        found = self.matches([self._exact(term) for term in terms], self._sample).sum(axis=0) / max(1, len(self._sample))
        return {
            term: round(share * self.counted) or len(self.best(self._exact(term), 1, None)[0])
            for term, share in zip(terms, found.tolist(), strict=True)
        }

    def _held(self, term: str) -> int:
        return int(self._index.searcher().doc_freq("text", term))

    def _matching(self, terms: Sequence[str]) -> tantivy.Query:
        counts = self._frequencies(form for term in terms for form in same_number(term)) if self._seen is not None else {}
        return any_of([self._term(term, counts) for term in terms])

    def _term(self, term: str, counts: Mapping[str, int]) -> tantivy.Query:
        if len(term) == 1 and not term.isascii():  # a lone Han: the pairs it is part of
            return tantivy.Query.regex_query(self.schema, "text", f"{term}.?|.{term}")
        forms = [self._form(form, counts.get(form)) for form in same_number(term)]
        return forms[0] if len(forms) == 1 else tantivy.Query.disjunction_max_query(forms)

    def _form(self, form: str, count: int | None) -> tantivy.Query:
        """Return what finds a token, as rare as it is where so many passages hold it, None: all that do."""
        exact = self._exact(form)
        if count is None or not (held := self._held(form)):
            return exact
        total_idf = idf(min(count, self.counted), self.counted)
        return tantivy.Query.boost_query(exact, total_idf / idf(held, self._indexed))

    def _exact(self, form: str) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, "text", form, "freq")


def _terms(query: str) -> list[str]:
    return asked_tokens(query)[:_MOST_TOKENS]
