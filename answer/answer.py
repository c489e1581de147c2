"""The Answer type: sentences, each with its citations; or no answer, with the nearest hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.search.hits import Hit
from ingest.document import Citation

Form = Literal["sentences", "cases", "measures", "contents", "written", "none"]


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer. A quoted one equals the text at its citation's span, character for character."""

    text: str
    citations: tuple[int, ...]  # positions in Answer.citations, counted from 1
    mark: tuple[int, int] | None = None  # the part of `text` that answers: characters, end exclusive
    checked: bool = True  # False: written by a language model, and its citations support it only in part


@dataclass(frozen=True, slots=True)
class Series:
    """Which issues of a series are indexed, and which numbers between the first and the last of them are missing."""

    series: str
    year: int | None
    held: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question as it was understood. If `found` is False it has no sentences, but the nearest hits."""

    question: str
    understood: str  # the question completed from the turns before it: 那临安呢 → 临安…
    found: bool
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Hit, ...]
    by: str  # "extractive", "model", or "extractive:" plus a code for why the model's answer was not used
    form: Form
    asks: bool  # True: the question's words ask for something; False: they only name a topic
    probability: float  # that the retrieved passages contain the answer, 0 to 1
    note: str = ""  # Chinese, for people: sources disagree, why no language model wrote the answer
    missing_terms: tuple[str, ...] = ()  # words of the question that no passage contains
    holdings: tuple[Series, ...] = ()
    short: str = ""  # what answers, in a few words: what is marked, 是 or 否 with it, a sum; "" if that is not short
