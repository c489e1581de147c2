"""Measure search at 10,000, 100,000 and 1,000,000 passages.

Latency with and without filters, recall of the vectors, memory, time to open, time until one more document is found.

    python benchmarks/scale.py DATA FOLDER... [--passages N...]

DATA stores the synthetic catalogs, so that a second run only measures. FOLDERs are BEIR folders: the catalogs are made of
their passages, and their questions are asked.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from synthetic import fill, real_passages

from index.evaluate import read_lines
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.embeddings import changes_after
from ingest.read import read_record, structure
from service.settings import read_settings

_QUESTIONS = 300
_FILTERS = {
    "none": {},
    "one county in a hundred": {"region": "浙江省丙市四县"},
    "one kind in six": {"kind": "other"},
    "half the years": {"since": "2015-01-01"},
}
_MIB = 2**20


def main() -> None:
    options = _options()
    if options.measure:
        print(json.dumps(measure(options.data / str(options.measure), questions(options.folders))))
        return
    encoder = Encoder("", read_settings({}).cache)
    for passages in options.passages:
        _prepare(options, passages, encoder)
        command = [sys.executable, __file__, str(options.data), *map(str, options.folders), "--measure", str(passages)]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        print(f"{passages:,} passages")
        for name, value in found.items():
            print(f"  {name:34} {value}")


def _prepare(options: argparse.Namespace, passages: int, encoder: Encoder) -> None:
    """Make the catalog and its views where they have not been made."""
    data = options.data / str(passages)
    if not (data / "made").exists():
        began = time.perf_counter()
        catalog = Catalog(data)
        with catalog.writing():
            fill(catalog, passages, *real_passages(options.folders, options.data, encoder), encoder)
        print(f"{passages:,} passages stored in {time.perf_counter() - began:.0f} s")
        (data / "made").touch()
    began = time.perf_counter()
    SearchIndex(Catalog(data), encoder).refresh()
    if (took := time.perf_counter() - began) > 10:
        print(f"views made and saved in {took:.0f} s")


def questions(folders: list[Path]) -> list[str]:
    """Return questions of all folders, the same number of each."""
    return [
        str(row["text"]) for folder in folders for row in read_lines(folder / "queries.jsonl")[: _QUESTIONS // len(folders)]
    ]


def measure(data: Path, asked: list[str]) -> dict[str, object]:
    """Measure one catalog in a process of its own; times are in milliseconds, memory in MiB."""
    encoder = Encoder("", read_settings({}).cache)
    vectors = [encoder.query(text) for text in asked]
    bare = _resident()
    began = time.perf_counter()
    index = SearchIndex(Catalog(data), encoder)
    index.refresh()
    found: dict[str, object] = {"open, s": round(time.perf_counter() - began, 2)}
    for text in asked if index.ranker.synonyms else ():
        index.ranker.synonyms.of(index.query(text))  # warm-up: encodes the questions' words
    _times(index, asked, {})  # warm-up: reads the files from disk
    for name, conditions in _FILTERS.items():
        found[f"search, filter: {name}"] = _told(index, asked, conditions)
    seen = index.visible_to(frozenset())  # a caller to whom a third of the documents is not visible
    found["search, a third hidden"] = _told(seen, asked, {})
    found["memory with encoder; without"] = f"{_resident():.0f}; {_resident() - bare:.0f}"
    found["one more document found after, s"] = _one_more(index, encoder)
    found["recall@10 of the vector view"] = _recall(index, np.array(vectors))
    found["disk: catalog; views"] = "; ".join(f"{_size(path):.0f}" for path in (data / "catalog.sqlite", data / "views"))
    return found


def _told(index: SearchIndex, asked: list[str], conditions: dict[str, str]) -> str:
    first = _times(index, asked[:1], conditions)[0]
    times = _times(index, asked, conditions)
    return f"p50 {np.median(times):.1f} p95 {np.quantile(times, 0.95):.1f} first {first:.0f}"


def _times(index: SearchIndex, asked: list[str], conditions: dict[str, str]) -> list[float]:
    times = []
    for text in asked:
        began = time.perf_counter()
        assert index.search(text, 10, conditions).hits
        times.append((time.perf_counter() - began) * 1000)
    return times


def _one_more(index: SearchIndex, encoder: Encoder) -> float:
    text = "测试用的一篇\n来源：示例日报 2024-05-06\n癸县在古樟树下开设流动修表摊，每月逢五到村。"
    document = structure(read_record({"_id": "one-more", "title": "", "text": text}), "one-more")
    began = time.perf_counter()
    passages = [document.text[p.start : p.end] for item in document.items for p in item.passages]
    index.catalog.put(document, "one-more", encoder.fingerprint, encoder.passages(passages))
    hits = index.search("古樟树下流动修表摊").hits
    took = time.perf_counter() - began
    assert hits[0].citation.file == "one-more"
    index.catalog.forget("one-more")
    return round(took, 2)


def _recall(index: SearchIndex, asked: np.ndarray) -> float:
    """Compare the ten closest of the view with those of the catalog's vectors, in full precision."""
    best = np.full((len(asked), 10), -2.0, np.float32)
    numbers = np.zeros((len(asked), 10), np.int64)
    with index.catalog.reading() as db:
        changes = changes_after(db, "", 0)
        rows = iter(changes.vectors)
        while some := [row for row, _ in zip(rows, range(20_000), strict=False)]:
            cosines = asked @ np.stack([np.frombuffer(vector, "<f4") for _, vector in some]).T
            both = np.hstack([best, cosines])
            names = np.hstack([numbers, np.broadcast_to([number for number, _ in some], cosines.shape)])
            order = np.argpartition(-both, 10, axis=1)[:, :10]
            best, numbers = np.take_along_axis(both, order, 1), np.take_along_axis(names, order, 1)
    index.refresh()
    found = [index.views.vectors.search(query, 10)[0] for query in asked]
    return round(float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found, numbers, strict=True)])), 3)


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / _MIB


def _size(path: Path) -> float:
    return sum(p.stat().st_size for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file()) / _MIB


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
