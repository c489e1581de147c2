"""Learn the collection's words at the end of a sync: each one's passage count and vector (see index.search.synonyms)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import ceil

from index.arrays import Vectors
from index.store.catalog import Catalog
from index.store.changes import next_change
from index.store.connections import transaction
from index.store.passages import TEXTS
from index.store.records import embedded_text
from index.store.words import Learned, learned_from, replace_words, words_of
from index.text.words import fold, words

_LOOKED_THROUGH = 20_000  # passages, spread evenly, from which the words are learned
# The most frequent; 15 MB of vectors. Rarer ones are names and wrongly segmented words that are near to anything: nDCG@10 on
# `precedents` with 6,000 to 13,000 words 0.46 to 0.49, with 30,000 0.43. A small collection needs all of its own words: with
# 1,200 of 3,500 fewer of its precedents are found.
_MOST_WORDS = 10_000
_LONGEST = 5  # characters
_GROWN = 1.2  # words are learned again when the number of passages has grown or shrunk by this factor


def learn(catalog: Catalog, model: str, encode: Callable[[list[str]], list[Vectors]]) -> None:
    """Learn the words from the collection, unless it is nearly as large as when they were last learned."""
    with catalog.connect() as db:
        learned = learned_from(db)
        passages = int(db.execute("SELECT count(*) FROM passages").fetchone()[0])
    if not passages or (learned and learned.model == model and 1 / _GROWN <= passages / max(1, learned.passages) <= _GROWN):
        return
    frequencies, counted = _count(catalog, ceil(passages / _LOOKED_THROUGH) or 1)
    with catalog.connect() as db:
        vectors = {word: vector for word, _, vector in words_of(db, model) if word in frequencies}
    new = [word for word in frequencies if word not in vectors]
    encoded = zip(new, encode(new), strict=True)
    vectors |= {word: vector.astype("<f4").tobytes() for word, vector in encoded if vector.any()}  # zeros: it was refused
    with catalog.connect() as db, transaction(db):
        next_change(db)  # so that views look for the new words
        entries = ((word, frequencies[word], vector) for word, vector in vectors.items())
        replace_words(db, Learned(model, passages, counted), entries)


def _count(catalog: Catalog, step: int) -> tuple[dict[str, int], int]:
    """Return how many of the passages looked through contain each frequent word, and the number of these passages."""
    counts: Counter[str] = Counter()
    looked_through = 0
    with catalog.connect() as db:
        rows = db.execute(f"{TEXTS} WHERE number % ? = 0 AND same_as IS NULL", [step])
        for _, context, text in rows:
            counts.update({word for word in words(fold(embedded_text(context, text))) if len(word) <= _LONGEST})
            looked_through += 1
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_WORDS]
    return dict(frequent), looked_through
