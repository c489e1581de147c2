"""Ask questions with a place, a year, a month or a quoted name exchanged, and count whose figures are given all the same.

    python benchmarks/swaps.py DATA QUESTIONS

DATA is a data folder in which the documents of the questions are indexed (jianbao sync), QUESTIONS a file as for
`jianbao evaluate --questions`. Each question with an answer is asked with up to three exchanges, of names from other questions.
What was right before is now another's: marked, it is a fault.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from answer.metrics import bare
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from service.cli.printing import progress_bar
from service.settings import read_settings

sys.path.append(str(Path(__file__).resolve().parents[1]))
from answer.answerer import Answerer
from scripts.training.cross_examples import named

_EACH = 3  # exchanges of a question


def exchanges(question: str, names: dict[str, list[str]], chance: Random) -> Iterator[tuple[str, str, str]]:
    """Yield a question with one name exchanged, what it was, and what it became; years by one to three."""
    for kind, old in dict.fromkeys(named(question)):
        if kind in ("year", "month"):
            new = str(int(old) + chance.choice((-3, -2, 2, 3))) if kind == "year" else str((int(old) + 4) % 12 + 1)
        else:
            others = [name for name in names.get(kind, ()) if name not in question and name not in old and old not in name]
            if not others:
                continue
            new = chance.choice(others)
        yield question.replace(old, new), old, new


def main() -> None:
    """Ask, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("questions", type=Path)
    options = parser.parse_args()
    cache, chance = read_settings({}).cache, Random(3)  # noqa: S311
    answerer = Answerer(SearchIndex(Catalog(options.data), Encoder("", cache)), Reader(cache))
    answerer.index.refresh()
    rows = [row for row in map(json.loads, options.questions.read_text(encoding="utf-8").splitlines()) if row["must"]]
    names: dict[str, list[str]] = {}
    for row in rows:
        for kind, name in named(row["question"]):
            names.setdefault(kind, []).append(name)
    asked = answered = marked = 0
    with progress_bar("问"):
        for row in rows:
            for question, old, new in list(exchanges(row["question"], names, chance))[:_EACH]:
                answer = answerer.answer(question, row.get("after", ()))
                said = bare("".join([answer.short, *(one.text[slice(*one.mark)] for one in answer.sentences if one.mark)]))
                wrong = answer.found and any(
                    bare(one) in said for ways in row["must"] for one in ways if bare(one) not in bare(new)
                )
                asked, answered, marked = asked + 1, answered + answer.found, marked + wrong
                if wrong:
                    print(f"{old} → {new}: {question} → {answer.short}", flush=True)
    print(f"{asked} questions exchanged: {answered / asked:.3f} answered, {marked / asked:.3f} with another's figure")


if __name__ == "__main__":
    main()
