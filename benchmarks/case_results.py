"""Measure how many of the sentences that people chose to sum a case up are among those that we show, and the other way round.

.venv/bin/python benchmarks/case_results.py DATA [LABELS]    DATA holds the labelled documents; --errors lists every miss

A line of LABELS names an item by its document's file and its title, or by its text's SHA-256 where the text is not ours, and
has the characters of the item's text that were chosen, for each role: did, how, result, who.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases.summary import Span, result_of
from index.store.catalog import Catalog
from index.store.documents import document_of, list_documents
from ingest.document import Document, Item

LABELS = Path(__file__).parents[1] / "tests" / "data" / "case_results_dev.jsonl"
ROLES = ("did", "how", "result", "who")
_MOST = 10_000  # documents


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with the sentences that people chose and those that we show, as spans of the document's text."""

    title: str
    chosen: tuple[Span, ...]
    shown: tuple[Span, ...]

    @property
    def found(self) -> tuple[Span, ...]:
        """The chosen sentences of which we show any part."""
        return tuple(one for one in self.chosen if any(overlap(one, other) for other in self.shown))

    @property
    def right(self) -> int:
        """How many of the shown sentences people chose."""
        return sum(any(overlap(one, other) for other in self.chosen) for one in self.shown)


def overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def judged(catalog: Catalog, labels: Path = LABELS) -> Iterator[Judged]:
    """Yield the labelled cases among the items of a catalog; items labelled as no case are left out."""
    documents = [one for row in list_documents(catalog, _MOST) if (one := document_of(catalog, row["id"]))]
    items = {key: (document, item) for document in documents for item in document.items for key in _keys(document, item)}
    for line in labels.read_text(encoding="utf-8").splitlines():
        label: dict[str, Any] = json.loads(line)
        found = items.get(label.get("sha256") or (Path(label["file"]).name, label["title"]))
        if not found or not label["case"]:
            continue
        document, item = found
        chosen = {(item.start + start, item.start + end) for role in ROLES for start, end in label[role]}
        yield Judged(item.title, tuple(sorted(chosen)), tuple(line.span for line in result_of(document, item)))


def _keys(document: Document, item: Item) -> tuple[Any, Any]:
    text = document.text[item.start : item.end]
    return hashlib.sha256(text.encode()).hexdigest(), (Path(document.file).name, item.title)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("labels", type=Path, nargs="?", default=LABELS)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    cases = list(judged(Catalog(options.data), options.labels))
    chosen, found = sum(len(case.chosen) for case in cases), sum(len(case.found) for case in cases)
    shown, right = sum(len(case.shown) for case in cases), sum(case.right for case in cases)
    print(f"{len(cases)} cases, {chosen} sentences chosen by people, {shown} shown")
    print(f"of the chosen, shown: {found / chosen:.3f}   of the shown, chosen: {right / shown:.3f}")
    print(f"most shown of one case: {max(len(case.shown) for case in cases)}")
    for case in cases if options.errors else []:
        print(f"{case.title}: {sorted(set(case.chosen) - set(case.found))} missed, shown {case.shown}")


if __name__ == "__main__":
    main()
