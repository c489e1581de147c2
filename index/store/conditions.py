"""The conditions that items are searched by, as SQL tests; and the newest items that meet them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from index.store.handle import Connection
from ingest.facts.regions import regions_called

Form = Literal["case", "file", ""]  # cases; notices, laws, reports and tables, of each the first item; both, all items
FILE = "other"  # the kind of documents that are files


def newest(db: Connection, conditions: Mapping[str, str], k: int, form: Form = "") -> list[str]:
    """Return the `k` newest items of a form that meet all conditions, without reprints."""
    test, values = test_of(conditions)
    of_form = {"": "", "case": f" AND kind <> '{FILE}'", "file": f" AND kind = '{FILE}'"}[form]
    met = f"FROM documents JOIN items ON document_id = documents.id WHERE same_as IS NULL AND {test}{of_form}"
    found = f"SELECT items.id, items.rowid {met} ORDER BY date DESC, 2 LIMIT ?"
    if form == "file":
        first = "row_number() OVER (PARTITION BY documents.id ORDER BY items.rowid)"
        each = f"SELECT items.id AS id, items.rowid AS place, date, {first} AS number {met}"
        found = f"SELECT id, place FROM ({each}) f WHERE number = 1 ORDER BY date DESC, place LIMIT ?"
    rows = db.execute(found, [*values, k])
    return [row[0] for row in rows]


def test_of(conditions: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return conditions as an SQL test of `documents` joined to `items`, with its parameters.

    Conditions: kind, section, contributor, series, year, region (any name of a place, or part of one), since and until (ISO
    dates, both inclusive), document (an id), folder (below the one that is indexed).
    """
    tests = {
        "kind": "kind = ?",
        "section": "section = ?",
        "contributor": "EXISTS (SELECT 1 FROM contributors c WHERE c.item_id = items.id AND instr(c.name, ?))",
        "series": "series = ?",
        "year": "substr(date, 1, 4) = ?",
        "since": "date >= ?",
        "until": "date <> '' AND date <= ?",
        "document": "documents.id = ?",
        "folder": "substr(file, 1, length(?)) = ?",
    }
    values = {name: [value] for name, value in conditions.items()}
    if region := conditions.get("region"):
        names = regions_called(region)
        test = " OR ".join(["r.name = ? OR r.name LIKE ? || '%'"] * len(names)) or "instr(r.name, ?)"
        tests["region"] = f"items.id IN (SELECT item_id FROM regions r WHERE {test})"
        values["region"] = [name for name in names for _ in range(2)] or [region]
    if folder := conditions.get("folder"):
        values["folder"] = [f"{folder.strip('/')}/"] * 2
    test = " AND ".join(tests[name] for name in conditions) or "1"
    return test, [value for name in conditions for value in values[name]]
