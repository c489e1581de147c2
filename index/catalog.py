"""The catalog: one SQLite file, the only truth about what is indexed. One document is one transaction.

Each change to a document raises the change counter; views (vectors, keywords) remember the change they have reached
and ask for what came after. Passage numbers are never used again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from index.errors import Busy
from index.schema import EMBEDDED, FILE, connect, prepare, transaction
from index.stored import Changes, Stamp, dump, embedded_text
from ingest.document import Document


class Catalog:
    """The catalog in a data folder; each call opens its own connection, so threads and processes may share it."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE
        prepare(self.path)

    @staticmethod
    def is_in(data: Path) -> bool:
        """Tell whether a data folder holds a catalog."""
        return (data / FILE).is_file()

    def connect(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open a connection of one's own."""
        return connect(self.path)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of the one writer; raise Busy if another process has it."""
        lock = FileLock(f"{self.path}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise Busy("另一个进程正在写这个数据文件夹，请等它结束后再试") from error
        try:
            yield
        finally:
            lock.release()

    def state(self, key: str) -> str:
        """Return a remembered value, "" if there is none."""
        with self.connect() as db:
            row = db.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
        return row[0] if row else ""

    def remember(self, key: str, value: str) -> None:
        """Keep a value under a key."""
        with self.connect() as db:
            db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, value])

    def counts(self) -> dict[str, int]:
        """Return how many documents, items and passages are indexed."""
        with self.connect() as db:
            tables = ("documents", "items", "passages")
            return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}

    def change(self) -> int:
        """Return the number of the last change."""
        return int(self.state("change"))

    # Documents

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamp of every indexed file."""
        with self.connect() as db:
            rows = db.execute("SELECT file, size, mtime_ns, sha256 FROM documents").fetchall()
        return {file: Stamp(*rest) for file, *rest in rows}

    def touch(self, file: str, stamp: Stamp) -> None:
        """Remember a new stamp of a file whose content is the same."""
        with self.connect() as db:
            db.execute("UPDATE documents SET size = ?, mtime_ns = ? WHERE file = ?", [stamp.size, stamp.mtime_ns, file])

    def put(self, document: Document, stamp: Stamp, model: str, vectors: npt.NDArray[np.float32]) -> None:
        """Index a document in place of what was at its file; `vectors` are those of its passages in order, `(n, d)`."""
        rows = iter(np.ascontiguousarray(vectors, "<f4"))
        with self.connect() as db, transaction(db):
            change = _next_change(db)
            _remove(db, document.file, change)
            record = {k: v for k, v in asdict(document).items() if k not in ("file", "text", "items")}
            place = [document.id, document.file, document.kind, document.date, document.series, document.text]
            db.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [*place, dump(record), stamp.size, stamp.mtime_ns, stamp.sha256],
            )
            for position, item in enumerate(document.items, 1):
                item_id = f"{document.id}-{position}"
                fields = {k: v for k, v in asdict(item).items() if k != "passages"}
                db.execute("INSERT INTO items VALUES (?, ?, ?, ?)", [item_id, document.id, item.section, dump(fields)])
                db.executemany("INSERT INTO contributors VALUES (?, ?)", [(item_id, name) for name in item.contributors])
                for p in item.passages:
                    span = [item_id, p.start, p.end, p.role, p.context, change]
                    number = db.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?)", span).lastrowid
                    db.execute("INSERT INTO vectors VALUES (?, ?, ?)", [number, model, next(rows).tobytes()])

    def remove(self, file: str) -> None:
        """Take a document out."""
        with self.connect() as db, transaction(db):
            _remove(db, file, _next_change(db))

    # Vectors

    def vectors_of(self, file: str, model: str) -> dict[str, bytes]:
        """Return the vectors that a file's passages have, by the text they were made of."""
        with self.connect() as db:
            rows = db.execute(f"{EMBEDDED} WHERE file = ? AND model = ?", [file, model]).fetchall()
        return {embedded_text(context, text): vector for _, context, text, vector in rows}

    def without_vectors(self, model: str, most: int) -> list[tuple[int, str]]:
        """Return up to `most` passages that this model has not encoded: number, text to encode."""
        with self.connect() as db:
            rows = db.execute(
                'SELECT number, context, substr(text, start + 1, "end" - start) FROM passages p'
                " JOIN items ON items.id = item_id JOIN documents ON documents.id = document_id"
                " WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.number = p.number AND v.model = ?) LIMIT ?",
                [model, most],
            )
            return [(number, embedded_text(context, text)) for number, context, text in rows]

    def add_vectors(self, model: str, numbers: Sequence[int], vectors: npt.NDArray[np.float32]) -> None:
        """Store vectors, `(n, d)`, of passages that this model had not encoded; views of it learn of them."""
        rows = zip(numbers, np.ascontiguousarray(vectors, "<f4"), strict=True)
        with self.connect() as db, transaction(db):
            db.executemany("INSERT INTO vectors VALUES (?, ?, ?)", [(number, model, row.tobytes()) for number, row in rows])
            if model == self.state("model"):
                change = _next_change(db)
                db.executemany("UPDATE passages SET change = ? WHERE number = ?", [(change, number) for number in numbers])

    def adopt(self, model: str) -> None:
        """Serve this model's vectors from now on and drop all others; a new change number makes views start anew."""
        with self.connect() as db, transaction(db):
            _next_change(db)
            db.execute("INSERT OR REPLACE INTO state VALUES ('model', ?)", [model])
            db.execute("DELETE FROM vectors WHERE model <> ?", [model])

    def changes_after(self, change: int) -> Changes:
        """Return what a view that has reached `change` has to apply."""
        with self.connect() as db, transaction(db, "BEGIN"):
            state = dict(db.execute("SELECT key, value FROM state"))
            model = state.get("model", "")
            gone = [row[0] for row in db.execute("SELECT number FROM removed WHERE change > ?", [change])]
            added = db.execute(f"{EMBEDDED} WHERE change > ? AND model = ? ORDER BY number", [change, model]).fetchall()
        return Changes(int(state["change"]), model, gone, added)


def _next_change(db: sqlite3.Connection) -> int:
    db.execute("UPDATE state SET value = CAST(value AS INTEGER) + 1 WHERE key = 'change'")
    return int(db.execute("SELECT value FROM state WHERE key = 'change'").fetchone()[0])


def _remove(db: sqlite3.Connection, file: str, change: int) -> None:
    db.execute(
        "INSERT INTO removed SELECT number, ? FROM passages JOIN items ON items.id = item_id"
        " JOIN documents ON documents.id = document_id WHERE file = ?",
        [change, file],
    )
    db.execute("DELETE FROM documents WHERE file = ?", [file])
