"""Which words passages hold: in groups of like meaning, one by one, and where most of a set of words stands together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tantivy

from index.keywords import BITS, KeywordView
from index.segment import Numbers, Vectors
from index.vectors import Mask

Group = dict[str, float]  # words, and what each counts


def held(view: KeywordView, groups: Sequence[Group], numbers: Numbers) -> Vectors:
    """Return for each of these passages the sum, over the groups, of the most that a word it holds counts there."""
    best = [tantivy.Query.disjunction_max_query([_counting(view, *pair) for pair in group.items()]) for group in groups]
    return view.among(tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in best]), numbers)


def holds(view: KeywordView, words: Sequence[str], numbers: Numbers) -> Vectors:
    """Return which of these words each of these passages, in ascending order, holds: `(passages, words)` of 0 and 1."""
    found = np.zeros((len(numbers), len(words)), np.float32)
    for first in range(0, len(words), BITS):
        some = words[first : first + BITS]
        sums = held(view, [{word: float(1 << bit)} for bit, word in enumerate(some)], numbers).astype(np.int64)
        found[:, first : first + len(some)] = (sums[:, None] >> np.arange(len(some))) & 1
    return found


def holding(view: KeywordView, weights: Mapping[str, float], k: int, allowed: Mask | None) -> Numbers:
    """Return the `k` passages among `allowed` that hold most of the weight of some words."""
    each = [(tantivy.Occur.Should, _counting(view, word, weight)) for word, weight in weights.items()]
    return view.best(tantivy.Query.boolean_query(each), k, allowed)[0]


def _counting(view: KeywordView, word: str, weight: float) -> tantivy.Query:
    return tantivy.Query.const_score_query(tantivy.Query.term_query(view.schema, "words", word, "basic"), weight)
