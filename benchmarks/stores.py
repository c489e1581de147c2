"""Measure an index on OceanBase or seekdb beside the same index in its data folder, in one run.

    python benchmarks/stores.py DATA oceanbase://user@host:2881/name QUERIES [--asked N]

DATA is a data folder; its index is migrated into the (empty) database first. QUERIES is the queries.jsonl of a BEIR folder.
Searches are asked in turn of both, without the reader: of everything, with a filter of a year, and of a caller from whom some
is hidden.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from cases.find import find_cases
from index.evaluate import read_lines
from index.models.encoder import Encoder
from index.oceanbase.catalog import SharedCatalog
from index.progress import silent
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.upkeep.migrate import migrate
from service.settings import read_settings

_YEAR = {"year": "2023"}
Ask = Callable[[SearchIndex, str], object]
_ASKED: Mapping[str, Ask] = {
    "search": lambda index, text: index.search(text, 10),
    "search, of a year": lambda index, text: index.search(text, 10, _YEAR),
    "search, limited caller": lambda index, text: index.visible_to(frozenset()).search(text, 10),
    "cases with facets": lambda index, text: find_cases(index, text, 10, {}),
    "newest cases of a year": lambda index, _: find_cases(index, "", 10, _YEAR),
}


def main() -> None:
    """Migrate, open, ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("store")
    parser.add_argument("queries", type=Path)
    parser.add_argument("--asked", type=int, default=100)
    options = parser.parse_args()
    settings = read_settings({})
    encoder = Encoder(settings.encoder, settings.cache)
    here = Catalog(options.data)
    with tempfile.TemporaryDirectory() as views:
        there = SharedCatalog(Path(views), options.store, settings.store_password)
        began = time.perf_counter()
        counts = migrate(here, there, silent)
        took = time.perf_counter() - began
        print(f"{counts['passages']} passages migrated in {took:.0f} s, {counts['passages'] / took:.0f} a second")
        both = {"data folder": SearchIndex(here, encoder), "store": SearchIndex(there, encoder)}
        for name, index in both.items():
            began = time.perf_counter()
            index.refresh()
            print(f"{name}: opened in {time.perf_counter() - began:.1f} s")
        _compare(both, [str(row["text"]) for row in read_lines(options.queries)][: options.asked])


def _compare(both: Mapping[str, SearchIndex], asked: list[str]) -> None:
    print("| | data folder: p50 ms | p95 | store: p50 | p95 | store / data folder |\n|---|---|---|---|---|---|")
    for name, ask in _ASKED.items():
        times: dict[str, list[float]] = {which: [] for which in both}
        for text in asked:
            for which, index in both.items():
                began = time.perf_counter()
                ask(index, text)
                times[which].append((time.perf_counter() - began) * 1000)
        found = [np.percentile(values, [50, 95]) for values in times.values()]
        shown = " | ".join(f"{value:.0f}" for pair in found for value in pair)
        print(f"| {name} | {shown} | {found[1][0] / found[0][0]:.1f} |")


if __name__ == "__main__":
    main()
