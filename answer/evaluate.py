"""Measure answers: on a BEIR folder, or with questions that say what has to be said.

In a BEIR folder the right answers are the `answer` or `answers` of queries.jsonl. The questions of queries_unanswerable.jsonl,
if that file exists, have none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal, get_args

from answer.answer import Answer
from answer.answerer import Answerer
from answer.metrics import auc, bare, char_f1, rouge_l
from index.errors import BadCorpus
from index.evaluate import corpus_catalog, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.progress import Progress, Watch, silent
from index.search.index import SearchIndex

Verdict = Literal["right", "partly", "wrong", "refused wrongly", "refused rightly", "answered wrongly"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
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


def ask(answerer: Answerer, file: Path, watch: Watch = silent) -> list[tuple[dict[str, Any], Verdict, Answer]]:
    """Ask the questions of a file, a JSON object a line; return each with the verdict and the answer. Raises BadCorpus.

    `question`, `kind`, `after` (earlier questions), `refuse`, `must` (facts, each a list of spellings), `not` (what is wrong).
    """
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        asked = [(str(row["question"]), list(row.get("after", ()))) for row in rows]
        complete = all(row.get("refuse") or row["must"] for row in rows)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadCorpus(f"读不了 {file}：每行要是一个 JSON，有 question，还有 must 或 refuse（{error}）") from error
    if not rows or not complete:
        raise BadCorpus(f"{file} 里没有问题，或有的问题既没有 must 也不是 refuse")
    found = []
    for number, (row, (question, after)) in enumerate(zip(rows, asked, strict=True), 1):
        answer = answerer.answer(question, after)
        found.append((row, verdict(answer, row), answer))
        watch(Progress(number, len(rows), 0, 0, 0.0, 0))
    return found


def verdict(answer: Answer, row: Mapping[str, Any]) -> Verdict:
    """Judge an answer.

    It is right if each fact stands in what is quoted and nothing wrong in what is marked; where something is marked, one of the
    facts has to be. It is partly right if some of the facts are quoted, and nothing wrong is marked.
    """
    if row.get("refuse"):
        return "answered wrongly" if answer.found else "refused rightly"
    if not answer.found:
        return "refused wrongly"
    quoted = bare("".join((answer.short, *(sentence.text for sentence in answer.sentences))))
    marks = bare("".join([answer.short, *(one.text[slice(*one.mark)] for one in answer.sentences if one.mark)]))
    stated = [any(bare(one) in quoted for one in spellings) for spellings in row["must"]]
    marked = any(bare(one) in (marks or quoted) for spellings in row["must"] for one in spellings)
    if any(bare(one) in marks for one in row.get("not", ()) if not any(one in two for ways in row["must"] for two in ways)):
        return "wrong"
    return "right" if all(stated) and marked else "partly" if any(stated) else "wrong"


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
