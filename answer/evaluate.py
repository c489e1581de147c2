"""Measure answers on a BEIR folder: compare quotes with the right answers, and count refusals.

The right answers are the `answer` or `answers` of queries.jsonl. The questions of queries_unanswerable.jsonl, if that file
exists, have none.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from answer.answer import Answer
from answer.answerer import Answerer
from answer.metrics import auc, bare, char_f1, rouge_l
from index.errors import BadCorpus
from index.evaluate import corpus_catalog, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.progress import Watch, silent
from index.search.index import SearchIndex

UNANSWERABLE = "queries_unanswerable.jsonl"


@dataclass(frozen=True, slots=True)
class Score:
    """How near one answer comes to the right answers of its question; all 0 if the question was refused."""

    contained: float  # 1: a right answer stands in the quoted sentences
    marked: float  # 1: it stands in the marked part of one of them
    exact: float  # 1: it equals the marked part of one of them
    f1: float  # character F1 of the quoted sentences
    marked_f1: float  # character F1 of the marked part
    rouge_l: float  # of the quoted sentences


def evaluate_answers(folder: Path, data: Path, encoder: Encoder, cache: Path, watch: Watch = silent) -> dict[str, float]:
    """Return the metrics of answers, and of refusals where the folder has questions that its corpus does not answer.

    A refused question scores 0; the `…_of_answered` metrics leave refused questions out. Precision and recall are of refusals.
    Raises BadCorpus if no question has an answer.
    """
    rows = [row for row in read_lines(folder / "queries.jsonl") if row.get("answer") or row.get("answers")]
    if not rows:
        raise BadCorpus(f"{folder}/queries.jsonl 里的问题没有 answer，衡量不了回答")
    catalog = corpus_catalog(folder, data, read_lines(folder / "corpus.jsonl"), encoder, watch)
    answerer = Answerer(SearchIndex(catalog, encoder), Reader(cache))
    answerer.index.refresh()
    answerer.answer("预热")
    scores, chances, refused, times = [], [], 0, []
    for row in rows:
        began = time.perf_counter()
        answer = answerer.answer(str(row["text"]))
        times.append((time.perf_counter() - began) * 1000)
        scores.append(score(answer, [str(one) for one in row.get("answers") or [row["answer"]]]))
        chances.append(answer.probability)
        refused += not answer.found
    metrics = _means(scores, len(rows) - refused)
    if (folder / UNANSWERABLE).exists():
        others = [answerer.answer(str(row["text"])) for row in read_lines(folder / UNANSWERABLE)]
        rightly = sum(not answer.found for answer in others)
        metrics |= {
            "auc": auc(chances, [answer.probability for answer in others]),
            "refusal_precision": rightly / max(1, rightly + refused),
            "refusal_recall": rightly / len(others),
        }
    metrics["refused"] = refused / len(rows)
    return {name: round(value, 4) for name, value in metrics.items()} | {"p50_ms": round(median(times), 1)}


def score(answer: Answer, right: Sequence[str]) -> Score:
    """Compare an answer with the right ones; each metric takes the right answer that scores best on it."""
    quoted = "".join(sentence.text for sentence in answer.sentences)
    marked = [one.text[slice(*one.mark)] for one in answer.sentences if one.mark] or [quoted]
    return Score(
        max(float(bare(one) in bare(quoted)) for one in right),
        max(float(bare(one) in bare(mark)) for one in right for mark in marked),
        max(float(bare(one) == bare(mark)) for one in right for mark in marked),
        max(char_f1(quoted, one) for one in right),
        max(char_f1(mark, one) for one in right for mark in marked),
        max(rouge_l(quoted, one) for one in right),
    )


def _means(scores: Sequence[Score], answered: int) -> dict[str, float]:
    sums = {name: sum(getattr(one, name) for one in scores) for name in Score.__slots__}
    whole = {name: total / len(scores) for name, total in sums.items()}
    return whole | {f"{name}_of_answered": sums[name] / max(1, answered) for name in ("contained", "marked", "f1")}
