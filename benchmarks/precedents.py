"""Measure precedent searches, with results grouped as cases, and what each part of the ranking brings.

    python benchmarks/precedents.py DATA FOLDER

FOLDER is a BEIR folder of searches in everyday words with graded judgments (`precedents`); DATA stores its encoded corpus for
the next run. The same is measured on tests/data/questions/known_items.jsonl, searches in everyday words for one text each, if
the corpus has these texts, on known_fresh.jsonl beside it, which was written after the constants had been chosen, and on
`benchmarks/judgments/themes.jsonl`: 32 searches of our own over the same corpus, in which a text's grade is how often it
contains the official terms (once: 1; twice, or in its title: 2). They were written before any ranking was tried, and no one has
read their results, so they show overfitting to the judged searches, on which the weights were chosen.

Where the lists of cases end (`cases/fitting.py`) is measured first, on the judged searches alone: the precision of what is
shown, of the results with a judgment and with those without one taken for wrong, and the share of what is relevant that is
shown. `--end` measures nothing else.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median
from typing import Any

import cases.find
import cases.ranking
import index.search.expansion
import index.search.ranking
from cases.find import find_cases
from index.evaluate import Judgments, corpus_catalog, files_of_passages, metrics_of, read_judgments, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.search.index import SearchIndex
from service.cli.printing import progress_bar
from service.settings import read_settings

_QUESTIONS = Path(__file__).parents[1] / "tests" / "data" / "questions"
_THEMES = Path(__file__).parent / "judgments" / "themes.jsonl"
_DEPTH = 20
_COLUMNS = ("hit@1, grade 2", "hit@1", "recall@20, grade 2", "recall@20", "nDCG@10", "MRR@10")
_WITHOUT: dict[str, dict[tuple[Any, str], float]] = {  # parts of the ranking, each with the constant that switches it off
    "without the glossary's words": {(cases.ranking, "WORDS"): 0.0},
    "without what the best cases say": {(cases.ranking, "SAID"): 0.0},
    "without taking off what is near to any question": {(index.search.expansion, "HUB"): 0.0},
    "without words of like meaning": {(cases.ranking, "LIKES"): 0.0},
    "without the number of passages": {(cases.ranking, "LENGTH"): 0.0},
    "by passages (as `hybrid`)": {(cases.find, "THEIR_WORDS"): 0.0},
    "by passages, none of them read": {(cases.find, "THEIR_WORDS"): 0.0, (index.search.ranking, "THEIR_WORDS"): 0.0},
}

Queries = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--end", action="store_true", help="only where the lists end")
    options = parser.parse_args()
    cache = read_settings({}).cache
    encoder = Encoder("", cache)
    rows = read_lines(options.folder / "corpus.jsonl")
    with progress_bar("篇") as watch:
        searched = SearchIndex(
            corpus_catalog(options.folder, options.data, rows, encoder, watch), encoder, reader=Reader(cache)
        )
    searched.refresh()
    judged = {str(row["_id"]): str(row["text"]) for row in read_lines(options.folder / "queries.jsonl")}
    _print_end(searched, judged, options.folder)
    if options.end:
        return
    sets = {
        f"`{options.folder.name}`": (judged, read_judgments(options.folder / "qrels.tsv")),
        "themes": _themes(rows),
        "known items": _known("known_items", {str(row["_id"]) for row in rows}),
        "fresh known items": _known("known_fresh", {str(row["_id"]) for row in rows}),
    }
    print("| searches | ranking |" + "".join(f" {column} |" for column in (*_COLUMNS, "ms (median)")))
    print("|---" * (len(_COLUMNS) + 3) + "|")
    for name, (queries, judgments) in sets.items():
        for ranking, changes in ({"all of it": {}} | _WITHOUT).items():
            with _changed(changes):
                _print(name, ranking, _measured(lambda text: _found(searched, text), queries, judgments))
        for ranking, search in {"dense": searched.dense, "keyword": searched.keyword}.items():
            files = files_of_passages(searched.catalog)

            def by_passage(text: str, search: Any = search, files: Any = files) -> list[str]:
                return [file for number in search(text, 400)[0].tolist() for file in files[number]]

            _print(name, f"{ranking} alone", _measured(by_passage, queries, judgments))


def _print_end(searched: SearchIndex, queries: Queries, folder: Path) -> None:
    judgments = read_judgments(folder / "qrels.tsv")
    for line in (folder / "judgments.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        judgments.setdefault(row["query-id"], {}).setdefault(row["corpus-id"], row["grade"])
    shares = []
    for query, text in queries.items():
        found = find_cases(searched, text, 1, {})
        shown = [case.hits[0].citation.file for case in find_cases(searched, text, found.total, {}).cases]
        grades = [judgments[query].get(file, -1) for file in shown]
        relevant, right = (sum(grade > least for grade in grades) for least in (0, 1))
        known, exact = (sum(grade > least for grade in judgments[query].values()) for least in (0, 1))
        judged = sum(grade >= 0 for grade in grades) or 1
        shares.append([relevant / judged, relevant / (len(shown) or 1), relevant / known, right / exact, float(len(shown))])
    print("| relevant, of the shown with a judgment | of all shown | of the relevant, shown | of grade 2 | shown (median) |")
    print("|---|---|---|---|---|")
    means = [mean(column) for column in list(zip(*shares, strict=True))[:4]]
    print("|" + "".join(f" {value:.3f} |" for value in means) + f" {median(row[4] for row in shares):.0f} |\n")


def _themes(rows: list[dict[str, Any]]) -> tuple[Queries, Judgments]:
    queries, judgments = {}, {}
    for number, line in enumerate(_THEMES.read_text(encoding="utf-8").splitlines(), 1):
        theme = json.loads(line)
        terms, grades = re.compile(theme["terms"]), {}
        for row in rows:
            held = len(terms.findall(row["text"])) + 2 * bool(terms.search(row.get("title", "")))
            if held:
                grades[str(row["_id"])] = min(held, 2)
        queries[str(number)], judgments[str(number)] = theme["text"], grades
    return queries, judgments


def _known(name: str, texts: set[str]) -> tuple[Queries, Judgments]:
    lines = (_QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    searches = [search for search in map(json.loads, lines) if search["id"] in texts]
    queries = {str(number): search["query"] for number, search in enumerate(searches)}
    return queries, {str(number): {search["id"]: 2} for number, search in enumerate(searches)}


@contextmanager
def _changed(values: dict[tuple[Any, str], float]) -> Iterator[None]:
    before = {(module, name): getattr(module, name) for module, name in values}
    for (module, name), value in values.items():
        setattr(module, name, value)
    yield
    for (module, name), value in before.items():
        setattr(module, name, value)


def _found(searched: SearchIndex, text: str) -> list[str]:
    return [case.hits[0].citation.file for case in find_cases(searched, text, 100, {}).cases]


def _measured(search: Callable[[str], list[str]], queries: Queries, judgments: Judgments) -> list[float]:
    found, times = [], []
    for query, text in queries.items():
        began = time.perf_counter()
        ranked = list(dict.fromkeys(search(text)))
        times.append((time.perf_counter() - began) * 1000)
        grades = judgments[query]
        true = {file for file, grade in grades.items() if grade > 1}
        relevant = {file for file, grade in grades.items() if grade > 0}
        first = grades.get(ranked[0], 0)
        shares = [len(some & set(ranked[:_DEPTH])) / len(some) for some in (true, relevant)]
        metrics = metrics_of(ranked, grades)
        found.append([float(first > 1), float(first > 0), *shares, metrics["ndcg@10"], metrics["mrr@10"]])
    return [*map(mean, zip(*found, strict=True)), median(times)]


def _print(name: str, ranking: str, values: list[float]) -> None:
    print(f"| {name} | {ranking} |" + "".join(f" {value:.3f} |" for value in values[:-1]) + f" {values[-1]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
