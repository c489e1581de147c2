"""Measure what each signal adds to answers: to the choice of the quoted sentence, and to whether a question is answered.

    python benchmarks/answers.py DATA FOLDER...

FOLDER contains queries with answers; DATA stores the encoded corpora for the next run. Every question is answered here, also
those that would be refused. The second table uses the data that answer/weights.npz was fitted on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

import numpy as np

from answer.judge import FOUND_FEATURES, PASSAGES, READ_FOUND_FEATURES, Evidence, gather, judge, read
from answer.metrics import auc, bare, char_f1
from answer.question import read_question
from answer.quotes import quotes_of
from answer.weights import FILE, load_weights
from index.evaluate import corpus_catalog, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.search.index import SearchIndex
from service.cli.printing import progress_bar
from service.settings import read_settings

Quoting = Callable[[Evidence], Sequence[int]]


def quotings(reader: Reader) -> dict[str, Quoting]:
    """Return the ways to choose what is quoted."""
    plain, whole = load_weights(reader=False), load_weights(reader=True)

    def by_reader(evidence: Evidence) -> Sequence[int]:
        readings = read(evidence, reader, whole).readings
        return [max(readings, key=lambda number: readings[number].answer)]

    def quoted(evidence: Evidence) -> Sequence[int]:
        return [quote.sentence for quote in quotes_of(judge(read(evidence, reader, whole), whole))]

    return {
        "the sentence with the largest overlap": lambda evidence: [int(evidence.overlap.sentences.argmax())],
        "the reader alone": by_reader,
        "all but the reader, one sentence": lambda evidence: [judge(evidence, plain).best],
        "all but the reader": lambda evidence: [quote.sentence for quote in quotes_of(judge(evidence, plain))],
        "all, one sentence": lambda evidence: [judge(read(evidence, reader, whole), whole).best],
        "**all**": quoted,
    }


def measure(folder: Path, data: Path, encoder: Encoder, reader: Reader) -> None:
    """Print a row for each way of quoting."""
    with progress_bar("篇") as watch:
        catalog = corpus_catalog(folder, data, read_lines(folder / "corpus.jsonl"), encoder, watch)
    index = SearchIndex(catalog, encoder)
    rows = [row for row in read_lines(folder / "queries.jsonl") if row.get("answer")]
    questions = [read_question(index.query(row["text"])) for row in rows]
    gathered = [gather(question, index.retrieve(question.query, PASSAGES)) for question in questions]
    for name, quoting in quotings(reader).items():
        quotes = [[one.sentences[number].text for number in quoting(one)] for one in gathered]
        answers = [str(row["answer"]) for row in rows]
        contained = mean(bare(answer) in bare("".join(quote)) for quote, answer in zip(quotes, answers, strict=True))
        f1 = mean(char_f1("".join(quote), answer) for quote, answer in zip(quotes, answers, strict=True))
        print(f"| `{folder.name}` | {name} | {contained:.3f} | {f1:.3f} | {mean(map(len, quotes)):.2f} |", flush=True)


def signals() -> None:
    """Print how well each feature alone, and all together, tell questions with an answer from the hard ones without."""
    with np.load(FILE) as stored:
        rows, found, weights = stored["rows.reader"], stored["found"].astype(bool), stored["weights"]
    hard = weights == weights.max()
    for number, name in enumerate(FOUND_FEATURES + READ_FOUND_FEATURES):
        one = auc(rows[hard & found, number].tolist(), rows[hard & ~found, number].tolist())
        print(f"| {name} | {max(one, 1 - one):.3f} |")
    chances = load_weights(reader=True).found.probability(rows)
    print(f"| **all** | {auc(chances[hard & found].tolist(), chances[hard & ~found].tolist()):.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args()
    cache = read_settings({}).cache
    encoder, reader = Encoder("", cache), Reader(cache)
    print("| folder | quoted | contained | F1 | sentences |\n|---|---|---|---|---|")
    for folder in options.folders:
        measure(folder, options.data, encoder, reader)
    print("\n| signal | AUC |\n|---|---|")
    signals()


if __name__ == "__main__":
    main()
