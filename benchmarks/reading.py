"""Measure how well documents are read: items, fields and facts, against the hand-labelled set in tests/data/reading.

.venv/bin/python benchmarks/reading.py            print the table
.venv/bin/python benchmarks/reading.py --errors   print every difference, too
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.document import Document, Item
from ingest.read import read_document

LABELLED = Path(__file__).resolve().parent.parent / "tests" / "data" / "reading"
FACTS = ("regions", "figures", "dates", "measures")


@dataclass
class Score:
    """Right answers, answers given, answers wanted; and what differed."""

    right: int = 0
    given: int = 0
    wanted: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, given: Counter[Any], wanted: Counter[Any], where: str) -> None:
        """Count what was read in one place against what is written there."""
        self.right += (given & wanted).total()
        self.given += given.total()
        self.wanted += wanted.total()
        self.errors += [f"{where}  missing {value}" for value in (wanted - given).elements()]
        self.errors += [f"{where}  wrong   {value}" for value in (given - wanted).elements()]

    @property
    def precision(self) -> float:
        """Return the share of answers given that are right."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Return the share of answers wanted that were given."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.right / (self.given + self.wanted) if self.given + self.wanted else 1.0


def squeeze(text: str) -> str:
    """Return a text without white space: labels were written without regard to line ends."""
    return re.sub(r"\s", "", text)


def measure(folder: Path = LABELLED) -> tuple[dict[str, Score], int]:
    """Return a score for each thing that is read, and the number of passages that mix two labelled items."""
    scores: dict[str, Score] = {}
    mixed = 0
    for path in sorted(folder.glob("*.txt")):
        label = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        document = read_document(path, path.name)

        def add(name: str, given: Counter[Any], wanted: Counter[Any], where: str) -> None:
            scores.setdefault(name, Score()).add(given, wanted, where)

        for name in ("kind", "series", "date"):
            add(name, Counter([getattr(document, name)]), Counter([label[name]]), path.name)
        numbers = ("year", "issue", "total_issue")
        if label["kind"] == "bulletin":
            add(
                "issue numbers",
                Counter((n, getattr(document, n)) for n in numbers),
                Counter((n, label[n]) for n in numbers),
                path.name,
            )
        spans = [_span(document, item) for item in label["items"]]
        read = [_place(document, item.start, item.end) for item in document.items]
        add("items", Counter(read), Counter(spans), path.name)
        mixed += sum(_is_mixed(_place(document, p.start, p.end), spans) for item in document.items for p in item.passages)
        for wanted, span in zip(label["items"], spans, strict=True):
            best = max(range(len(read)), key=lambda n: min(read[n][1], span[1]) - max(read[n][0], span[0]))
            _add_item(add, document, document.items[best], wanted, f"{path.name} {wanted['title'][:12]}")
    return scores, mixed


def _add_item(add: Any, document: Document, item: Item, wanted: dict[str, Any], where: str) -> None:
    add("titles", Counter([squeeze(item.title)]), Counter([squeeze(wanted["title"])]), where)
    add("sections", Counter([item.section]), Counter([wanted["section"]]), where)
    add("credits", Counter(item.contributors), Counter(wanted["contributors"]), where)
    text = document.text
    add("regions", Counter(region.name for region in item.regions + item.mentioned), Counter(wanted["regions"]), where)
    given = Counter((squeeze(text[f.start : f.end]), f.value, f.unit) for f in item.figures)
    add("figures", given, Counter((squeeze(f["text"]), f["value"], f["unit"]) for f in wanted["figures"]), where)
    add("dates", Counter(date.iso for date in item.dates), Counter(date["iso"] for date in wanted["dates"]), where)
    add("measures", Counter(squeeze(m.head) for m in item.measures), Counter(map(squeeze, wanted["measures"])), where)


def _place(document: Document, start: int, end: int) -> tuple[int, int]:
    """Return a span in characters of the squeezed text."""
    return len(squeeze(document.text[:start])), len(squeeze(document.text[:end]))


def _span(document: Document, item: dict[str, Any]) -> tuple[int, int]:
    whole = squeeze(document.text)
    end = whole.rindex(squeeze(item["ends"])) + len(squeeze(item["ends"]))
    return whole.rindex(squeeze(item["begins"]), 0, end), end


def _is_mixed(passage: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return sum(min(passage[1], end) > max(passage[0], start) for start, end in spans) > 1


def main() -> None:
    scores, mixed = measure()
    print(f"{'':>14} {'precision':>10} {'recall':>8} {'F1':>7} {'labelled':>9}")
    for name, score in scores.items():
        print(f"{name:>14} {score.precision:>10.3f} {score.recall:>8.3f} {score.f1:>7.3f} {score.wanted:>9}")
    print(f"passages that mix two items: {mixed}")
    if "--errors" in sys.argv:
        for name, score in scores.items():
            print(*(f"{name}: {error}" for error in score.errors), sep="\n")


if __name__ == "__main__":
    main()
