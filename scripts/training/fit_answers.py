"""Fit the weights of answers on BEIR folders with answers; write answer/weights.npz, with the training data of `found`.

    python -m scripts.training.fit_answers DATA FOLDER

FOLDER contains `ncp`, with queries_unanswerable.jsonl, and `crud_news`; DATA stores the encoded corpora for the next run. A
sentence that overlaps a question's answer counts as containing it. Questions without an answer are those of one corpus asked of
the other, and those whose document is absent.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from answer.features import FEATURES
from answer.judge import (
    FOUND_FEATURES,
    PASSAGES,
    READ_FEATURES,
    READ_FOUND_FEATURES,
    Evidence,
    found_features,
    gather,
    read,
    sentence_features,
)
from answer.metrics import answer_spans
from answer.question import read_question
from answer.weights import FILE, Weights, logistic, stacked
from index.arrays import Floats
from index.evaluate import corpus_catalog, read_judgments, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.search.index import SearchIndex
from service.cli.printing import progress_bar
from service.settings import read_settings

# Corpus, questions, sample weight. Questions of the corpus's own kind that it does not answer are the hard ones.
ANSWERED = (("ncp", "ncp/queries.jsonl", 3.0), ("crud_news", "crud_news/queries.jsonl", 1.0))
UNANSWERED = (
    ("ncp", "ncp/queries_unanswerable.jsonl", 3.0),
    ("ncp", "crud_news/queries.jsonl", 2.0),
    ("crud_news", "ncp/queries.jsonl", 1.0),
)
# Share of the hard questions (same kind, document absent) that must be refused; not all, since a few can be answered.
REFUSED = 0.83


@dataclass(frozen=True, slots=True)
class Example:
    """A question with what the passages say, and what is right."""

    evidence: Evidence
    holds: Floats  # (sentences,): 1 for a sentence that overlaps the answer
    found: bool
    weight: float


def examples(folder: Path, data: Path) -> Iterator[Example]:
    """Gather the evidence of all questions, without the reader."""
    encoder = Encoder("", read_settings({}).cache)
    for corpus in ("ncp", "crud_news"):
        with progress_bar("篇") as watch:
            catalog = corpus_catalog(folder / corpus, data, read_lines(folder / corpus / "corpus.jsonl"), encoder, watch)
        index = SearchIndex(catalog, encoder)
        judgments = read_judgments(folder / corpus / "qrels.tsv")
        for sets, found in ((ANSWERED, True), (UNANSWERED, False)):
            for _, name, weight in (one for one in sets if one[0] == corpus):
                for row in read_lines(folder / name):
                    question = read_question(index.query(row["text"]))
                    evidence = gather(question, index.retrieve(question.query, PASSAGES))
                    relevant = judgments.get(str(row["_id"]), {}) if found else {}
                    yield Example(evidence, _holds(evidence, row["answer"], relevant), found, weight)
                print(corpus, name, flush=True)


def _holds(evidence: Evidence, answer: str, relevant: dict[str, int]) -> Floats:
    """Return which sentences overlap the answer: in a document that is relevant, or anywhere if it is long enough."""
    holds = np.zeros(len(evidence.sentences), np.float32)
    for rank, stored in enumerate(evidence.retrieved.passages):
        if not relevant or (stored.document.file not in relevant and len(answer) < 10):
            continue
        for start, end in answer_spans(stored.text, answer):
            begin, stop = start + stored.passage.start, end + stored.passage.start
            for number, sentence in enumerate(evidence.sentences):
                shared = min(stop, sentence.end) - max(begin, sentence.start)
                if sentence.passage == rank and shared > 0:
                    holds[number] = max(holds[number], shared >= 0.5 * min(stop - begin, sentence.end - sentence.start))
    return holds


def regression(rows: Floats, labels: Floats, weights: Floats | None = None) -> Floats:
    """Return the weights of a logistic regression on the features as they are, the bias last."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
    model.fit(rows, labels, logisticregression__sample_weight=weights)
    scaler, fitted = model[0], model[1]
    own = fitted.coef_[0] / scaler.scale_
    return np.append(own, fitted.intercept_[0] - own @ scaler.mean_).astype(np.float64)


def threshold(chances: Floats, found: Floats, weights: Floats) -> float:
    """Return the least probability below which REFUSED of the hard questions without an answer fall."""
    return float(np.quantile(chances[(weights == max(weights)) & (found == 0)], REFUSED))


def fit(side: str, gathered: list[Example], of_sentences: tuple[str, ...], of_all: tuple[str, ...]) -> dict[str, Floats]:
    """Return the weights of what holds and what is found, with their names, the threshold, and the data of the latter."""
    columns = [sentence_features(one.evidence) for one in gathered]
    answered = [(stacked(some, of_sentences), one.holds) for some, one in zip(columns, gathered, strict=True) if one.found]
    holds = regression(*(np.concatenate(parts) for parts in zip(*answered, strict=True)))
    odds = [logistic(of_sentences, holds).odds(stacked(some, of_sentences)) for some in columns]
    told = [found_features(one.evidence, some) for one, some in zip(gathered, odds, strict=True)]
    rows = np.array([[one[name] for name in of_all] for one in told], np.float32)
    found = np.array([one.found for one in gathered], np.float32)
    weights = np.array([one.weight for one in gathered], np.float32)
    fitted = regression(rows, found, weights)
    chances = logistic(of_all, fitted).probability(rows)
    return {
        f"names.holds.{side}": np.array(of_sentences), f"holds.{side}": holds,
        f"names.found.{side}": np.array(of_all), f"found.{side}": fitted,
        f"threshold.{side}": np.array(threshold(chances, found, weights)),
        f"rows.{side}": rows, "found": found, "weights": weights,
    }  # fmt: skip


def main() -> None:
    """Fit in turn what chooses, what holds, what is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    plain = [*examples(options.folder, options.data)]
    answered = [one for one in plain if one.found]
    rows = np.vstack([stacked(one.evidence.features, FEATURES) for one in answered])
    arrays = {
        "names.choose": np.array(FEATURES),
        "choose": regression(rows, np.concatenate([one.holds for one in answered])),
    }
    choose, reader = logistic(FEATURES, arrays["choose"]), Reader(read_settings({}).cache)
    first = Weights(choose, choose, choose, 0.0)  # read() uses `choose` only
    with_reader = [replace(one, evidence=read(one.evidence, reader, first)) for one in plain]
    arrays |= fit("plain", plain, FEATURES, FOUND_FEATURES)
    arrays |= fit("reader", with_reader, FEATURES + READ_FEATURES, FOUND_FEATURES + READ_FOUND_FEATURES)
    np.savez_compressed(FILE, **arrays)
    print({name: float(value) for name, value in arrays.items() if name.startswith("threshold")})


if __name__ == "__main__":
    main()
