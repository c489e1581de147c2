"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75); and which words a passage holds.

To a caller who may not see all, a token is as rare as it is in what that caller sees: its scores tell nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.fusion import inverse_frequency, total_rarity
from index.keyword_index import KeywordIndex
from index.segment import Numbers, Scores
from index.vectors import Mask, both, masked
from index.words import asked_tokens, same_number

_SAMPLED = 2_000  # passages that hold a token, of which it is looked how many a caller may see
_MOST_TOKENS = 256  # of one query; longer ones are pasted documents, whose first tokens say enough
# A filter that leaves up to this many passages is part of the query; a wider one is applied to the hits, as many as it takes.
_FEW = 5_000


class KeywordView(KeywordIndex):
    """Passage numbers by BM25 of the tokens they share with a query."""

    def __init__(self, saved: Path | None = None) -> None:
        super().__init__(saved)
        self._seen: Mask | None = None

    def within(self, seen: Mask) -> KeywordView:
        """Return the view as it is searched by a caller who may see these passages."""
        view = copy(self)
        view._seen = seen
        return view

    @property
    def seen(self) -> int:
        """How many passages it is searched among."""
        return len(self) if self._seen is None else min(int(self._seen.sum()), len(self))

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

    def rarity(self, query: str) -> float:
        """Return the sum of the inverse document frequencies of a query's tokens."""
        return total_rarity(list(self.frequencies(query).values()), self.seen)

    def frequencies(self, query: str) -> dict[str, int]:
        """Return how many passages hold each of a query's tokens; some may still be counted that were taken out.

        For a caller who may not see all, those that it sees are counted; where many hold a token, by a sample.
        """
        return {term: self._frequency(term) for term in _terms(query)}

    def _frequency(self, term: str) -> int:
        held = self._held(term)
        if self._seen is None or not held:
            return held
        exact = tantivy.Query.term_query(self.schema, "text", term, "freq")
        numbers, _ = self._found(exact, min(held, _SAMPLED))
        share = float(masked(self._seen, numbers).mean()) if len(numbers) else 0.0
        return round(held * share) or (len(self.best(exact, 1, None)[0]) if held > _SAMPLED else 0)

    def _held(self, term: str) -> int:
        return int(self._index.searcher().doc_freq("text", term))

    def among(self, matching: tantivy.Query, numbers: Numbers) -> npt.NDArray[np.float32]:
        """Return how well each of these passages, in ascending order, matches, 0 where it does not."""
        found, values = self._found(matching, len(numbers), numbers)
        scores = np.zeros(len(numbers), np.float32)
        scores[np.searchsorted(numbers, found)] = values
        return scores

    def _found(self, matching: tantivy.Query, k: int, among: Numbers | None = None) -> Scores:
        if not k or not len(self) or (among is not None and not len(among)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if among is not None:
            narrow = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self.schema, "number", among.tolist()), 0.0)
            matching = tantivy.Query.boolean_query([(tantivy.Occur.Must, narrow), (tantivy.Occur.Must, matching)])
        searcher = self._index.searcher()
        hits = searcher.search(matching, k, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return np.array(numbers, np.int64), np.array([score for score, _ in hits], np.float32)

    def _matching(self, terms: Iterable[str]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term(term)) for term in terms])

    def _term(self, term: str) -> tantivy.Query:
        if len(term) == 1 and not term.isascii():  # a lone Han: the pairs it is part of
            return tantivy.Query.regex_query(self.schema, "text", f"{term}.?|.{term}")
        forms = [self._form(form) for form in same_number(term)]
        return forms[0] if len(forms) == 1 else tantivy.Query.disjunction_max_query(forms)

    def _form(self, form: str) -> tantivy.Query:
        """Return what finds a token, as rare as it is among what the caller may see."""
        exact = tantivy.Query.term_query(self.schema, "text", form, "freq")
        if self._seen is None or not (held := self._held(form)):
            return exact
        rarity = inverse_frequency(min(self._frequency(form), self.seen), self.seen)
        return tantivy.Query.boost_query(exact, rarity / inverse_frequency(min(held, len(self)), len(self)))


def _terms(query: str) -> list[str]:
    return asked_tokens(query)[:_MOST_TOKENS]
