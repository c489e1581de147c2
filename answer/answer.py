"""What an answer is: sentences, each bound to its citations, or that there is none, with what comes nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.search.hits import Hit
from ingest.document import Citation

Form = Literal["sentences", "cases", "measures", "written", "none"]


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer. A quoted one is what stands at its citation's span, character for character."""

    text: str
    citations: tuple[int, ...]  # numbers in the answer's citations, from 1
    mark: tuple[int, int] | None = None  # the part of the text that answers
    checked: bool = True  # False: written by a model, and not borne out in all by what it cites


@dataclass(frozen=True, slots=True)
class Series:
    """Which issues of a series are held, and which between the first and the last are not."""

    series: str
    year: int | None
    held: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question as it was understood. Without `found` there are no sentences, but the nearest items."""

    question: str
    understood: str  # the question with what it takes from the turns before: 那临安呢 → 临安…
    found: bool
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Hit, ...]
    by: str  # "extractive", "model", or "extractive:" and why the model's answer was not used
    form: Form
    asks: bool  # whether its words ask for something, or only name a topic
    probability: float  # that the passages hold the answer
    note: str = ""  # what a person should know: sources that disagree, why no model wrote
    missing_terms: tuple[str, ...] = ()  # words of the question that no passage holds
    holdings: tuple[Series, ...] = ()
