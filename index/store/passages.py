"""Passages by their numbers: whole, as they were indexed, and their items, dates, regions and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.store.catalog import Catalog
from index.store.connections import placeholders
from index.store.handle import Connection
from index.store.records import StoredPassage, embedded_text, load_document, load_item
from ingest.citation import cite
from ingest.document import Passage

_TEXT = 'number, context, substr(text, start + 1, "end" - start)'
_OF_PASSAGES = "FROM passages JOIN items ON items.id = item_id JOIN documents ON documents.id = document_id"
# What passages are embedded and indexed from: number, context line, own words; and the same with their vectors.
TEXTS = f"SELECT {_TEXT} {_OF_PASSAGES}"
TEXTS_WITH_VECTORS = f"SELECT {_TEXT}, vector {_OF_PASSAGES} JOIN vectors USING (number)"


def passages_at(db: Connection, numbers: Sequence[int]) -> dict[int, StoredPassage]:
    """Return the passages with these numbers, without numbers that do not exist."""
    rows = db.execute(
        'SELECT number, start, "end", role, context, item_id, i.record, i.checksum, file, text, d.record, d.checksum'
        " FROM passages JOIN items i ON i.id = item_id JOIN documents d ON d.id = document_id"
        f" WHERE number IN ({placeholders(numbers)})",
        list(numbers),
    )
    return {
        row[0]: StoredPassage(Passage(*row[1:5]), row[5], load_item(row[6], row[7]), load_document(*row[8:12])) for row in rows
    }


def texts_at(db: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Return the texts with which the passages of these numbers were indexed."""
    rows = db.execute(f"{TEXTS} WHERE number IN ({placeholders(numbers)})", list(numbers))
    return {number: embedded_text(context, text) for number, context, text in rows}


def when_and_where(db: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, set[str]]]:
    """Return the date of each passage's document and the regions of its item."""
    facts: dict[int, tuple[str, set[str]]] = {}
    for number, date, name in db.execute(
        "SELECT number, date, name FROM passages p JOIN items ON items.id = p.item_id"
        " JOIN documents ON documents.id = document_id LEFT JOIN regions r ON r.item_id = p.item_id"
        f" WHERE number IN ({placeholders(numbers)})",
        list(numbers),
    ):
        facts.setdefault(number, (date, set()))[1].update([name] if name else [])
    return facts


def items_of(db: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Return the id of each passage's item."""
    return dict(db.execute(f"SELECT number, item_id FROM passages WHERE number IN ({placeholders(numbers)})", list(numbers)))


def passages_of(db: Connection, items: Sequence[str]) -> dict[str, list[int]]:
    """Return the numbers of each item's passages, in their order."""
    passages: dict[str, list[int]] = {item_id: [] for item_id in items}
    for item_id, number in db.execute(
        f"SELECT item_id, number FROM passages WHERE item_id IN ({placeholders(items)}) ORDER BY number", list(items)
    ):
        passages[item_id].append(number)
    return passages


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


def other_places(db: Connection, items: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return where else each item, given with its document's file, is printed: citations of reprints, copies of the file."""
    reprints = db.execute(
        "SELECT same_as, i.record, i.checksum, file, text, d.record, d.checksum"
        " FROM items i JOIN documents d ON d.id = document_id"
        f" WHERE same_as IN ({placeholders(items)}) ORDER BY i.rowid",
        list(items),
    )
    copies = db.execute(
        "SELECT d.file, f.file FROM documents d JOIN files f ON f.same_as = d.origin"
        f" WHERE d.file IN ({placeholders(items)}) ORDER BY f.file",
        list(items.values()),
    ).fetchall()
    places: dict[str, list[str]] = {item_id: [] for item_id in items}
    for item_id, item_record, item_check, *rest in reprints:
        item, document = load_item(item_record, item_check), load_document(*rest)
        places[item_id].append(cite(document, item, item.start, item.end).line)
    for item_id, own in items.items():
        places[item_id] += [f"文件 {copy}" for file, copy in copies if file == own]
    return {item_id: tuple(lines) for item_id, lines in places.items()}


def last_number(db: Connection) -> int:
    """Return the highest number of a passage, 0 if there are none."""
    return int(db.execute("SELECT coalesce(max(number), 0) FROM passages").fetchone()[0])
