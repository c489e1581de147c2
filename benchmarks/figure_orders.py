"""Measure in how many searches by a figure the cases stand in the right order, none missing that a person finds.

.venv/bin/python benchmarks/figure_orders.py DATA [LABELS]    DATA holds the labelled documents; --errors lists every difference

A line of LABELS has what is measured, and the items that state it as reached, the largest first, each with the level of whose
figure it is (counties and what is smaller are compared with each other); items that state it otherwise, and items of which a
person was not sure. An item is named by its document's file and its title, or by its text's SHA-256 where that is not ours.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cases.find import find_cases
from index.progress import silent
from index.search.index import SearchIndex
from index.store.documents import items_at
from ingest.document import Document, Item
from service.opening import open_index
from service.settings import read_settings

LABELS = Path(__file__).parents[1] / "tests" / "data" / "figure_orders_dev.jsonl"
DOCUMENTS = Path(__file__).parents[1] / "documents"
_LEVELS = {"country": 0, "province": 1, "city": 2, "county": 3, "below": 3}


def key_of(document: Document, item: Item) -> str:
    """Return the name of an item in labels."""
    if DOCUMENTS.joinpath(document.file).exists():
        return f"{Path(document.file).name}|{item.title}"
    return hashlib.sha256(document.text[item.start : item.end].encode()).hexdigest()


def errors_of(label: dict[str, Any], found: Sequence[tuple[str, int]]) -> list[str]:
    """Return what is wrong with the items found, each with its level: missing, too many, in another order; [] if nothing is."""
    level = {one["item"]: _LEVELS[one["level"]] for one in label["order"]}
    place = {one["item"]: number for number, one in enumerate(label["order"])}
    wrong = [f"missing {item}" for item in place if item not in dict(found)]
    wrong += [f"too many: {item}" for item, _ in found if item not in {*place, *label["maybe"], *label["otherwise"]}]
    for each in set(level.values()):
        places = [place[item] for item, _ in found if level.get(item) == each]
        wrong += [f"order of level {each}: {places}"] if places != sorted(places) else []
    return wrong + [f"level {given} of {item}" for item, given in found if item in level and min(given, 3) != level[item]]


def found_for(index: SearchIndex, figure: str) -> Iterator[tuple[str, int]]:
    """Yield the items that are found for a figure, each with the level of whose it is."""
    cases = find_cases(index, "", 100, {}, "figure", figure).cases
    ids = [one.item_id for one in cases]
    keys = {item_id: key_of(*both) for item_id, *both in index.in_one_state(lambda state: [*items_at(state.db, ids)])}
    return ((keys[one.item_id], one.outcome.level) for one in cases if one.outcome)


def wrongs(index: SearchIndex, labels: Path = LABELS) -> list[tuple[str, list[str]]]:
    """Return each labelled figure and what is wrong with the order; items that the index does not have are left out."""
    with index.catalog.reading() as db:
        ids = [row[0] for row in db.execute("SELECT id FROM items")]
        here = {key_of(document, item) for _, document, item in items_at(db, ids)}
    found = []
    for line in labels.read_text(encoding="utf-8").splitlines():
        label: dict[str, Any] = json.loads(line)
        label["order"] = [one for one in label["order"] if one["item"] in here]
        found.append((label["figure"], errors_of(label, list(found_for(index, label["figure"])))))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("labels", type=Path, nargs="?", default=LABELS)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    found = wrongs(open_index(read_settings({"JIANBAO_DATA": str(options.data)}), silent), options.labels)
    for figure, wrong in found if options.errors else ():
        print(figure, *wrong, sep="\n    ")
    print(f"right order {sum(not wrong for _, wrong in found)} of {len(found)}")


if __name__ == "__main__":
    main()
