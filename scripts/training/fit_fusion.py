"""Choose the constants of index.search.fusion on the written questions kept apart, by coordinate search.

    python -m scripts.training.fit_fusion DATA WORK

DATA as for scripts.training.questions. All written texts are indexed in WORK; each question apart is a search for its own text.
Prints the mean reciprocal rank within ten of every kind of question for each value tried, and the best values.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import index.search.fusion as fusion
from index.arrays import Vectors
from index.evaluate import corpus_catalog, files_of_passages, read_lines
from index.models.encoder import Encoder
from index.search.fusion import Candidates, Features
from index.search.index import SearchIndex
from index.search.ranking import CANDIDATES
from scripts.training.questions import KINDS, Written, unmeasured
from service.cli.printing import progress_bar
from service.settings import read_settings

# Constants in the order in which they are tried, each with the values around its own, as factors.
CONSTANTS = ("KEYWORD_WEIGHT", "LIKE_WEIGHT", "PHRASE_WEIGHT", "FIT_WEIGHT", "LOOK_ALIKES_FROM", "FEEDBACK_WEIGHT")
FACTORS = (0.0, 0.35, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0)
TURNS = 3


@dataclass(frozen=True, slots=True)
class Search:
    """A question with its candidates, and which of them are of its own text."""

    kind: str
    vector: Vectors
    candidates: Candidates
    features: Features
    documents: np.ndarray  # a number for the document of each candidate
    own: int  # the number of its own document


def gathered(index: SearchIndex, apart: Sequence[tuple[str, Written]]) -> list[Search]:
    """Return the searches of all questions of some texts, given with their files."""
    files = {number: names[0] for number, names in files_of_passages(index.catalog).items()}
    documents = {file: number for number, file in enumerate(dict.fromkeys(files.values()))}
    found = []
    for file, one in apart:
        for kind in KINDS:
            if not (asked := one.first(kind)):
                continue
            query = index.query(asked.question).encoded()

            numbers, candidates, features, _ = index.in_one_state(
                lambda state, query=query: index.ranker.gather(state, query, CANDIDATES)  # type: ignore[misc]
            )
            own = np.array([documents[files[number]] for number in numbers.tolist()])
            found.append(Search(kind, query.vector, candidates, features, own, documents.get(file, -1)))
    return found


def quality(searches: Sequence[Search]) -> tuple[float, str]:
    """Return the mean over the kinds of the mean reciprocal rank with the constants as they are, and each kind's."""
    ranks: dict[str, list[float]] = {}
    for one in searches:
        fused = fusion.fuse(one.vector, one.candidates, one.features)
        best: dict[int, int] = {}
        for document in one.documents[np.argsort(-fused, kind="stable")].tolist():
            best.setdefault(document, len(best) + 1)
        rank = best.get(one.own, 11)
        ranks.setdefault(one.kind, []).append(1 / rank if rank <= 10 else 0.0)
    means = {kind: float(np.mean(values)) for kind, values in ranks.items()}
    return float(np.mean(list(means.values()))), " ".join(f"{kind} {value:.4f}" for kind, value in means.items())


def main() -> None:
    """Index, gather, search."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--others", type=int, default=0, help="texts beside those apart that are indexed; 0: all")
    options = parser.parse_args()
    learned, apart, _ = unmeasured(options.data)
    texts = list({one.text: one for one in (*apart, *learned[: options.others or None])}.values())
    folder = options.work / "written"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"_id": str(number), "title": one.title, "text": one.text} for number, one in enumerate(texts)]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    encoder = Encoder("", read_settings({}).cache)
    with progress_bar("篇") as watch:
        catalog = corpus_catalog(folder, options.work, read_lines(folder / "corpus.jsonl"), encoder, watch)
    index = SearchIndex(catalog, encoder)
    index.refresh()
    kept = {one.text for one in apart}
    searches = gathered(index, [(str(number), one) for number, one in enumerate(texts) if one.text in kept])
    best, kinds = quality(searches)
    print(f"{len(searches)} searches; as it is {best:.4f} ({kinds})", flush=True)
    for _ in range(TURNS):
        before = best
        for name in CONSTANTS:
            own = getattr(fusion, name)
            tried = {own: best}
            for factor in FACTORS:
                setattr(fusion, name, max(1e-9, own * factor) if name == "LOOK_ALIKES_FROM" else own * factor)
                tried[own * factor], kinds = quality(searches)
                print(f"  {name} {own * factor:.3g}: {tried[own * factor]:.4f} ({kinds})", flush=True)
            chosen = max(tried, key=lambda value: tried[value])
            setattr(fusion, name, chosen)
            best = tried[chosen]
            print(f"{name} = {chosen:.4g}: {best:.4f}", flush=True)
        if best - before < 0.0005:
            break


if __name__ == "__main__":
    main()
