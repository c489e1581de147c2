"""Facets: how many items have which kind, year, series, section, contributor and region; regions also as a tree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from index.store.changes import position
from index.store.conditions import FILE, Form, test_of
from index.store.connections import placeholders
from index.store.groups import Groups
from index.store.handle import Connection
from ingest.facts.gazetteer import chain

FACETS = ("kind", "year", "series", "section", "contributor", "region")
_FEW = 400  # items that are counted by themselves; more of them in the table of all
_MOST = 50  # values of one facet
_REMEMBERED = 8  # cached tables of items, one for each set of visible items
_JOINED = "items JOIN documents ON documents.id = document_id"

Rows = npt.NDArray[np.int64]  # (n,): rowids of items, ascending


@dataclass(frozen=True, slots=True)
class Area:
    """A region, how many items name it or a part of it, and its parts, most frequent first."""

    name: str  # in full, as a filter takes it
    label: str  # without the name of the region it is part of
    count: int
    inside: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets of some items, to filter by."""

    counts: dict[str, dict[str, int]]  # facet → value → number of items, most frequent first; a region includes its parts
    areas: tuple[Area, ...]  # all regions: provinces, their cities, their counties
    items: int
    files: int = 0  # notices, laws, reports and tables that meet the same conditions


def facets_of(db: Connection, items: Sequence[str]) -> Facets:
    """Count the items of these ids."""
    return _Table(db, f"items.id IN ({placeholders(items)})", items).counted(None)


class Counter:
    """Counts facets of filtered items in a table read once for each change of the catalog; threads may share it."""

    def __init__(self) -> None:
        self._read: LRUCache[Groups, tuple[tuple[object, ...], _Table]] = LRUCache(_REMEMBERED)
        self._reading = Lock()

    def within(self, db: Connection, conditions: Mapping[str, str], groups: Groups = None, form: Form = "") -> Facets:
        """Count all items of a form that meet conditions (see index.store.conditions); `db` shows what these groups may see.

        A reprinted item counts once. While one thread reads the changed catalog, others count in the earlier table.
        """
        table = self._table(db, groups)
        if not conditions:
            return table.counted(None, form)
        test, values = test_of(conditions)
        rows = db.execute(f"SELECT items.rowid FROM {_JOINED} WHERE same_as IS NULL AND {test}", values)
        return table.counted(_ascending(rows), form)

    def among(self, db: Connection, items: Sequence[str], groups: Groups = None) -> Facets:
        """Count the items of these ids: for many, which the table holds, this takes a tenth of what `facets_of` does."""
        if len(items) <= _FEW:
            return facets_of(db, items)
        rows = db.execute("SELECT rowid FROM items WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(items))])
        return self._table(db, groups).counted(_ascending(rows))

    def _table(self, db: Connection, groups: Groups) -> _Table:
        now = position(db)  # new rules of access groups change it, too
        cached = self._read.get(groups)
        if (cached is None or cached[0] != now) and self._reading.acquire(blocking=cached is None):
            try:
                cached = self._read.get(groups)
                if cached is None or cached[0] != now:
                    cached = self._read[groups] = now, _Table(db, "same_as IS NULL", ())
            finally:
                self._reading.release()
        assert cached
        return cached[1]


def _ascending(rows: Iterable[tuple[int]]) -> Rows:
    return np.sort(np.fromiter((row[0] for row in rows), np.int64))


class _Table:
    """Which items have which values: for each facet, pairs of an item's index and a value's; and of which document each is."""

    def __init__(self, db: Connection, test: str, values: Sequence[str]) -> None:
        items = db.execute(
            f"SELECT items.rowid, kind, substr(date, 1, 4), series, section, document_id FROM {_JOINED} WHERE {test}"
            " ORDER BY items.rowid",
            values,
        ).fetchall()
        self._items: Rows = np.array([row[0] for row in items], np.int64)
        self._are_files = np.array([row[1] == FILE for row in items], bool)
        documents: dict[str, int] = {}
        self._documents: Rows = np.array([documents.setdefault(row[5], len(documents)) for row in items], np.int64)
        pairs = {name: [(row[0], row[place]) for row in items if row[place]] for place, name in enumerate(FACETS[:4], 1)}
        named = {}
        for table in ("contributors", "regions"):
            query = f"SELECT items.rowid, name FROM {_JOINED} JOIN {table} ON item_id = items.id WHERE {test}"
            named[table] = db.execute(query, values).fetchall()
        above = {name: chain(name) for name in {name for _, name in named["regions"]}}
        pairs["contributor"] = named["contributors"]
        pairs["region"] = [(row, area) for row, name in named["regions"] for area in above[name]]
        self._parents = {area: parent for areas in above.values() for parent, area in zip(("", *areas), areas, strict=False)}
        self._facets = {name: self._coded(each) for name, each in pairs.items()}

    def _coded(self, pairs: Iterable[tuple[int, str]]) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the values, and for each distinct pair the index of its item and that of its value."""
        codes: dict[str, int] = {}
        both = [(row, codes.setdefault(value, len(codes))) for row, value in pairs]
        if not both:
            return [], np.empty(0, np.int64), np.empty(0, np.int64)
        rows, values = np.array(both, np.int64).T
        pairs = np.unique(np.searchsorted(self._items, rows) * len(codes) + values)
        return list(codes), pairs // len(codes), pairs % len(codes)

    def counted(self, rows: Rows | None, form: Form = "") -> Facets:
        """Count the items of a form in these rows, all if None; of each file, the first."""
        chosen = np.isin(self._items, rows, assume_unique=True) if rows is not None else np.ones(len(self._items), bool)
        of_files = np.flatnonzero(chosen & self._are_files)
        files = of_files[np.unique(self._documents[of_files], return_index=True)[1]]
        if form == "case":
            chosen &= ~self._are_files
        elif form == "file":
            chosen = np.isin(np.arange(len(chosen)), files)
        counts = {}
        for name, (values, items, codes) in self._facets.items():
            sums = np.bincount(codes[chosen[items]], minlength=len(values))
            counts[name] = {values[code]: int(sums[code]) for code in np.flatnonzero(sums)}
        first = {name: _first(counts[name]) for name in FACETS}
        return Facets(first, self._tree(counts["region"]), int(chosen.sum()), len(files))

    def _tree(self, counts: Mapping[str, int]) -> tuple[Area, ...]:
        within = defaultdict(list)
        for name in counts:
            within[self._parents[name]].append(name)

        def areas(above: str) -> tuple[Area, ...]:
            parts = [Area(name, name.removeprefix(above), counts[name], areas(name)) for name in within.get(above, ())]
            return tuple(sorted(parts, key=lambda area: (-area.count, area.name)))

        return areas("")


def _first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST])
