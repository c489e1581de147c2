"""Measure how well documents in layouts that the reader was not made for are read, in the formats that offices use.

.venv/bin/python benchmarks/layouts.py [FOLDER]    FOLDER: documents, each with its label beside it (default tests/data/layouts)

An item is right if it begins and ends where it was labelled, give or take the number or name in front and the credit behind.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from reading import Score

from ingest.document import Document
from ingest.errors import Unreadable
from ingest.grammars.contents import section_name
from ingest.grammars.signs import opening_of
from ingest.read import read_document

LABELLED = Path(__file__).resolve().parent.parent / "tests" / "data" / "layouts"
_FRONT, _CREDIT = 14, 40  # characters that an item may have before its first words, and behind its last
_TOUCHES = 8  # characters of an item that a passage may hold without mixing it with another
Span = tuple[int, int]


def measure(folder: Path = LABELLED) -> tuple[dict[str, Score], int, list[str]]:
    """Return a score for each thing that is read, how many passages mix two items, and a line for each document."""
    scores: dict[str, Score] = {}
    mixed, report = 0, []
    for label in sorted(folder.glob("*.json")):
        wanted = json.loads(label.read_text(encoding="utf-8"))
        try:
            document = read_document(label.with_suffix(""), label.stem)
        except Unreadable as error:
            scores.setdefault("items", Score()).wanted += len(wanted["items"])
            report.append(f"{label.stem}: not read, {error}")
            continue
        spans = [span(document, item) for item in wanted["items"]]
        paired = pairs(document, spans)
        mixes = _mixed(document, spans)
        mixed += mixes
        scores.setdefault("items", Score())
        scores["items"].right += len(paired)
        scores["items"].given += len(document.items)
        scores["items"].wanted += len(spans)
        for name in ("kind", "series", "date", "year", "issue", "total_issue"):
            _add(scores, name, [str(getattr(document, name) or "")], [str(wanted.get(name) or "")], label.stem)
        for number, item in paired.items():
            _add_item(scores, document, item, wanted["items"][number], label.stem)
        report.append(f"{label.stem}: {len(paired)} of {len(spans)} items, {len(document.items)} read, {mixes} passages mixed")
    return scores, mixed, report


def _add_item(scores: dict[str, Score], document: Document, at: int, wanted: dict[str, Any], where: str) -> None:
    item = document.items[at]
    if wanted["title"]:
        _add(scores, "titles", [item.title], [wanted["title"]], where)
    _add(scores, "sections", [_name(item.section)], [_name(wanted["section"] or "")], where)
    _add(scores, "credits", list(item.contributors), wanted["contributors"], where)
    _add(scores, "regions", list({region.name for region in item.regions}), wanted["regions"], where)
    _add(scores, "dates", list({day for date in item.dates for day in date.iso.split("/")}), wanted["dates"], where)


def _add(scores: dict[str, Score], name: str, given: list[str], wanted: list[str], where: str) -> None:
    scores.setdefault(name, Score()).add(Counter(map(_squeezed, given)), Counter(map(_squeezed, wanted)), where)


def _name(section: str) -> str:
    """Return a section's name without the marks and the number that some labels have."""
    return section_name(section[opening_of(section).words :])


def _squeezed(text: str) -> str:
    """Return a text without white space and borders of cells."""
    return re.sub(r"[\s|]", "", text)


def _place(document: Document, start: int, end: int) -> Span:
    return len(_squeezed(document.text[:start])), len(_squeezed(document.text[:end]))


def span(document: Document, item: dict[str, Any]) -> Span | None:
    """Return where an item stands in the squeezed text; None where the text was lost."""
    whole = _squeezed(document.text)
    end = whole.rfind(_squeezed(item["ends"]))
    start = whole.rfind(_squeezed(item["begins"]), 0, end + len(_squeezed(item["ends"]))) if end >= 0 else -1
    return (start, end + len(_squeezed(item["ends"]))) if start >= 0 else None


def pairs(document: Document, spans: list[Span | None]) -> dict[int, int]:
    """Return for each labelled item that was read rightly, by number, the number of the item read."""
    read = [_place(document, item.start, item.end) for item in document.items]
    found: dict[int, int] = {}
    for number, wanted in enumerate(spans):
        for at, (start, end) in enumerate(read):
            if wanted and at not in found.values() and abs(start - wanted[0]) <= _FRONT and abs(end - wanted[1]) <= _CREDIT:
                found[number] = at
                break
    return found


def _mixed(document: Document, spans: list[Span | None]) -> int:
    places = [_place(document, passage.start, passage.end) for item in document.items for passage in item.passages]
    return sum(sum(min(end, span[1]) - max(start, span[0]) > _TOUCHES for span in spans if span) > 1 for start, end in places)


def main() -> None:
    scores, mixed, report = measure(*map(Path, sys.argv[1:2]))
    print(*report, "", sep="\n")
    print(f"{'':>14} {'precision':>10} {'recall':>8} {'F1':>7} {'labelled':>9}")
    for name, score in scores.items():
        print(f"{name:>14} {score.precision:>10.3f} {score.recall:>8.3f} {score.f1:>7.3f} {score.wanted:>9}")
    print(f"passages that mix two items: {mixed}")


if __name__ == "__main__":
    main()
