"""Count the document frequency of each token in ordinary text; write answer/background.npz.

    python -m scripts.training.count_background FOLDER

FOLDER contains `reader` (Wikipedia paragraphs of CMRC 2018 and DRCD) and `crud_news` (news of CRUD-RAG). The text is cut into
pieces as long as a passage. Only the frequencies are stored, for tokens in at least one of 2,000 pieces.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.text.words import fold, tokens

STRETCH = 240  # characters, as long as a passage
LEAST = 1 / 2000
_FILES = ("crud_news/corpus.jsonl", "reader/cmrc2018.contexts.jsonl", "reader/drcd.contexts.jsonl")


def stretches(folder: Path) -> Iterator[str]:
    """Yield the texts in stretches of like length."""
    for name in _FILES:
        with (folder / name).open(encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["text"]
                yield from (text[start : start + STRETCH] for start in range(0, len(text), STRETCH))


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    held: Counter[str] = Counter()
    total = 0
    for text in stretches(parser.parse_args().folder):
        held.update(set(tokens(fold(text))))
        total += 1
    kept = sorted(token for token, count in held.items() if count >= LEAST * total)
    rates = np.array([held[token] / total for token in kept], np.float16)
    file = Path(__file__).resolve().parents[2] / "answer" / "background.npz"
    np.savez_compressed(file, tokens=np.array("\n".join(kept)), rates=rates)
    print(f"{file.name}: {len(kept)} tokens of {total} stretches, {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
