"""Measure whether the documents with wrong borders are among those of which the reader says that it is least sure.

.venv/bin/python benchmarks/certainty.py [FOLDER ...]    folders as of benchmarks/layouts.py; beside them the hand-labelled set
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import layouts
import reading

from ingest.errors import Unreadable
from ingest.read import read_document

QUARTER = 4


def judged(folder: Path) -> list[tuple[float, bool]]:
    """Return the certainty of each document of a folder, and whether each of its items has the right borders and no more."""
    found = []
    for label in sorted(folder.glob("*.json")):
        wanted = json.loads(label.read_text(encoding="utf-8"))["items"]
        original = label.with_suffix("") if label.with_suffix("").suffix else label.with_suffix(".txt")
        try:
            document = read_document(original, original.name)
        except Unreadable:
            continue
        pairs = layouts.pairs(document, [layouts.span(document, item) for item in wanted])
        found.append((document.certainty, len(pairs) == len(wanted) == len(document.items)))
    return found


def main() -> None:
    folders = [reading.LABELLED, *(map(Path, sys.argv[1:]) if sys.argv[1:] else [layouts.LABELLED])]
    found = [one for folder in folders for one in judged(folder)]
    documents = sorted(found, key=lambda one: (one[0], not one[1]))  # of equals the wrong ones last: against the reader
    wrong = [number for number, (_, right) in enumerate(documents) if not right]
    quarter = len(documents) // QUARTER
    print(f"{len(documents)} documents, {len(wrong)} with a wrong border")
    print(f"of these among the least sure quarter ({quarter}): {sum(number < quarter for number in wrong)}")
    for least, most in ((0.0, 0.5), (0.5, 0.9), (0.9, 0.99), (0.99, 1.01)):
        some = [right for certainty, right in documents if least <= certainty < most]
        print(f"certainty {least:.2f} to {min(most, 1):.2f}: {len(some):3} documents, {sum(some):3} right")


if __name__ == "__main__":
    main()
