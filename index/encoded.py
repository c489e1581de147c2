"""What the catalog knows of vectors: which passages have one of which model, and what views have to catch up with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.catalog import Catalog, next_change
from index.schema import EMBEDDED, transaction
from index.stored import Changes, embedded_text


def vectors_of(catalog: Catalog, file: str, model: str) -> dict[str, bytes]:
    """Return the vectors that a file's passages have, by the text they were made of."""
    with catalog.connect() as db:
        rows = db.execute(f"{EMBEDDED} WHERE file = ? AND model = ?", [file, model]).fetchall()
    return {embedded_text(context, text): vector for _, context, text, vector in rows}


def without_vectors(catalog: Catalog, model: str, most: int) -> list[tuple[int, str]]:
    """Return up to `most` passages that this model has not encoded: number, text to encode."""
    with catalog.connect() as db:
        rows = db.execute(
            'SELECT number, context, substr(text, start + 1, "end" - start) FROM passages p'
            " JOIN items ON items.id = item_id JOIN documents ON documents.id = document_id"
            " WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.number = p.number AND v.model = ?) LIMIT ?",
            [model, most],
        )
        return [(number, embedded_text(context, text)) for number, context, text in rows]


def add_vectors(catalog: Catalog, model: str, numbers: Sequence[int], vectors: npt.NDArray[np.float32]) -> None:
    """Store vectors, `(n, d)`, of passages that this model had not encoded; views of it learn of them."""
    rows = zip(numbers, np.ascontiguousarray(vectors, "<f4"), strict=True)
    with catalog.connect() as db, transaction(db):
        db.executemany("INSERT INTO vectors VALUES (?, ?, ?)", [(number, model, row.tobytes()) for number, row in rows])
        if model == catalog.state("model"):
            change = next_change(db)
            db.executemany("UPDATE passages SET change = ? WHERE number = ?", [(change, number) for number in numbers])


def adopt(catalog: Catalog, model: str) -> None:
    """Serve this model's vectors from now on and drop all others; a new change number makes views start anew."""
    with catalog.connect() as db, transaction(db):
        next_change(db)
        db.execute("INSERT OR REPLACE INTO state VALUES ('model', ?)", [model])
        db.execute("DELETE FROM vectors WHERE model <> ?", [model])


def changes_after(catalog: Catalog, change: int) -> Changes:
    """Return what a view that has reached `change` has to apply."""
    with catalog.connect() as db, transaction(db, "BEGIN"):
        state = dict(db.execute("SELECT key, value FROM state"))
        model = state.get("model", "")
        gone = [row[0] for row in db.execute("SELECT number FROM removed WHERE change > ?", [change])]
        added = db.execute(
            f"{EMBEDDED} WHERE change > ? AND model = ? AND same_as IS NULL ORDER BY number", [change, model]
        ).fetchall()
    return Changes(int(state["change"]), model, gone, added)
