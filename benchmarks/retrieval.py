"""Measure retrieval on several BEIR folders, in one table.

    python benchmarks/retrieval.py DATA FOLDER...

DATA stores the encoded corpora for the next run. If `benchmarks/judgments` has a file named after a folder, the folder is
measured once more with these judgments added to its own, and the row says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from index.evaluate import evaluate
from index.models.encoder import Encoder
from index.models.reader import Reader
from service.cli.printing import progress_bar
from service.settings import read_settings

_JUDGMENTS = Path(__file__).parent / "judgments"
_METRICS = ("ndcg@10", "recall@10", "mrr@10", "hit@1", "p50_ms", "p95_ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args()
    cache = read_settings({}).cache
    encoder, reader = Encoder("", cache), Reader(cache)
    print("| folder | side |" + "".join(f" {name} |" for name in _METRICS))
    print("|---" * (len(_METRICS) + 2) + "|")
    for folder in options.folders:
        added = _JUDGMENTS / f"{folder.name}.tsv"
        for file in (None, added) if added.exists() else (None,):
            with progress_bar("篇") as watch:
                metrics = evaluate(folder, options.data, encoder, watch, file, reader)
            for side, values in metrics.items():
                name = f"`{folder.name}`{' with our judgments' if file else ''}"
                print(f"| {name} | {side} |" + "".join(f" {values[metric]:.4g} |" for metric in _METRICS), flush=True)


if __name__ == "__main__":
    main()
