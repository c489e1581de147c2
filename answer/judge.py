"""From retrieved passages to the probability that each of their sentences answers, and that any of them does."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from answer.features import Overlap, features, overlap, token_idf
from answer.place_and_year import count_places, fit_place_and_year
from answer.question import Question
from answer.sentences import Sentence, sentences_of
from answer.weights import Columns, Weights, chance
from index.arrays import Floats
from index.models.reader import Reader, Reading
from index.store.records import Retrieved, embedded_text
from index.text.phrases import phrase_share
from index.text.words import fold

PASSAGES = 5  # retrieved passages whose sentences may answer
# Characters and number of sentences given to the reader; about what fits its input.
_ROOM, _MOST_READ = 300, 10
_UNLIKELY = -12.0  # lower bound for scores of the reader
_UNREAD = -6.0  # stands for the score of a sentence that the reader was not given
READ_FEATURES = ("answer", "read", "best", "behind", "share", "share_of_measures")
FOUND_FEATURES = (
    "best_odds", "second_odds", "sentence_cover", "passage_cover", "most_cover", "together", "closeness", "closeness_of_3",
    "missing", "phrase", "places", "other_places", "length", "other_numbers", "sentence_phrase",
)  # fmt: skip
READ_FOUND_FEATURES = ("best_answer", "no_answer", "answerable")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A question, its passages and their features, before any weights are applied."""

    question: Question
    retrieved: Retrieved
    sentences: Sequence[Sentence]
    overlap: Overlap
    idf: Mapping[str, float]
    features: Columns  # answer.features.FEATURES of the sentences
    readings: Mapping[int, Reading] = field(default_factory=dict)  # by number of the sentence; only those that were read


@dataclass(frozen=True, slots=True)
class Judged:
    """The evidence with the probabilities, 0 to 1."""

    evidence: Evidence
    holds: Floats  # (sentences,): probability that it contains the answer
    found: float  # probability that any does

    @property
    def best(self) -> int:
        """The sentence that most likely answers."""
        return int(self.holds.argmax())


def gather(question: Question, retrieved: Retrieved) -> Evidence:
    """Split the first passages into sentences and compute their features."""
    passages = retrieved.passages[:PASSAGES]
    sentences = sentences_of(passages)
    idf = token_idf(question.topic, retrieved.frequencies, retrieved.counted)
    shares = overlap(idf, sentences, passages)
    rows = features(question, sentences, retrieved.scores, shares)
    return Evidence(question, retrieved, sentences, shares, idf, rows)


def read(evidence: Evidence, reader: Reader, weights: Weights) -> Evidence:
    """Let the reader read the most likely sentences."""
    chosen = _chosen(weights.choose.odds(weights.choose.rows(evidence.features)), evidence.sentences)
    readings = reader.read(evidence.question.topic.text, [evidence.sentences[number].text for number in chosen])
    return replace(evidence, readings=dict(zip(chosen, readings, strict=False)))


def judge(evidence: Evidence, weights: Weights) -> Judged:
    """Apply the weights; there must be a sentence. Passages about another county or year than the question's cannot answer."""
    odds = weights.holds.odds(weights.holds.rows(sentence_features(evidence)))
    fits = fit_place_and_year(evidence.question.query, evidence.retrieved.passages[:PASSAGES])
    holds = chance(odds) * np.array([fits[sentence.passage] for sentence in evidence.sentences], np.float32)
    if not holds.any():
        return Judged(evidence, holds, 0.0)
    columns = {name: np.array([value], np.float32) for name, value in found_features(evidence, odds).items()}
    return Judged(evidence, holds, float(weights.found.probability(weights.found.rows(columns))[0]))


def sentence_features(evidence: Evidence) -> Columns:
    """Return FEATURES and READ_FEATURES of each sentence; the latter are constants for a sentence that was not read."""
    count = len(evidence.sentences)
    columns = {name: np.zeros(count, np.float32) for name in READ_FEATURES} | {"answer": np.full(count, _UNREAD, np.float32)}
    answers = {number: max(_UNLIKELY, reading.answer) for number, reading in evidence.readings.items()}
    best = max(answers.values(), default=0.0)
    whole = 1.0 + sum(math.exp(min(30.0, answer)) for answer in answers.values())
    for number, answer in answers.items():
        share = math.exp(min(30.0, answer)) / whole
        row = {
            "answer": answer,
            "read": 1.0,
            "best": float(answer == best),
            "behind": max(_UNLIKELY, answer - best),
            "share": share,
            "share_of_measures": share if evidence.question.sought == "measures" else 0.0,
        }
        for name in READ_FEATURES:
            columns[name][number] = row[name]
    return {**evidence.features, **columns}


def found_features(evidence: Evidence, odds: Floats) -> dict[str, float]:
    """Return FOUND_FEATURES and READ_FOUND_FEATURES of all sentences together; the latter are constants if none was read.

    `odds`: (sentences,) log odds that each contains the answer.
    """
    best = int(odds.argmax())
    sentence, shares, retrieved = evidence.sentences[best], evidence.overlap, evidence.retrieved
    stored, query = retrieved.passages[sentence.passage], evidence.question.topic
    text = fold(embedded_text(stored.passage.context, stored.text))
    in_passage, in_sentence = phrase_share(query, [text, fold(sentence.text)])
    near, far = count_places(query, stored)
    whole = sum(evidence.idf.values()) or 1.0
    answers = [max(_UNLIKELY, reading.answer) for reading in evidence.readings.values()] or [_UNLIKELY]
    return {
        "best_odds": odds[best],
        "second_odds": np.partition(odds, -2)[-2] if len(odds) > 1 else odds[best] - 5,
        "sentence_cover": shares.sentences[best],
        "passage_cover": shares.passages[sentence.passage],
        "most_cover": shares.passages.max(),
        "together": shares.together,
        "closeness": retrieved.zscores[sentence.passage],
        "closeness_of_3": float(np.mean(retrieved.zscores[:3])),
        "missing": sum(evidence.idf[token] for token, count in retrieved.frequencies.items() if count == 0) / whole,
        "phrase": in_passage,
        "places": near,
        "other_places": far,
        "length": math.log(len(query.text)),
        "other_numbers": sum(number not in text for number in _NUMBER.findall(query.folded)),
        "sentence_phrase": in_sentence,
        "best_answer": max(answers),
        "no_answer": 1 / (1 + sum(math.exp(min(30.0, answer)) for answer in answers)),
        "answerable": float(np.mean([reading.answerable for reading in evidence.readings.values()] or [_UNREAD])),
    }


def _chosen(odds: Floats, sentences: Sequence[Sentence]) -> list[int]:
    """Return the numbers of the most likely sentences that fit the reader's input, in the order of the text."""
    chosen: list[int] = []
    room = _ROOM
    for number in np.argsort(-odds, kind="stable").tolist():
        length = len(sentences[number].text)
        if length <= room and len(chosen) < _MOST_READ:
            chosen.append(number)
            room -= length
    return sorted(chosen)
