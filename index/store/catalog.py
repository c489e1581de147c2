"""The catalog: one SQLite file, the only truth about what is indexed. One document is one transaction.

Each change to a document raises the change counter; views (vectors, keywords) remember the change they have reached
and ask for what came after. Passage numbers are never used again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, astuple
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.store.connections import transaction
from index.store.groups import PUBLIC, Groups, Rules, are_kept, group_of, regroup
from index.store.layout import FILE
from index.store.records import Stamp, checksum, dump
from index.store.reprints import link_reprint, promote_reprints
from index.store.state import State, next_change, position
from ingest.document import Document


class Catalog(State):
    """The documents in a data folder."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._counts: dict[Groups, tuple[object, dict[str, int]]] = {}  # by who sees what

    @staticmethod
    def is_in(data: Path) -> bool:
        """Tell whether a data folder holds a catalog."""
        return (data / FILE).is_file()

    def counts(self) -> dict[str, int]:
        """Return how many documents, items and passages are indexed; a reprint counts once. Counted once for each change."""
        with self.connect() as db:
            now, known = position(db), self._counts.get(self._groups)
            if known is None or known[0] != now:
                searched = " WHERE items.same_as IS NULL"
                tables = {
                    "documents": "documents",
                    "items": f"items{searched}",
                    "passages": f"passages JOIN items ON items.id = item_id{searched}",
                }
                counted = {name: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}
                known = self._counts[self._groups] = now, counted
        return dict(known[1])

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamp of every indexed file."""
        with self.connect() as db:
            rows = db.execute("SELECT file, size, mtime_ns, sha256, reading, same_as, reason FROM files").fetchall()
        return {file: Stamp(*rest) for file, *rest in rows}

    def stamp(self, file: str, stamp: Stamp) -> None:
        """Remember that a file has been read to its end, could not be, or is a copy of another."""
        with self.connect() as db:
            row = [file, *astuple(stamp), group_of(db, file)]
            db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def documents_of(self, file: str) -> set[str]:
        """Return the ids of the documents that were read from a file."""
        with self.connect() as db:
            return {row[0] for row in db.execute("SELECT id FROM documents WHERE origin = ?", [file])}

    def origins(self) -> set[str]:
        """Return the files of which documents are stored; one that was being read when a sync was killed has no stamp."""
        with self.connect() as db:
            return {row[0] for row in db.execute("SELECT DISTINCT origin FROM documents")}

    def put(self, document: Document, origin: str, model: str, vectors: npt.NDArray[np.float32]) -> None:
        """Index a document read from the file `origin` in place of what was at its own; `vectors`, `(n, d)`: its passages'.

        An item that another document already holds is stored as its reprint.
        """
        rows = iter(np.ascontiguousarray(vectors, "<f4"))
        with self.connect() as db, transaction(db):
            change = next_change(db)
            _remove(db, document.id, change)
            record = {k: v for k, v in asdict(document).items() if k not in ("file", "text", "items")}
            text, rest = document.text, dump(record)
            place = [document.id, document.file, document.kind, document.date, document.series, text, rest, origin]
            groups = [group_of(db, origin), document.group or PUBLIC]
            row = [*place, checksum(document.file, text, rest), *groups]
            db.execute(f"INSERT INTO documents VALUES ({','.join('?' * len(row))})", row)
            for position, item in enumerate(document.items, 1):
                item_id = f"{document.id}-{position}"
                fields = dump({k: v for k, v in asdict(item).items() if k != "passages"})
                row = [item_id, document.id, item.section, fields, checksum(fields)]
                db.execute("INSERT INTO items VALUES (?, ?, ?, ?, NULL, ?)", row)
                db.executemany("INSERT INTO contributors VALUES (?, ?)", [(item_id, name) for name in item.contributors])
                db.executemany("INSERT INTO regions VALUES (?, ?)", [(item_id, region.name) for region in item.regions])
                link_reprint(db, item_id, document, item)
                for p in item.passages:
                    span = [item_id, p.start, p.end, p.role, p.context, change]
                    number = db.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?)", span).lastrowid
                    db.execute("INSERT INTO vectors VALUES (?, ?, ?)", [number, model, next(rows).tobytes()])

    def regroup(self, rules: Rules) -> None:
        """Let folders belong to groups as these rules say, also for what is held; the caller holds the writer's lock."""
        with self.connect() as db, transaction(db):
            if not are_kept(db, rules):
                regroup(db, rules, next_change(db))

    def remove(self, document_ids: Iterable[str]) -> None:
        """Take documents out."""
        for document_id in document_ids:
            with self.connect() as db, transaction(db):
                _remove(db, document_id, next_change(db))

    def forget(self, file: str) -> None:
        """Take a file out with all its documents."""
        self.remove(self.documents_of(file))
        with self.connect() as db:
            db.execute("DELETE FROM files WHERE file = ?", [file])


def _remove(db: sqlite3.Connection, document_id: str, change: int) -> None:
    db.execute(
        "INSERT INTO removed SELECT number, ? FROM passages JOIN items ON items.id = item_id WHERE document_id = ?",
        [change, document_id],
    )
    promote_reprints(db, document_id, change)
    db.execute("DELETE FROM documents WHERE id = ?", [document_id])
