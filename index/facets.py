"""How many items are of which kind, year, series, section, contributor and region; regions also as a tree."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.filters import test_of
from ingest.gazetteer import chain

_MOST = 50  # values of one facet
_JOINED = "items JOIN documents ON documents.id = document_id"


@dataclass(frozen=True, slots=True)
class Area:
    """A region, how many items name it or a part of it, and its parts; the most frequent first."""

    name: str  # in full, as a filter takes it
    label: str  # without the region it is part of
    count: int
    inside: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """What items have in common, to choose from."""

    counts: dict[str, dict[str, int]]  # facet: value: items, the most frequent first
    areas: tuple[Area, ...]  # all regions: provinces, their cities, their counties
    items: int


def facets_of(db: sqlite3.Connection, items: Sequence[str]) -> Facets:
    """Count the items of these ids."""
    return _counted(db, f"items.id IN ({','.join('?' * len(items))})", items)


def facets_within(db: sqlite3.Connection, conditions: Mapping[str, str]) -> Facets:
    """Count all items that meet conditions (see index.filters); one that is reprinted counts once."""
    test, values = test_of(conditions)
    return _counted(db, f"same_as IS NULL AND {test}", values)


def _counted(db: sqlite3.Connection, test: str, values: Sequence[str]) -> Facets:
    rows = db.execute(
        f"SELECT kind, substr(date, 1, 4), series, section, count(*) FROM {_JOINED} WHERE {test} GROUP BY 1, 2, 3, 4", values
    ).fetchall()
    counts: dict[str, dict[str, int]] = {}
    for place, name in enumerate(("kind", "year", "series", "section")):
        sums: Counter[str] = Counter()
        for row in rows:
            sums[row[place]] += row[-1]
        counts[name] = _first({value: count for value, count in sums.items() if value})
    named = db.execute(
        f"SELECT name, count(*) FROM {_JOINED} JOIN contributors c ON c.item_id = items.id WHERE {test} GROUP BY name", values
    )
    counts["contributor"] = _first(dict(named))
    regions = db.execute(f"SELECT item_id, name FROM {_JOINED} JOIN regions r ON r.item_id = items.id WHERE {test}", values)
    held: defaultdict[str, set[str]] = defaultdict(set)
    for item_id, name in regions:
        held[name].add(item_id)
    counts["region"] = _first({name: len(some) for name, some in held.items()})
    return Facets(counts, _tree(held), sum(row[-1] for row in rows))


def _first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST])


def _tree(held: Mapping[str, set[str]]) -> tuple[Area, ...]:
    """Return regions, given with the items that name them, as provinces with what lies in them."""
    within: defaultdict[str, set[str]] = defaultdict(set)  # "" has the provinces
    items: defaultdict[str, set[str]] = defaultdict(set)
    for name, some in held.items():
        above = ""
        for area in chain(name):
            within[above].add(area)
            items[area] |= some
            above = area

    def areas(above: str) -> tuple[Area, ...]:
        parts = [Area(name, name.removeprefix(above), len(items[name]), areas(name)) for name in within.get(above, ())]
        return tuple(sorted(parts, key=lambda area: (-area.count, area.name)))

    return areas("")
