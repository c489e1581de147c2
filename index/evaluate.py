"""Measure retrieval on a BEIR folder: corpus.jsonl, queries.jsonl, qrels.tsv (graded relevance, gain 2^grade - 1)."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from index.arrays import Scores
from index.errors import BadCorpus
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.progress import Watch, silent
from index.search.index import SearchIndex
from index.search.ranking import READS
from index.store.catalog import Catalog
from index.store.documents import document_of
from index.store.passages import files_of_passages
from index.store.records import Stamp
from index.sync.writer import Writer
from ingest.errors import Unreadable
from ingest.read import read_record, structure

DEPTH = 10  # the "@10" of the metrics
_PASSAGES = 200  # retrieved for each query: enough to come from more than DEPTH documents

Judgments = dict[str, dict[str, int]]  # query → document → grade


def evaluate(
    folder: Path,
    data: Path,
    encoder: Encoder,
    watch: Watch = silent,
    added: Path | None = None,
    reader: Reader | None = None,
    reads: int = READS,
) -> dict[str, dict[str, float]]:
    """Return metrics over documents, and latencies in milliseconds, of dense, keyword and hybrid search.

    The corpus is indexed below `data` and kept there; a second run encodes nothing again. `added` names a file of further
    judgments, like the folder's qrels.tsv. With a reader, hybrid search has it put the first `reads` passages in order.
    """
    corpus = read_lines(folder / "corpus.jsonl")
    judgments = read_judgments(folder / "qrels.tsv")
    for query, grades in (read_judgments(added) if added else {}).items():
        judgments.setdefault(query, {}).update(grades)
    queries = {str(row["_id"]): str(row["text"]) for row in read_lines(folder / "queries.jsonl")}
    judged = {query: text for query, text in queries.items() if any(grade > 0 for grade in judgments.get(query, {}).values())}
    if not judged:
        raise BadCorpus(f"{folder} 里没有带标注的问题：queries.jsonl 与 qrels.tsv 对不上")
    index = SearchIndex(corpus_catalog(folder, data, corpus, encoder, watch), encoder, reader=reader, reads=reads)
    index.refresh()
    encoder.query("预热")  # the first query loads the model, which is no part of a search
    sides = {"dense": index.dense, "keyword": index.keyword, "hybrid": index.hybrid}
    files_of = files_of_passages(index.catalog)
    metrics = {}
    for side, search in sides.items():
        encoder.forget()  # the previous kind of search has cached the same queries
        metrics[side] = _measure(search, files_of, judged, judgments)
    return metrics


def corpus_catalog(folder: Path, data: Path, corpus: list[dict[str, Any]], encoder: Encoder, watch: Watch) -> Catalog:
    """Return the catalog of a corpus, brought up to date and kept below `data`."""
    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    catalog = Catalog(data / "evaluate" / f"{folder.resolve().name}-{key}")
    with catalog.writing():
        _fill(catalog, Writer(catalog, encoder, len(corpus), watch), corpus)
    return catalog


def _fill(catalog: Catalog, writer: Writer, corpus: list[dict[str, Any]]) -> None:
    """Make the catalog contain exactly this corpus."""
    gone = set(catalog.stamps())
    for row in corpus:
        file = str(row["_id"])
        writer.count(files=1)
        try:
            document = structure(read_record(row), file)
        except Unreadable:
            continue  # a row without text can answer nothing; it still counts against recall if it is judged
        gone.discard(file)
        if document_of(catalog, document.id) == document:
            writer.keep(document.id, file)
        else:
            writer.put(document, file)
        writer.close(file, Stamp(0, 0, file))
    writer.flush()
    for file in gone:
        catalog.forget(file)
    writer.finish()


def _measure(
    search: Callable[[str, int], Scores], files_of: dict[int, list[str]], queries: dict[str, str], judgments: Judgments
) -> dict[str, float]:
    sums = dict.fromkeys(("ndcg@10", "recall@10", "mrr@10", "hit@1"), 0.0)
    times: list[float] = []
    for query, text in queries.items():
        began = time.perf_counter()
        numbers, _ = search(text, _PASSAGES)
        times.append((time.perf_counter() - began) * 1000)
        ranked = list(dict.fromkeys(file for number in numbers.tolist() for file in files_of[number]))[:DEPTH]
        for name, value in metrics_of(ranked, judgments[query]).items():
            sums[name] += value
    metrics = {name: round(total / len(queries), 4) for name, total in sums.items()}
    cuts = quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 19
    return metrics | {"p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}


def metrics_of(ranked: list[str], grades: dict[str, int]) -> dict[str, float]:
    """Return the metrics of one ranking of documents, given the grades of a query."""

    def gain(ranked_grades: list[int]) -> float:
        return sum((2.0**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(ranked_grades[:DEPTH]))

    ranked_grades = [grades.get(document, 0) for document in ranked]
    relevant = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    first = next((rank for rank, grade in enumerate(ranked_grades, 1) if grade > 0), None)
    return {
        "ndcg@10": gain(ranked_grades) / gain(relevant),
        "recall@10": sum(grade > 0 for grade in ranked_grades) / len(relevant),
        "mrr@10": 1 / first if first else 0.0,
        "hit@1": float(first == 1),
    }


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a corpus.jsonl or queries.jsonl; raise BadCorpus."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(_text_lines(path), 1):
        try:
            row = json.loads(line)
            if "_id" not in row or "text" not in row:
                raise ValueError
        except (ValueError, TypeError) as error:
            raise BadCorpus(f"{path.name} 第 {number} 行不是带 _id 和 text 的 JSON") from error
        rows.append(row)
    return rows


def read_judgments(path: Path) -> Judgments:
    """Return the grades of a qrels.tsv; raise BadCorpus."""
    judgments: Judgments = {}
    for number, line in enumerate(_text_lines(path), 1):
        cells = line.split("\t")
        if number == 1 and cells[-1] == "score":
            continue
        try:
            query, document, grade = cells
            judgments.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise BadCorpus(f"{path.name} 第 {number} 行不是“问题、文档、等级”三列") from error
    return judgments


def _text_lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as stream:
            yield from (line.rstrip("\n") for line in stream if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise BadCorpus(f"读不了 {path}：评测文件夹要有 corpus.jsonl、queries.jsonl、qrels.tsv") from error
