"""Which words passages hold: in groups of like meaning, one by one, and where most of a set of words stands together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tantivy

from index.arrays import Mask, Numbers, Vectors
from index.views.keyword_index import any_of
from index.views.keywords import KeywordView

Synonyms = dict[str, float]  # words, and what each counts


def synonym_scores(view: KeywordView, groups: Sequence[Synonyms], numbers: Numbers) -> Vectors:
    """Return for each of these passages the sum, over the groups, of the most that a word it holds counts there."""
    best = [tantivy.Query.disjunction_max_query([_counting(view, *pair) for pair in group.items()]) for group in groups]
    return view.among(any_of(best), numbers)


def word_matches(view: KeywordView, words: Sequence[str], numbers: Numbers) -> Vectors:
    """Return which of these words each of these passages, in ascending order, holds: `(passages, words)` of 0 and 1."""
    return view.matches([_word(view, word) for word in words], numbers)


def passages_with(view: KeywordView, weights: Mapping[str, float], k: int, allowed: Mask | None) -> Numbers:
    """Return the `k` passages among `allowed` that hold most of the weight of some words."""
    return view.best(any_of([_counting(view, *pair) for pair in weights.items()]), k, allowed)[0]


def _counting(view: KeywordView, word: str, weight: float) -> tantivy.Query:
    return tantivy.Query.const_score_query(_word(view, word), weight)


def _word(view: KeywordView, word: str) -> tantivy.Query:
    return tantivy.Query.term_query(view.schema, "words", word, "basic")
