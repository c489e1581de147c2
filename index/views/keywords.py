"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75); and which words passages hold.

To a caller who may not see all, a token is as rare as it is in what that caller sees: its scores tell nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from threading import Lock

import numpy as np
import tantivy
from cachetools import LRUCache

from index.arrays import Floats, Mask, Numbers, Scores, both, masked
from index.text.query import Query
from index.text.rarity import idf, total_idf
from index.text.words import same_number
from index.views.tantivy_index import TantivyIndex, any_of

_SAMPLED = 2_000  # passages; a token that more hold is counted in so many of those that a caller may see
_MOST_COUNTS = 20_000  # tokens; 2 MB for each of those who see different documents
# A filter that leaves up to this many passages is part of the query; a wider one is applied to the hits, as many as it takes.
_FEW = 5_000

Synonyms = Mapping[str, float]  # words of like meaning, and what a passage that holds one of them counts


class KeywordView:
    """Passage numbers by BM25 of the tokens they share with a query, and by the words they hold."""

    def __init__(self, saved: Path | None = None) -> None:
        self._index = TantivyIndex(saved)
        self._see(None)

    def within(self, visible: Mask) -> KeywordView:
        """Return the view as it is searched by a caller who may see these passages."""
        view = copy(self)
        view._see(visible)
        return view

    def _see(self, visible: Mask | None) -> None:
        self._visible = visible
        self._sample: Numbers | None = None  # of the passages that are visible
        self._counts: LRUCache[str, int] = LRUCache(_MOST_COUNTS)  # tokens: how many of the visible passages hold them
        self._counting = Lock()

    def __len__(self) -> int:
        return len(self._index)

    @property
    def numbers(self) -> Numbers:
        """The passages it holds."""
        return self._index.numbers

    def update(self, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> None:
        """Take passages out, then add passages, number and text; raise ViewsUnusable if they cannot be written."""
        self._index.update(removed, added)

    def save(self, folder: Path) -> None:
        """Write the view into a folder."""
        self._index.save(folder)

    @property
    def counted(self) -> int:
        """How many passages frequencies are of: where all are seen, also those that were taken out, as BM25 has it."""
        return self._index.indexed if self._visible is None else min(int(self._visible.sum()), len(self))

    def search(self, query: Query, k: int, allowed: Mask | None = None) -> Scores:
        """Return the numbers and BM25 scores of the `k` best passages, best first, among `allowed` if given."""
        return self._best(self._matching(query), k, allowed)

    def scores(self, query: Query, numbers: Numbers) -> Floats:
        """Return the BM25 of each of these passages, given in ascending order, 0 where it shares no token."""
        return self._index.scores(self._matching(query), numbers)

    def total_idf(self, query: Query) -> float:
        """Return the sum of the inverse document frequencies of a query's tokens."""
        return total_idf(self.frequencies(query).values(), self.counted)

    def frequencies(self, query: Query) -> dict[str, int]:
        """Return how many of the passages that are `counted` hold each of a query's tokens."""
        return self._frequencies(query.tokens)

    def synonym_scores(self, words: Sequence[Synonyms], numbers: Numbers) -> Floats:
        """Return for each of these passages, in ascending order, the sum over words of the most that a synonym counts."""
        best = [tantivy.Query.disjunction_max_query(self._index.weighted(synonyms)) for synonyms in words]
        return self._index.scores(any_of(best), numbers)

    def word_matches(self, words: Sequence[str], numbers: Numbers) -> Floats:
        """Return which of these words each of these passages, in ascending order, holds: `(passages, words)` of 0 and 1."""
        return self._index.matches([self._index.word(word) for word in words], numbers)

    def passages_with(self, weights: Mapping[str, float], k: int, allowed: Mask | None) -> Numbers:
        """Return the `k` passages among `allowed` that hold most of the weight of some words."""
        return self._best(any_of(self._index.weighted(weights)), k, allowed)[0]

    def _best(self, matching: tantivy.Query, k: int, allowed: Mask | None) -> Scores:
        """Return the `k` passages that match best, with their scores."""
        allowed = both(self._visible, allowed)
        left = len(self) if allowed is None else int(allowed.sum())
        if allowed is None or left <= _FEW:
            return self._index.search(matching, k, None if allowed is None else np.flatnonzero(allowed))
        depth = max(k, k * len(self) // left * 2)
        while True:
            numbers, scores = self._index.search(matching, depth)
            met = masked(allowed, numbers)
            if met.sum() >= k or len(numbers) < depth:
                return numbers[met][:k], scores[met][:k]
            depth *= 4

    def _frequencies(self, tokens: Iterable[str]) -> dict[str, int]:
        held = {token: self._index.document_frequency(token) for token in tokens}
        if self._visible is None:
            return held
        with self._counting:
            known = {token: count for token in held if (count := self._counts.get(token)) is not None}
        new = {token: count for token, count in held.items() if token not in known}
        rare = {token: self._exactly(token, count, self._visible) for token, count in new.items() if count <= _SAMPLED}
        counts = rare | self._about([token for token in new if token not in rare], self._visible)
        with self._counting:
            self._counts.update(counts)
        return known | counts

    def _exactly(self, token: str, held: int, visible: Mask) -> int:
        return int(masked(visible, self._index.search(self._index.token(token), held)[0]).sum())

    def _about(self, tokens: Sequence[str], visible: Mask) -> dict[str, int]:
        """Return about how many of the visible passages hold tokens that many hold, by a sample of them."""
        if self._sample is None:
            numbers = np.flatnonzero(visible)
            few = min(len(numbers), _SAMPLED)
            self._sample = np.sort(np.random.default_rng(1).choice(numbers, few, replace=False))
        found = self._index.matches([self._index.token(token) for token in tokens], self._sample).sum(axis=0)
        return {
            token: round(share * self.counted) or len(self._best(self._index.token(token), 1, None)[0])
            for token, share in zip(tokens, (found / max(1, len(self._sample))).tolist(), strict=True)
        }

    def _matching(self, query: Query) -> tantivy.Query:
        forms = (form for token in query.tokens for form in same_number(token))
        counts = self._frequencies(forms) if self._visible is not None else {}
        return any_of([self._token(token, counts) for token in query.tokens])

    def _token(self, token: str, counts: Mapping[str, int]) -> tantivy.Query:
        if len(token) == 1 and not token.isascii():  # a lone Han: the pairs it is part of
            return self._index.pairs_with(token)
        forms = [self._form(form, counts.get(form)) for form in same_number(token)]
        return forms[0] if len(forms) == 1 else tantivy.Query.disjunction_max_query(forms)

    def _form(self, form: str, count: int | None) -> tantivy.Query:
        """Return what finds a token, as rare as it is where so many passages hold it, None: all that do."""
        exact = self._index.token(form)
        if count is None or not (held := self._index.document_frequency(form)):
            return exact
        return tantivy.Query.boost_query(exact, idf(count, self.counted) / idf(held, self._index.indexed))
