"""Compare the encoder with other runtimes of the same model: speed, latency, memory, cosines, retrieval quality.

.venv/bin/python -m pip install -e ".[dev,bench]"
.venv/bin/python benchmarks/encoder.py FOLDER      a BEIR folder; every runtime encodes its corpus in a process of its own
.venv/bin/python benchmarks/encoder.py clients     queries a second of 1, 4 and 16 clients, batched together and one by one
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

import numpy as np
from processor_peak import peak
from runtimes import RUNTIMES, Runtime

from index.evaluate import metrics_of, read_judgments, read_lines
from index.models.prompts import E5
from index.store.records import embedded_text
from ingest.read import read_record, structure
from service.settings import read_settings

_QUERIES = 200  # queries whose latency is measured
_LINEAR = 12 * (4 * 384 * 384 + 2 * 384 * 1536)  # number of weights in the model's matrix products: 12 layers, 384 wide
SCRATCH = read_settings({}).cache / "benchmarks"


def passages(folder: Path) -> tuple[list[str], list[str]]:
    """Return the passages of a corpus as they are encoded, and the document that each is of."""
    texts, documents = [], []
    for row in read_lines(folder / "corpus.jsonl"):
        document = structure(read_record(row), str(row["_id"]))
        for passage in (passage for item in document.items for passage in item.passages):
            texts.append(embedded_text(passage.context, document.text[passage.start : passage.end]))
            documents.append(document.file)
    return texts, documents


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Measure one runtime in this process; its vectors go to a file."""
    texts, documents = passages(folder)
    judgments = read_judgments(folder / "qrels.tsv")
    asked = {str(row["_id"]): str(row["text"]) for row in read_lines(folder / "queries.jsonl") if str(row["_id"]) in judgments}
    before = _resident()
    began = time.perf_counter()
    runtime = RUNTIMES[name](SCRATCH)
    runtime.query("预热")
    result: dict[str, Any] = {"load_s": time.perf_counter() - began}
    runtime.passages(texts[:32])
    began = time.perf_counter()
    vectors = runtime.passages(texts)
    result["passages_s"] = len(texts) / (time.perf_counter() - began)
    result["resident_mb"] = _resident() - before
    times, found = [], []
    for text in asked.values():
        began = time.perf_counter()
        found.append(runtime.query(text))
        times.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(times[:_QUERIES], n=20)
    result |= {
        "p50_ms": cuts[9],
        "p95_ms": cuts[18],
        "ndcg": _ndcg(vectors, np.stack(found), documents, list(asked), judgments),
    }
    np.save(SCRATCH / f"{name}.npy", vectors)
    return result


def _ndcg(vectors: Any, queries: Any, documents: list[str], names: list[str], judgments: Any) -> float:
    """Return nDCG@10 by document, each ranked by its best passage."""
    total = 0.0
    for name, cosines in zip(names, queries @ vectors.T, strict=True):
        ranked = list(dict.fromkeys(documents[n] for n in np.argsort(-cosines)[:200]))[:10]
        total += metrics_of(ranked, judgments[name])["ndcg@10"]
    return total / len(names)


def _resident() -> float:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096 / 2**20


def compare(folder: Path) -> None:
    """Print a table: every runtime in a process of its own, one after another, and ratios to plain sentence-transformers."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    from runtimes import tokens_of

    texts, _ = passages(folder)
    lengths = tokens_of(SCRATCH, [E5["passage"] + text for text in texts])
    # Operations: two per weight and token; attention has two products of length 384 per pair of tokens in each of 12 layers.
    work = float(np.mean([2 * _LINEAR * n + 12 * 4 * 384 * n * n for n in lengths])) / 1e9
    peaks = {form: peak(form) for form in ("int8", "bf16", "f32")}
    print(f"{len(texts)} passages of {np.mean(lengths):.0f} tokens, {work:.1f} billion operations each; measured peaks, "
          + ", ".join(f"{form} {value:.0f}" for form, value in peaks.items()) + " billion a second")  # fmt: skip
    rows: dict[str, dict[str, Any]] = {}
    print(f"{'':<24}{'passages/s':>11}{'ratio':>7}{'of peak':>9}{'p50 ms':>8}{'ratio':>7}{'p95':>7}{'load s':>8}{'MB':>7}"
          f"{'cosine':>9}{'least':>8}{'nDCG@10':>9}")  # fmt: skip
    for name, runtime in RUNTIMES.items():
        done = subprocess.run([sys.executable, __file__, name, str(folder)], capture_output=True, text=True, check=True)
        row = rows[name] = json.loads(done.stdout.splitlines()[-1])
        plain = rows["plain fp32"]
        cosines = np.sum(np.load(SCRATCH / f"{name}.npy") * np.load(SCRATCH / "plain fp32.npy"), axis=1)
        print(f"{name:<24}{row['passages_s']:>11.1f}{row['passages_s'] / plain['passages_s']:>7.2f}"
              f"{row['passages_s'] * work / peaks[runtime.form]:>9.0%}{row['p50_ms']:>8.1f}"
              f"{row['p50_ms'] / plain['p50_ms']:>7.2f}{row['p95_ms']:>7.1f}{row['load_s']:>8.1f}{row['resident_mb']:>7.0f}"
              f"{cosines.mean():>9.4f}{cosines.min():>8.4f}{row['ndcg']:>9.4f}", flush=True)  # fmt: skip


def clients() -> None:
    """Print queries a second and latencies of so many clients, each asking the next when it has the last."""
    runtime: Runtime = RUNTIMES["jianbao"](SCRATCH)
    runtime.query("预热")
    number = iter(range(10**9))
    for count in (1, 4, 16):
        for way, ask in (("together", runtime.query), ("one by one", lambda text: runtime.passages([text]))):
            times: list[float] = []

            def client(ask: Any = ask, times: list[float] = times, questions: int = 400 // count) -> None:
                for _ in range(questions):
                    text = f"第{next(number)}个问题：山区县怎样引导农户发展乡村旅游和民宿"[: 14 + next(number) % 20]
                    began = time.perf_counter()
                    ask(text)
                    times.append((time.perf_counter() - began) * 1000)

            threads = [threading.Thread(target=client) for _ in range(count)]
            began = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            cuts, speed = quantiles(times, n=20), len(times) / (time.perf_counter() - began)
            print(f"{count:>3} clients, {way:<11}{speed:>7.0f} queries/s   p50 {cuts[9]:>6.1f} ms   p95 {cuts[18]:>6.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:] == ["clients"]:
        clients()
    elif len(sys.argv) == 2:
        compare(Path(sys.argv[1]))
    elif len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
    else:
        sys.exit(__doc__)
