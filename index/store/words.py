"""The collection's words: how many passages contain each, its vector, and what they were learned from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from index.store.connections import placeholders
from index.store.handle import Connection, WritableConnection

_KEY = "words"  # in the table `state`


@dataclass(frozen=True, slots=True)
class Learned:
    """What the words were learned from; it differs whenever they have been learned again."""

    model: str  # whose vectors they have
    passages: int  # in the collection at that time
    counted: int  # how many of these were looked through

    def __str__(self) -> str:
        return f"{self.model} {self.passages} {self.counted}"


def learned_from(db: Connection) -> Learned | None:
    """Return what the words were learned from, None if they never were."""
    row = db.execute("SELECT value FROM state WHERE key = ?", [_KEY]).fetchone()
    if row is None:
        return None
    model, passages, counted = row[0].rsplit(" ", 2)
    return Learned(model, int(passages), int(counted))


def words_of(db: Connection, model: str) -> list[tuple[str, int, bytes]]:
    """Return each word, how many of the passages counted contain it, and its vector from this model, little-endian float32."""
    return db.execute("SELECT word, passages, vector FROM words WHERE model = ?", [model]).fetchall()


def frequencies_of(db: Connection, words: Collection[str]) -> dict[str, int]:
    """Return how many of the passages counted contain each of these words, without words that were not learned."""
    return dict(db.execute(f"SELECT word, passages FROM words WHERE word IN ({placeholders(words)})", list(words)))


def frequent_words(db: Connection, least: int) -> list[str]:
    """Return the words in at least `least` passages: those of three characters and more first, then by frequency."""
    rows = db.execute("SELECT word FROM words WHERE passages >= ? ORDER BY length(word) < 3, passages DESC", [least])
    return [row[0] for row in rows]


def replace_words(db: WritableConnection, learned: Learned, words: Iterable[tuple[str, int, bytes]]) -> None:
    """Replace all words with these, in the form that `words_of` returns; within the caller's transaction."""
    db.execute("DELETE FROM words")
    db.executemany("INSERT INTO words VALUES (?, ?, ?, ?)", ((word, learned.model, n, vector) for word, n, vector in words))
    db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [_KEY, str(learned)])
