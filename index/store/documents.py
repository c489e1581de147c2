"""Documents and items of the catalog: lists, single ones, and facts about them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.store.catalog import Catalog
from index.store.connections import placeholders, transaction
from index.store.groups import unknown_groups
from index.store.handle import Connection, Rows
from index.store.records import load_document, load_item
from ingest.document import CLOSED, UNSURE, Document, Item, Passage

MOST_UNSURE = 20  # documents that people are asked to look at first
_MOST_LINES = 3  # named of each
_LONGEST_LINE = 30  # characters of it
ORIGINAL_CLOSED = "里面有读不出来的部分，或知悉范围读不出来：原件只有能看全部文件的人打得开"
_UNKNOWN = "知悉范围“{0}”不是配置里的分组，没有带这个分组的密钥就看不到：写错了请改正，没有写错请在配置的 groups 里加上"


def list_documents(catalog: Catalog, most: int) -> list[dict[str, Any]]:
    """Return at most `most` documents, newest first: id, file, kind, date, series, title, source and number of items."""
    with catalog.connect() as db:
        rows = db.execute(
            "SELECT d.id, file, kind, date, series, json_extract(d.record, '$.title') AS title,"
            " json_extract(d.record, '$.source') AS source, count(*) AS items"
            " FROM documents d JOIN items ON document_id = d.id GROUP BY d.id ORDER BY date DESC, file LIMIT ?",
            [most],
        )
        return _named(rows)


def _number(field: str, table: str = "") -> str:
    return f"CAST(json_extract({table}record, '$.{field}') AS INTEGER)"


def _named(rows: Rows) -> list[dict[str, Any]]:
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def list_issues(catalog: Catalog) -> list[tuple[str, int | None, int]]:
    """Return series, year and number of every stored issue."""
    with catalog.connect() as db:
        return db.execute(
            f"SELECT DISTINCT series, {_number('year')}, {_number('issue')} FROM documents"
            f" WHERE kind = 'bulletin' AND series <> '' AND {_number('issue')} IS NOT NULL"
        ).fetchall()


def items_by_month(catalog: Catalog) -> list[dict[str, Any]]:
    """Return how many items the documents of each month (2024-03, "" for undated ones) and kind have, reprinted items once."""
    with catalog.connect() as db:
        rows = db.execute(
            "SELECT substr(date, 1, 7) AS month, kind, count(*) FROM items JOIN documents d ON d.id = document_id"
            " WHERE same_as IS NULL GROUP BY month, kind ORDER BY month, kind"
        )
        return [{"month": month, "kind": kind, "items": items} for month, kind, items in rows]


def items_by_issue(catalog: Catalog, most: int) -> list[dict[str, Any]]:
    """Return at most `most` numbered issues, the newest first, each with its document and its number of items."""
    with catalog.connect() as db:
        rows = db.execute(
            f"SELECT d.id AS document_id, series, {_number('year', 'd.')} AS year, {_number('issue', 'd.')} AS issue, date,"
            " count(*) AS items FROM documents d JOIN items ON document_id = d.id"
            f" WHERE kind = 'bulletin' AND series <> '' AND {_number('issue', 'd.')} IS NOT NULL"
            " GROUP BY d.id ORDER BY year DESC, issue DESC, series LIMIT ?",
            [most],
        )
        return _named(rows)


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of a bulletin that is stored."""

    id: str  # of its document
    series: str
    year: int | None
    issue: int | None
    total: int | None
    date: str


def issues_in(catalog: Catalog) -> list[Issue]:
    """Return the stored issues of bulletins that are visible to the caller, oldest first."""
    with catalog.connect() as db:
        rows = db.execute(
            f"SELECT id, series, {_number('year')}, {_number('issue')}, {_number('total_issue')}, date FROM documents"
            " WHERE kind = 'bulletin' ORDER BY date, file"
        )
        return [Issue(*row) for row in rows]


def sections_in(catalog: Catalog) -> list[str]:
    """Return the sections of the stored issues that are visible to the caller."""
    with catalog.connect() as db:
        rows = db.execute(
            "SELECT DISTINCT section FROM items JOIN documents d ON d.id = document_id"
            " WHERE d.kind = 'bulletin' AND section <> ''"
        )
        return [section for (section,) in rows]


def skipped_files(catalog: Catalog) -> list[tuple[str, str]]:
    """Return the files that the last sync could not read, and why."""
    with catalog.connect() as db:
        return db.execute("SELECT file, reason FROM files WHERE reason <> '' ORDER BY file").fetchall()


def warnings_of(catalog: Catalog, most: int) -> list[dict[str, str]]:
    """Return at most `most` warnings on what people should check in the documents, by file; on access groups first."""
    with catalog.connect() as db:
        rows = db.execute(
            "SELECT file, value FROM documents, json_each(documents.record, '$.warnings') ORDER BY file LIMIT ?", [most]
        ).fetchall()
        closed = db.execute("SELECT file FROM files WHERE stated LIKE ? ORDER BY file LIMIT ?", [f"%{CLOSED}%", most])
        told = [*_on_groups(db), *((file, ORIGINAL_CLOSED) for (file,) in closed), *rows]
    return [{"file": file, "message": message} for file, message in told[:most]]


