"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75); and which words passages contain.

For a caller who may not see all, scores are made of the texts with the IDF and the mean length of the visible passages, so that
they reveal nothing of the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from threading import Lock

import numpy as np
import tantivy
from cachetools import LRUCache

from index.arrays import Floats, Mask, Numbers, Scores, Vectors, both, masked
from index.retrieval import Synonyms
from index.text.query import Query
from index.text.rarity import idf, total_idf
from index.text.words import fold, same_number, tokens
from index.views.tantivy_index import TantivyIndex, any_of

_SAMPLED = 2_000  # passages; a token in more than these is counted in a sample of as many visible passages
_MOST_LENGTHS = 100_000  # of passages, kept; 10 MB
_MOST_COUNTS = 20_000  # tokens with cached counts; 2 MB for each set of visible documents
# A filter that leaves up to this many passages is part of the query; a wider one is applied to the hits, of which as many
# are fetched as it takes.
_FEW = 5_000

_SATURATION, _BY_LENGTH = 1.2, 0.75  # k1 and b of BM25, as in tantivy

_HAN_PAIR = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]{2}")
TextsOf = Callable[[Sequence[int]], Mapping[int, str]]  # the texts of passages, by their numbers


class KeywordView:
    """Passage numbers by BM25 of the tokens they share with a query, and by the words they contain."""

    def __init__(self, saved: Path | None = None) -> None:
        self._index = TantivyIndex(saved)
        self._restrict(None)

    def within(self, visible: Mask) -> KeywordView:
        """Return the view as searched by a caller to whom these passages are visible."""
        view = copy(self)
        view._restrict(visible)
        return view

    def _restrict(self, visible: Mask | None) -> None:
        self._visible = visible
        self._sample: Numbers | None = None  # of the visible passages
        self._counts: LRUCache[str, int] = LRUCache(_MOST_COUNTS)  # token → number of visible passages that contain it
        self._counting = Lock()
        self._mean_length = 0.0  # of the visible passages, in tokens; 0 until it is known
        self._lengths: dict[int, int] = {}  # of passages whose BM25 was asked for, in tokens

    def __len__(self) -> int:
        return len(self._index)

    @property
    def numbers(self) -> Numbers:
        """The numbers of the passages in the view."""
        return self._index.numbers

    def update(self, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> None:
        """Remove passages, then add passages, number and text; raise ViewsUnusable if they cannot be written."""
        self._index.update(removed, added)

    def save(self, folder: Path) -> None:
        """Write the view into a folder."""
        self._index.save(folder)

    @property
    def counted(self) -> int:
        """How many passages frequencies are counted in; where all are visible, removed ones too, as in tantivy's BM25."""
        return self._index.indexed if self._visible is None else min(int(self._visible.sum()), len(self))

    def search(self, query: Query, k: int, allowed: Mask | None = None) -> Scores:
        """Return the numbers and BM25 scores of the `k` best passages, best first, among `allowed` if given.

        The mean length of passages in these scores is that of all: a caller who may not see all is told `scores`.
        """
        return self._best(self._matching(query), k, allowed)

    def scores(self, query: Query, numbers: Numbers, texts: TextsOf) -> Floats:
        """Return the BM25 of each of these passages, given in ascending order, 0 where it shares no token."""
        if self._visible is None:
            return self._index.scores(self._matching(query), numbers)
        mean, held = self._mean(texts), {number: fold(text) for number, text in texts(numbers.tolist()).items()}
        forms = [(token, same_number(token)) for token in query.tokens]
        found = self._frequencies(form for _, same in forms for form in same)
        rare = {form: idf(count, self.counted) for form, count in found.items()}
        lengths = [self._length(number, held.get(number, "")) / mean for number in numbers.tolist()]
        each = zip(numbers.tolist(), lengths, strict=True)
        return np.array([_bm25(forms, rare, held.get(number, ""), length) for number, length in each], np.float32)

    def _mean(self, texts: TextsOf) -> float:
        if not self._mean_length:
            lengths = [self._length(number, fold(text)) for number, text in texts(self._sampled().tolist()).items()]
            self._mean_length = max(1.0, sum(lengths) / max(1, len(lengths)))
        return self._mean_length

    def _length(self, number: int, folded: str) -> int:
        """Return how many tokens a passage has; a number means the same passage for good."""
        if (length := self._lengths.get(number)) is None:
            if len(self._lengths) >= _MOST_LENGTHS:
                self._lengths.clear()
            length = self._lengths[number] = len(tokens(folded))
        return length

    @property
    def is_whole(self) -> bool:
        """Whether all passages are visible."""
        return self._visible is None

    def total_idf(self, query: Query) -> float:
        """Return the summed IDF of a query's tokens."""
        return total_idf(self.frequencies(query).values(), self.counted)

    def frequencies(self, query: Query) -> dict[str, int]:
        """Return how many of the `counted` passages contain each of a query's tokens."""
        return self._frequencies(query.tokens)

    def synonym_scores(self, words: Sequence[Synonyms], numbers: Numbers) -> Floats:
        """Return for each passage, numbers ascending, the sum over words of the best score of a synonym it contains."""
        best = [tantivy.Query.disjunction_max_query(self._index.weighted(synonyms)) for synonyms in words]
        return self._index.scores(any_of(best), numbers)

    def word_matches(self, words: Sequence[str], numbers: Numbers) -> Vectors:
        """Return which of these words each passage, numbers ascending, contains: `(passages, words)` of 0 and 1."""
        return self._index.matches([self._index.word(word) for word in words], numbers)

    def held(self, query: Query, numbers: Numbers) -> Floats:
        """Return how much of a query's total IDF the tokens make up that each passage, numbers ascending, contains: 0 to 1."""
        rarity = np.array([idf(count, self.counted) for count in self.frequencies(query).values()], np.float32)
        if not rarity.sum():
            return np.zeros(len(numbers), np.float32)
        found = self._index.matches([self._token(token, {}) for token in query.tokens], numbers)
        shares: Floats = found @ (rarity / rarity.sum())
        return shares

    def passages_with(self, weights: Mapping[str, float], k: int, allowed: Mask | None) -> Numbers:
        """Return the `k` passages among `allowed` whose words have the largest total weight, best first."""
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
            included = masked(allowed, numbers)
            if included.sum() >= k or len(numbers) < depth:
                return numbers[included][:k], scores[included][:k]
            depth *= 4

    def _frequencies(self, asked: Iterable[str]) -> dict[str, int]:
        in_all = {token: self._index.document_frequency(token) for token in asked}
        if self._visible is None:
            return in_all
        with self._counting:
            cached = {token: count for token in in_all if (count := self._counts.get(token)) is not None}
        new = {token: count for token, count in in_all.items() if token not in cached}
        rare = {token: self._exactly(token, count, self._visible) for token, count in new.items() if count <= _SAMPLED}
        counts = rare | self._about([token for token in new if token not in rare])
        with self._counting:
            self._counts.update(counts)
        return cached | counts

    def _exactly(self, token: str, frequency: int, visible: Mask) -> int:
        return int(masked(visible, self._index.search(self._index.token(token), frequency)[0]).sum())

    def _about(self, frequent: Sequence[str]) -> dict[str, int]:
        """Estimate from a sample how many visible passages contain each of these frequent tokens."""
        sample = self._sampled()
        found = self._index.matches([self._index.token(token) for token in frequent], sample).sum(axis=0)
        return {
            token: round(share * self.counted) or len(self._best(self._index.token(token), 1, None)[0])
            for token, share in zip(frequent, (found / max(1, len(sample))).tolist(), strict=True)
        }

    def _sampled(self) -> Numbers:
        """Return the numbers of some of the visible passages."""
        if self._sample is None:
            numbers = np.arange(0) if self._visible is None else np.flatnonzero(self._visible)
            few = min(len(numbers), _SAMPLED)
            self._sample = np.sort(np.random.default_rng(1).choice(numbers, few, replace=False))
        return self._sample

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
        """Return a query for a token with the IDF of one in `count` passages; None: the IDF of the whole index."""
        exact = self._index.token(form)
        if count is None or not (in_all := self._index.document_frequency(form)):
            return exact
        return tantivy.Query.boost_query(exact, idf(count, self.counted) / idf(in_all, self._index.indexed))


def _bm25(forms: Sequence[tuple[str, Sequence[str]]], rare: Mapping[str, float], folded: str, length: float) -> float:
    """Return the BM25 of a folded text for a query's tokens, given in the forms that mean the same number.

    `length`: of the text, as a share of the mean.
    """
    norm, score = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * length), 0.0
    others: Counter[str] | None = None  # the text's tokens: numbers and Latin words count whole
    for token, same in forms:
        if len(token) == 1 and not token.isascii():  # a lone Han: the pairs it is part of
            score += token in folded
            continue
        for_token = 0.0
        for form in same:
            if _HAN_PAIR.fullmatch(form):
                count = folded.count(form)
            else:
                others = Counter(tokens(folded)) if others is None else others
                count = others[form]
            for_token = max(for_token, rare[form] * count * (_SATURATION + 1) / (count + norm))
        score += for_token
    return score
