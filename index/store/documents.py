"""What is asked of the catalog: documents, passages by number, the numbers that meet conditions, counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence, Sized
from typing import Any

from index.store.catalog import Catalog
from index.store.connections import transaction
from index.store.records import StoredPassage, embedded_text, load_document, load_item
from ingest.citation import cite
from ingest.document import Document, Item, Passage


def list_documents(catalog: Catalog, most: int) -> list[dict[str, Any]]:
    """Return what is held, newest first: id, file, kind, date, series, title, source and number of items; at most `most`."""
    with catalog.connect() as db:
        db.row_factory = sqlite3.Row
        rows = db.execute(
            "SELECT d.id, file, kind, date, series, json_extract(d.record, '$.title') AS title,"
            " json_extract(d.record, '$.source') AS source, count(*) AS items"
            " FROM documents d JOIN items ON document_id = d.id GROUP BY d.id ORDER BY date DESC, file LIMIT ?",
            [most],
        )
        return [dict(row) for row in rows]


def list_issues(catalog: Catalog) -> list[tuple[str, int | None, int]]:
    """Return series, year and number of every issue held."""
    with catalog.connect() as db:
        return db.execute(
            "SELECT DISTINCT series, json_extract(record, '$.year'), json_extract(record, '$.issue') AS issue FROM documents"
            " WHERE kind = 'bulletin' AND series <> '' AND issue IS NOT NULL"
        ).fetchall()


def skipped_files(catalog: Catalog) -> list[tuple[str, str]]:
    """Return the files that the last sync could not read, and why."""
    with catalog.connect() as db:
        return db.execute("SELECT file, reason FROM files WHERE reason <> '' ORDER BY file").fetchall()


def warnings_of(catalog: Catalog, most: int) -> list[dict[str, str]]:
    """Return what people should look at in documents that were read, by file; at most `most` lines."""
    with catalog.connect() as db:
        rows = db.execute(
            "SELECT file, value FROM documents, json_each(documents.record, '$.warnings') ORDER BY file LIMIT ?", [most]
        )
        return [{"file": file, "message": message} for file, message in rows]


def file_of(catalog: Catalog, document_id: str) -> tuple[str, str]:
    """Return where a document stands and the file it was read from, "" twice if there is no such document."""
    with catalog.connect() as db:
        row = db.execute("SELECT file, origin FROM documents WHERE id = ?", [document_id]).fetchone()
    return (row[0], row[1]) if row else ("", "")


def document_of(catalog: Catalog, document_id: str) -> Document | None:
    """Return a document with its items and passages."""
    with catalog.connect() as db, transaction(db, "BEGIN"):
        row = db.execute("SELECT file, text, record, checksum FROM documents WHERE id = ?", [document_id]).fetchone()
        if row is None:
            return None
        items = db.execute(
            "SELECT id, record, checksum FROM items WHERE document_id = ? ORDER BY rowid", [document_id]
        ).fetchall()
        query = 'SELECT start, "end", role, context FROM passages WHERE item_id = ? ORDER BY number'
        whole = tuple(
            load_item(fields, mark, tuple(Passage(*p) for p in db.execute(query, [item_id]))) for item_id, fields, mark in items
        )
    file, text, record, check = row
    return load_document(file, text, record, check, whole)


def item_of(catalog: Catalog, item_id: str) -> tuple[Document, Item] | None:
    """Return an item with its document; ids count a document's items from 1."""
    document_id, _, position = item_id.rpartition("-")
    document = document_of(catalog, document_id)
    for place, item in enumerate(document.items if document else (), 1):
        if str(place) == position:
            assert document
            return document, item
    return None


def passages_at(db: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, StoredPassage]:
    """Return the passages of these numbers that exist."""
    rows = db.execute(
        'SELECT number, start, "end", role, context, item_id, i.record, i.checksum, file, text, d.record, d.checksum'
        " FROM passages JOIN items i ON i.id = item_id JOIN documents d ON d.id = document_id"
        f" WHERE number IN ({_marks(numbers)})",
        list(numbers),
    )
    return {
        row[0]: StoredPassage(Passage(*row[1:5]), row[5], load_item(row[6], row[7]), load_document(*row[8:12])) for row in rows
    }


def texts_at(db: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Return what the passages of these numbers were indexed with."""
    rows = db.execute(
        'SELECT number, context, substr(text, start + 1, "end" - start) FROM passages JOIN items ON items.id = item_id'
        f" JOIN documents ON documents.id = document_id WHERE number IN ({_marks(numbers)})",
        list(numbers),
    )
    return {number: embedded_text(context, text) for number, context, text in rows}


def when_and_where(db: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, tuple[str, set[str]]]:
    """Return the date of each passage's document and the regions of its item."""
    found: dict[int, tuple[str, set[str]]] = {}
    for number, date, name in db.execute(
        "SELECT number, date, name FROM passages p JOIN items ON items.id = p.item_id"
        " JOIN documents ON documents.id = document_id LEFT JOIN regions r ON r.item_id = p.item_id"
        f" WHERE number IN ({_marks(numbers)})",
        list(numbers),
    ):
        found.setdefault(number, (date, set()))[1].update([name] if name else [])
    return found


def items_of(db: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Return the item that each passage stands in."""
    return dict(db.execute(f"SELECT number, item_id FROM passages WHERE number IN ({_marks(numbers)})", list(numbers)))


def passages_of(db: sqlite3.Connection, items: Sequence[str]) -> dict[str, list[int]]:
    """Return the passages of each item, in their order."""
    found: dict[str, list[int]] = {item_id: [] for item_id in items}
    for item_id, number in db.execute(
        f"SELECT item_id, number FROM passages WHERE item_id IN ({_marks(items)}) ORDER BY number", list(items)
    ):
        found[item_id].append(number)
    return found


def files_of_passages(catalog: Catalog) -> dict[int, list[str]]:
    """Return the file of every passage, and the files in which its item is reprinted."""
    files: dict[int, list[str]] = {}
    with catalog.connect() as db:
        for number, file in db.execute(
            "SELECT number, file FROM passages JOIN items i ON i.id = item_id OR i.same_as = item_id"
            " JOIN documents ON documents.id = document_id ORDER BY i.same_as IS NOT NULL"
        ):
            files.setdefault(number, []).append(file)
    return files


def other_places(db: sqlite3.Connection, items: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return where else each item stands, given with its document's file: lines of its reprints, files that are copies."""
    reprints = db.execute(
        "SELECT same_as, i.record, i.checksum, file, text, d.record, d.checksum"
        " FROM items i JOIN documents d ON d.id = document_id"
        f" WHERE same_as IN ({_marks(items)}) ORDER BY i.rowid",
        list(items),
    )
    copies = db.execute(
        "SELECT d.file, f.file FROM documents d JOIN files f ON f.same_as = d.origin"
        f" WHERE d.file IN ({_marks(items)}) ORDER BY f.file",
        list(items.values()),
    ).fetchall()
    places: dict[str, list[str]] = {item_id: [] for item_id in items}
    for item_id, item_record, item_check, *rest in reprints:
        item, document = load_item(item_record, item_check), load_document(*rest)
        places[item_id].append(cite(document, item, item.start, item.end).line)
    for item_id, own in items.items():
        places[item_id] += [f"文件 {copy}" for file, copy in copies if file == own]
    return {item_id: tuple(some) for item_id, some in places.items()}


def _marks(values: Sized) -> str:
    return ",".join("?" * len(values))
