"""Makes examples of texts: readings, searches with passages to be ranked, and passages near to each question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from index.models.bundled import read_package
from index.models.weight_file import WeightFile
from scripts.training.cross_examples import Example, Passage, Reading, a_day, dated, encoded, own_readings, passages_of, quoted
from scripts.training.negatives import hard_negatives
from scripts.training.questions import SEARCHES, Written, digest, judged

BESIDE = 3  # passages that a relevant one is ranked with
NEAR_READ = 0.5  # share of the facts that are read with a passage near to them


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
        asked, days = list(self.asked()), [a_day(one, chance) for one in self.texts]
        day_of = {id(passage): day for passages, day in zip(self.cut, days, strict=True) for passage in passages}
        facts = [(question, own, said) for question, own, said in asked if said]
        searches = chance.sample(asked, min(most, len(asked)))
        near = self.near([(question, own) for question, own, _ in facts + searches])
        found = []
        for one, passages, day in zip(self.texts, self.cut, days, strict=True):
            found += [dated(reading, day) for reading in own_readings(one, passages, chance, self.names)]
        for (question, _, said), others in zip(facts, near, strict=False):
            others = [other for other in others[:8] if said not in other.text]
            if others and chance.random() < NEAR_READ:
                other = chance.choice(others)
                found.append(dated(Reading(question, other.text, ()), day_of[id(other)]))
        return found, list(self._ranked([(question, own) for question, own, _ in searches], near[len(facts) :], chance))

    def judged(self, chance: Random) -> Iterator[Ranked]:
        """Yield the judged searches: passages with a grade, and as many others."""
        held = {digest(passage.text): passage for passage in self.passages}
        for search in judged():
            known = [(held[passage], grade) for passage, grade in search.grades.items() if passage in held]
            good = [one for one in known if one[1]]
            others = [one for one in known if not one[1]]
            if any(grade > 1 for _, grade in good) and others:
                chosen = good[:BESIDE] + chance.sample(others, min(len(others), max(1, 1 + BESIDE - len(good[:BESIDE]))))
                examples = [encoded(Reading(search.query, passage.text, ()), self.tokenizer) for passage, _ in chosen]
                yield Ranked(examples, [2.0**grade - 1 for _, grade in chosen])

    def _ranked(
        self, asked: Sequence[tuple[str, Passage]], near: Sequence[Sequence[Passage]], chance: Random
    ) -> Iterator[Ranked]:
        for (question, own), others in zip(asked, near, strict=True):
            if len(others) >= BESIDE:
                chosen = [own, *chance.sample(others, BESIDE)]
                examples = [encoded(Reading(question, passage.text, ()), self.tokenizer) for passage in chosen]
                yield Ranked(examples, [1.0] + [0.0] * BESIDE)

    def asked(self) -> Iterator[tuple[str, Passage, str]]:
        """Yield the facts and searches with the passage that they are for, and what answers in it ("" for a search)."""
        for one, passages in zip(self.texts, self.cut, strict=True):
            holding = [passage for passage in passages if any(passage.spans.values())]
            for number, asked in enumerate(one.asked):
                own = holding if asked.kind in SEARCHES else [passage for passage in passages if passage.spans[number]]
                if own and asked.kind != "spoken":
                    spans = own[0].spans[number]
                    yield asked.question, own[0], own[0].text[slice(*spans[0])] if spans else ""

    def near(self, asked: Sequence[tuple[str, Passage]]) -> list[list[Passage]]:
        """Return the passages that the encoder takes for near to each question, but not as near as its own."""
        own = [self.numbers[id(passage)] for _, passage in asked]
        negatives = hard_negatives([question for question, _ in asked], own, [passage.text for passage in self.passages])
        return [[self.passages[number] for number in some] for some in negatives]
