"""The vectors in the catalog: which passages have one from which model, and the changes that views have to apply."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.arrays import Vectors
from index.store.catalog import Catalog
from index.store.changes import NEW_LINEAGE, next_change, position
from index.store.connections import transaction
from index.store.handle import Connection
from index.store.passages import TEXTS, TEXTS_WITH_VECTORS
from index.store.records import Changes, embedded_text

_LOOKED_AT = 10  # passages; the first of them whose vector is not zero is the sample
_WITHOUT = "NOT EXISTS (SELECT 1 FROM vectors v WHERE v.number = passages.number AND v.model = ?)"


def encoded_sample(catalog: Catalog, model: str) -> tuple[str, Vectors] | None:
    """Return the text that a passage was encoded from, with its vector from this model, `(d,)`; None if there is none."""
    with catalog.connect() as db:
        rows = db.execute(f"{TEXTS_WITH_VECTORS} WHERE model = ? LIMIT {_LOOKED_AT}", [model]).fetchall()
    pairs = ((embedded_text(context, text), np.frombuffer(vector, "<f4")) for _, context, text, vector in rows)
    return next(((text, vector) for text, vector in pairs if vector.any()), None)  # zeros: the encoder refused it


def length_of_vectors(catalog: Catalog, model: str) -> int:
    """Return the dimension of a model's vectors, 0 if there are none."""
    with catalog.connect() as db:
        row = db.execute("SELECT length(vector) / 4 FROM vectors WHERE model = ? LIMIT 1", [model]).fetchone()
    return int(row[0]) if row else 0


def vectors_of(catalog: Catalog, file: str, model: str) -> dict[str, bytes]:
    """Return text → vector, little-endian float32, of a file's passages that this model has encoded."""
    with catalog.connect() as db:
        rows = db.execute(f"{TEXTS_WITH_VECTORS} WHERE file = ? AND model = ?", [file, model]).fetchall()
    return {embedded_text(context, text): vector for _, context, text, vector in rows}


def count_without_vectors(catalog: Catalog, model: str) -> int:
    """Return how many passages this model has not encoded."""
    with catalog.connect() as db:
        return int(db.execute(f"SELECT count(*) FROM passages WHERE {_WITHOUT}", [model]).fetchone()[0])


def without_vectors(catalog: Catalog, model: str, most: int) -> list[tuple[int, str]]:
    """Return up to `most` passages that this model has not encoded: number, text to encode."""
    with catalog.connect() as db:
        rows = db.execute(f"{TEXTS} WHERE {_WITHOUT} LIMIT ?", [model, most])
        return [(number, embedded_text(context, text)) for number, context, text in rows]


def add_vectors(catalog: Catalog, model: str, numbers: Sequence[int], vectors: Vectors) -> None:
    """Store vectors, `(n, d)`, of passages that this model had not encoded; views of its vectors will apply them."""
    rows = zip(numbers, np.ascontiguousarray(vectors, "<f4"), strict=True)
    with catalog.connect() as db, transaction(db):
        db.executemany("INSERT INTO vectors VALUES (?, ?, ?)", [(number, model, row.tobytes()) for number, row in rows])
        if model == catalog.state("model"):
            change = next_change(db)
            db.executemany("UPDATE passages SET change = ? WHERE number = ?", [(change, number) for number in numbers])


def adopt(catalog: Catalog, model: str) -> None:
    """Serve this model's vectors from now on and delete all others; views start anew."""
    with catalog.connect() as db, transaction(db):
        next_change(db)
        db.execute("INSERT OR REPLACE INTO state VALUES ('model', ?)", [model])
        db.execute(NEW_LINEAGE)
        db.execute("DELETE FROM vectors WHERE model <> ?", [model])
        db.execute("DELETE FROM removed")


def changes_after(db: Connection, lineage: str, change: int) -> Changes:
    """Return what views that have reached `change` have to apply: everything, if that was in another lineage.

    Texts and vectors are read while they are iterated, within the caller's transaction.
    """
    now, last, model = position(db)
    since = change if lineage == now else 0
    stale = "SELECT number FROM removed WHERE change > ? UNION ALL SELECT number FROM passages WHERE change > ?"
    return Changes(
        lineage=now,
        last=last,
        model=model,
        removed=[row[0] for row in db.execute(stale, [since, since])] if since else [],
        texts=db.execute(f"{TEXTS} WHERE change > ? AND same_as IS NULL ORDER BY number", [since]),
        vectors=db.execute(
            "SELECT number, vector FROM passages JOIN vectors USING (number) JOIN items ON items.id = item_id"
            " WHERE change > ? AND model = ? AND same_as IS NULL ORDER BY number",
            [since, model],
        ),
    )
