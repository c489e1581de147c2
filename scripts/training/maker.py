"""Makes examples of texts: readings, searches with passages to be ranked, and passages near to each question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from index.models.bundled import read_package
from index.models.weight_file import WeightFile
from scripts.training.cross_examples import Example, Passage, Reading, a_day, dated, encoded, own_readings, passages_of, quoted
from scripts.training.negatives import hard_negatives
from scripts.training.questions import SEARCHES, Written, digest, judged

BESIDE = 3  # passages that a relevant one is ranked with
NEAR_READ = 0.5  # share of the facts that are read with a passage near to them

Fact = tuple[str, Passage, str]  # a question, the passage that it is for, and what answers in it ("" for a search)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A search and some passages, each with its gain; they are compared with each other only."""

    examples: list[Example]
    gains: list[float]


class Maker:
    """Makes examples of texts."""

    def __init__(self, texts: Sequence[Written]) -> None:
        self.tokenizer = WeightFile(read_package()).tokenizer()
        self.texts = texts
        self.cut = [passages_of(one) for one in texts]
        self.names = quoted(texts)
        self.passages = [passage for passages in self.cut for passage in passages]
        self.numbers = {id(passage): number for number, passage in enumerate(self.passages)}

    def made(self, chance: Random, most: int) -> tuple[list[Reading], list[Ranked]]:
        """Return readings of all texts, and of facts with passages near to them; and `most` searches with near passages."""
        days = [a_day(one, chance) for one in self.texts]
        day_of = {id(passage): day for passages, day in zip(self.cut, days, strict=True) for passage in passages}
        found = []
        for one, passages, day in zip(self.texts, self.cut, days, strict=True):
            found += [dated(reading, day) for reading in own_readings(one, passages, chance, self.names)]
        for (question, _, said), near in self.asked:
            others = [other for other in near[:8] if said and said not in other.text]
            if others and chance.random() < NEAR_READ:
                other = chance.choice(others)
                found.append(dated(Reading(question, other.text, ()), day_of[id(other)]))
        return found, list(self._ranked(chance.sample(self.asked, min(most, len(self.asked))), chance))

    def judged(self, chance: Random) -> Iterator[Ranked]:
        """Yield the judged searches: passages with a grade, and as many others."""
        held = {digest(passage.text): passage for passage in self.passages}
        for search in judged():
            known = [(held[passage], grade) for passage, grade in search.grades.items() if passage in held]
            good = [one for one in known if one[1]]
            others = [one for one in known if not one[1]]
            if any(grade > 1 for _, grade in good) and others:
                chosen = good[:BESIDE] + chance.sample(others, min(len(others), max(1, 1 + BESIDE - len(good[:BESIDE]))))
                yield Ranked(
                    self.with_passages(search.query, [passage for passage, _ in chosen]),
                    [2.0**grade - 1 for _, grade in chosen],
                )

    def with_passages(self, question: str, passages: Sequence[Passage]) -> list[Example]:
        """Return a question with each of some passages, of which nothing is said to answer it."""
        return [encoded(Reading(question, passage.text, ()), self.tokenizer) for passage in passages]

    @cached_property
    def asked(self) -> list[tuple[Fact, list[Passage]]]:
        """The facts and searches, each with the passages that the encoder takes for near, but not as near as its own."""
        asked = list(self._facts())
        own = [self.numbers[id(passage)] for _, passage, _ in asked]
        negatives = hard_negatives([question for question, _, _ in asked], own, [passage.text for passage in self.passages])
        return [(one, [self.passages[number] for number in some]) for one, some in zip(asked, negatives, strict=True)]

    def _ranked(self, asked: Sequence[tuple[Fact, list[Passage]]], chance: Random) -> Iterator[Ranked]:
        for (question, own, _), near in asked:
            if len(near) >= BESIDE:
                chosen = [own, *chance.sample(near, BESIDE)]
                yield Ranked(self.with_passages(question, chosen), [1.0] + [0.0] * BESIDE)

    def _facts(self) -> Iterator[Fact]:
        for one, passages in zip(self.texts, self.cut, strict=True):
            holding = [passage for passage in passages if any(passage.spans.values())]
            for number, asked in enumerate(one.asked):
                own = holding if asked.kind in SEARCHES else [passage for passage in passages if passage.spans[number]]
                if own and asked.kind != "spoken":
                    spans = own[0].spans[number]
                    yield asked.question, own[0], own[0].text[slice(*spans[0])] if spans else ""