def group_warnings(catalog: Catalog) -> list[dict[str, str]]:
    """Return a warning for each access group that documents state and the configuration does not have."""
    with catalog.connect() as db:
        return [{"file": files, "message": message} for files, message in _on_groups(db)]


def _on_groups(db: Connection) -> list[tuple[str, str]]:
    return [
        ("、".join(files[:_MOST_LINES]) + (f" 等 {len(files)} 份" if len(files) > _MOST_LINES else ""), _UNKNOWN.format(group))
        for group, files in unknown_groups(db).items()
    ]


def list_unsure(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the documents of which it is least sure where their items begin: id, file, title, certainty, number of doubts."""
    with catalog.connect() as db:
        rows = db.execute(
            "SELECT id, file, json_extract(record, '$.title') AS title, json_extract(record, '$.certainty') + 0.0 AS certainty,"
            " json_array_length(record, '$.doubts') AS doubts FROM documents"
            " WHERE json_extract(record, '$.certainty') < ? ORDER BY certainty, file LIMIT ?",
            [UNSURE, MOST_UNSURE],
        )
        return _named(rows)


def unsure_form(document: Document) -> dict[str, Any]:
    """Return id, file, title and certainty of a document, and its most doubtful lines with their pages and chances."""
    doubts = sorted(document.doubts, key=lambda doubt: -doubt.chance)[:_MOST_LINES]
    lines = [
        {
            "text": document.text[doubt.start : min(doubt.end, doubt.start + _LONGEST_LINE)],
            "pages": document.pages(doubt.start, doubt.end),
            "begins": doubt.begins,
            "chance": doubt.chance,
        }
        for doubt in doubts
    ]
    about = {"id": document.id, "file": document.file, "title": document.title}
    return {**about, "certainty": document.certainty, "lines": lines}


def file_of(catalog: Catalog, document_id: str) -> tuple[str, str]:
    """Return a document's own file and the file it was read from; "" twice if there is no such document."""
    with catalog.connect() as db:
        row = db.execute("SELECT file, origin FROM documents WHERE id = ?", [document_id]).fetchone()
    return (row[0], row[1]) if row else ("", "")


def files_of_content(db: Connection, sha256: str) -> list[str]:
    """Return the files with this content that could be read."""
    return [row[0] for row in db.execute("SELECT file FROM files WHERE sha256 = ? AND reason = ''", [sha256])]


def document_of(catalog: Catalog, document_id: str) -> Document | None:
    """Return a document with its items and passages, None if there is no such document."""
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
    """Return an item with its document, None if there is no such item; ids count a document's items from 1."""
    document_id, _, position = item_id.rpartition("-")
    document = document_of(catalog, document_id)
    for place, item in enumerate(document.items if document else (), 1):
        if str(place) == position:
            assert document
            return document, item
    return None


def items_at(db: Connection, items: Sequence[str]) -> Iterator[tuple[str, Document, Item]]:
    """Yield id, document and item of each of these that exists; without passages and other items."""
    rows = db.execute(
        "SELECT i.id, i.record, i.checksum, file, text, d.record, d.checksum"
        f" FROM items i JOIN documents d ON d.id = document_id WHERE i.id IN ({placeholders(items)})",
        list(items),
    )
    for item_id, record, check, *rest in rows:
        yield item_id, load_document(*rest), load_item(record, check)


def dates_of(db: Connection, items: Sequence[str]) -> dict[str, str]:
    """Return the date of each item's document, "" where it has none."""
    rows = "SELECT i.id, date FROM items i JOIN documents d ON d.id = document_id"
    return dict(db.execute(f"{rows} WHERE i.id IN ({placeholders(items)})", list(items)))


def of_kind(db: Connection, items: Sequence[str], kind: str) -> set[str]:
    """Return those of the items whose document is of a kind."""
    rows = "SELECT i.id FROM items i JOIN documents d ON d.id = document_id"
    listed = json.dumps(list(items))
    found = db.execute(f"{rows} WHERE i.id IN (SELECT value FROM json_each(?)) AND kind = ?", [listed, kind])
    return {row[0] for row in found}


def titles_of(db: Connection, items: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the id, the title and the date of each item, in the given order; "" where there is none."""
    rows = "SELECT i.id, json_extract(i.record, '$.title'), date FROM items i JOIN documents d ON d.id = document_id"
    listed = db.execute(f"{rows} WHERE i.id IN (SELECT value FROM json_each(?))", [json.dumps(list(items))])
    found = {row[0]: row for row in listed}
    return [found[one] for one in items if one in found]


def with_original(db: Connection, item_id: str) -> set[str]:
    """Return the ids of an item and of the one that it reprints."""
    row = db.execute("SELECT same_as FROM items WHERE id = ?", [item_id]).fetchone()
    return {item_id, *(row or ())} - {None}


def other_parts(db: Connection, item_id: str) -> set[str]:
    """Return the ids of all items of a notice or plan, which are one case; those of a bulletin or a feature are several."""
    rows = db.execute(
        "SELECT items.id FROM items JOIN documents d ON d.id = document_id WHERE d.id = ? AND kind = 'other'",
        [item_id.rpartition("-")[0]],
    )
    return {row[0] for row in rows}
