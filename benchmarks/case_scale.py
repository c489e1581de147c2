"""Measure the latency of finding cases among 20,000 items: facets, timelines, everyday words, figures, similar cases.

    python benchmarks/case_scale.py DATA FOLDER... [--items N]

DATA stores the synthetic catalog, so that a second run only measures. FOLDERs are BEIR folders: the items are made of their
passages, and their questions are asked. Each item has four passages, three real counties of any province, and its figures.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from synthetic import fill, real_passages

from cases.find import find_cases
from cases.similar import Case, similar, stored_case
from cases.stories import same_stories
from cases.timeline import timeline
from index.evaluate import read_lines
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from service.settings import read_settings

_ASKED = 100  # questions, items and regions sampled
_PASSAGES = 4  # per item
_THEMES = Path(__file__).parent / "judgments" / "themes.jsonl"
_FIGURES = ("带动就业", "投资", "营业收入", "补贴", "面积", "增长")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=20_000)
    options = parser.parse_args()
    encoder = Encoder("", read_settings({}).cache)
    catalog = Catalog(options.data / f"{options.items}-items")
    with catalog.connect() as db:
        made = db.execute("SELECT count(*) FROM items").fetchone()[0]
    if made < options.items:
        fill(catalog, options.items * _PASSAGES, *real_passages(options.folders, options.data, encoder), encoder, facts=True)
    index = SearchIndex(catalog, encoder)
    index.refresh()
    _measure(index, [str(row["text"]) for folder in options.folders for row in read_lines(folder / "queries.jsonl")])


def _measure(index: SearchIndex, questions: Sequence[str]) -> None:
    asked = questions[:: len(questions) // _ASKED][:_ASKED]
    everyday = [json.loads(line)["text"] for line in _THEMES.read_text(encoding="utf-8").splitlines()]
    some = index.visible_to(frozenset())
    with some.catalog.connect() as db:
        items = [row[0] for row in db.execute("SELECT id FROM items ORDER BY random() LIMIT ?", [_ASKED])]
        regions = [row[0] for row in db.execute("SELECT DISTINCT name FROM regions ORDER BY random() LIMIT ?", [_ASKED])]
    print("| | p50 ms | p95 ms | a third hidden: p50 | p95 |\n|---|---|---|---|---|")
    for name, ask, inputs in (
        ("all items with their facets", lambda seen, _: find_cases(seen, "", 10, {}), range(_ASKED)),
        ("those of a county, with facets", lambda seen, name: find_cases(seen, "", 10, {"region": name}), regions),
        ("those of a year and kind, with facets", _of_year, range(_ASKED)),
        ("timeline of a question", timeline, asked),
        ("cases of a question, with facets", lambda seen, text: find_cases(seen, text, 10, {}), asked),
        ("cases of a problem in everyday words", lambda seen, text: find_cases(seen, text, 10, {}), everyday),
        ("by a figure", lambda seen, name: find_cases(seen, "", 10, {}, "figure", name), _FIGURES * 3),
        ("like an item, and why", lambda seen, item: similar(seen, _case(seen, item), 5), items),
        ("the same story elsewhere", same_stories, items),
    ):
        both = [_percentiles(ask, seen, inputs) for seen in (index, some)]
        print(f"| {name} | " + " | ".join(f"{value:.0f}" for times in both for value in times) + " |", flush=True)


def _of_year(seen: SearchIndex, n: int) -> object:
    return find_cases(seen, "", 10, {"year": str(2005 + n % 20), "kind": ("bulletin", "news", "other")[n % 3]})


def _case(index: SearchIndex, item_id: str) -> Case:
    case = stored_case(index, item_id)
    assert case
    return case


def _percentiles(ask: Callable[[SearchIndex, Any], object], seen: SearchIndex, asked: Sequence[Any]) -> list[float]:
    ask(seen, asked[0])  # warm-up: loads what is loaded at first use
    times = []
    for one in asked:
        began = time.perf_counter()
        ask(seen, one)
        times.append((time.perf_counter() - began) * 1000)
    return [float(value) for value in np.percentile(times, [50, 95])]


if __name__ == "__main__":
    main()
