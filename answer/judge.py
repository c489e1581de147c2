"""From consulted passages to how likely each of their sentences answers, and how likely any does."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from answer.features import Overlap, features, overlap, token_idf
from answer.place_and_year import count_places, fit_place_and_year
from answer.question import Asked
from answer.sentences import Sentence, sentences_of
from answer.weights import Weights, chance
from index.arrays import Floats
from index.models.reader import Reader, Reading
from index.store.records import Retrieved, embedded_text
from index.text.phrases import phrase_share
from index.text.words import fold

PASSAGES = 5  # whose sentences may answer
# Characters of sentences that the reader is given; about what it has room for.
_ROOM, _MOST_READ = 300, 10
_UNLIKELY = -12.0  # what a score of the reader is not let go below
_UNREAD = -6.0  # what counts for a sentence that the reader has not seen
READ_FEATURES = ("answer", "read", "best", "behind", "share", "share_of_measures")
FOUND_FEATURES = (
    "best_odds", "second_odds", "sentence_cover", "passage_cover", "most_cover", "together", "closeness", "closeness_of_3",
    "missing", "phrase", "places", "other_places", "length", "other_numbers", "sentence_phrase",
)  # fmt: skip
READ_FOUND_FEATURES = ("best_answer", "no_answer", "answerable")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a question's passages before any weight is applied."""

    asked: Asked
    retrieved: Retrieved
    sentences: Sequence[Sentence]
    held: Overlap
    idf: Mapping[str, float]
    features: Floats  # of the sentences: answer.evidence.FEATURES
    readings: Mapping[int, Reading] = field(default_factory=dict)  # by sentence; of those read


@dataclass(frozen=True, slots=True)
class Judged:
    """The sentences with their probabilities, and the probability that any answers."""

    evidence: Evidence
    holds: Floats  # per sentence
    found: float

    @property
    def best(self) -> int:
        """The sentence that most likely answers."""
        return int(self.holds.argmax())


def gather(asked: Asked, retrieved: Retrieved) -> Evidence:
    """Take the first passages apart."""
    passages = retrieved.passages[:PASSAGES]
    sentences = sentences_of(passages)
    idf = token_idf(asked.topic, retrieved.frequencies, retrieved.held)
    held = overlap(idf, sentences, passages)
    rows = features(asked, sentences, retrieved.scores, held)
    return Evidence(asked, retrieved, sentences, held, idf, rows)


def read(evidence: Evidence, reader: Reader, fit: Weights) -> Evidence:
    """Let the reader read the most likely sentences."""
    chosen = _chosen(fit.choose.odds(evidence.features), evidence.sentences)
    readings = reader.read(evidence.asked.topic, [evidence.sentences[number].text for number in chosen])
    return replace(evidence, readings=dict(zip(chosen, readings, strict=False)))


def judge(evidence: Evidence, fit: Weights) -> Judged:
    """Apply the weights; there must be a sentence. What tells of another county or year than the question does not answer."""
    odds = fit.holds.odds(sentence_features(evidence, fit))
    meant = fit_place_and_year(evidence.asked.text, evidence.retrieved.passages[:PASSAGES])
    holds = chance(odds) * np.array([meant[sentence.passage] for sentence in evidence.sentences], np.float32)
    found = float(fit.found.probability(found_features(evidence, fit, odds)[None])[0]) if holds.any() else 0.0
    return Judged(evidence, holds, found)


def sentence_features(evidence: Evidence, fit: Weights) -> Floats:
    """Return FEATURES of each sentence, and READ_FEATURES where the weights are those with the reader."""
    if not _with_reader(fit):
        return evidence.features
    told = np.zeros((len(evidence.sentences), len(READ_FEATURES)), np.float32)
    told[:, 0] = _UNREAD
    answers = {number: max(_UNLIKELY, reading.answer) for number, reading in evidence.readings.items()}
    best = max(answers.values(), default=0.0)
    whole = 1.0 + sum(math.exp(min(30.0, answer)) for answer in answers.values())
    for number, answer in answers.items():
        share = math.exp(min(30.0, answer)) / whole
        measures = share if evidence.asked.sought == "measures" else 0.0
        told[number] = (answer, 1.0, float(answer == best), max(_UNLIKELY, answer - best), share, measures)
    return np.hstack([evidence.features, told])


def found_features(evidence: Evidence, fit: Weights, odds: Floats) -> Floats:
    """Return FOUND_FEATURES of the whole, and READ_FOUND_FEATURES where the weights are those with the reader.

    `odds` are the sentences' log odds to hold the answer.
    """
    best = int(odds.argmax())
    sentence, held, retrieved = evidence.sentences[best], evidence.held, evidence.retrieved
    stored = retrieved.passages[sentence.passage]
    whole = sum(evidence.idf.values()) or 1.0
    missing = sum(evidence.idf[token] for token, count in retrieved.frequencies.items() if count == 0) / whole
    question, text = evidence.asked.topic, fold(embedded_text(stored.passage.context, stored.text))
    phrases = phrase_share(question, [text, fold(sentence.text)])
    near, far = count_places(question, stored)
    told = (
        odds[best], np.partition(odds, -2)[-2] if len(odds) > 1 else odds[best] - 5, held.sentences[best],
        held.passages[sentence.passage], held.passages.max(), held.together, retrieved.zscores[sentence.passage],
        float(np.mean(retrieved.zscores[:3])), missing, phrases[0], near, far, math.log(len(question)),
        sum(number not in text for number in _NUMBER.findall(fold(question))), phrases[1],
    )  # fmt: skip
    if not _with_reader(fit):
        return np.array(told, np.float32)
    answers = [max(_UNLIKELY, reading.answer) for reading in evidence.readings.values()] or [_UNLIKELY]
    none = 1 / (1 + sum(math.exp(min(30.0, answer)) for answer in answers))
    answerable = float(np.mean([reading.answerable for reading in evidence.readings.values()] or [_UNREAD]))
    return np.array([*told, max(answers), none, answerable], np.float32)


def _with_reader(fit: Weights) -> bool:
    return len(fit.found.weights) > len(FOUND_FEATURES)


def _chosen(odds: Floats, sentences: Sequence[Sentence]) -> list[int]:
    """Return the most likely sentences that fit, in the order of the text."""
    chosen: list[int] = []
    room = _ROOM
    for number in np.argsort(-odds, kind="stable").tolist():
        length = len(sentences[number].text)
        if length <= room and len(chosen) < _MOST_READ:
            chosen.append(number)
            room -= length
    return sorted(chosen)
