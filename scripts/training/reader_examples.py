"""Training examples of the reader: questions of CMRC 2018 and DRCD, each with answering sentences and similar other ones."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from opencc import OpenCC

from index.models.bundled import read_package
from index.models.weight_file import WeightFile
from index.text.words import asked_tokens, fold, tokens
from ingest.passages import _SENTENCE

ROOM = 260  # characters of sentences in one example
LONGEST = 256  # tokens
_LONGEST_SENTENCE = 160  # characters
_NEAR = 3  # other contexts from which similar sentences come
_CHANCE = 0.3  # largest random bonus when sentences are chosen, as a share of the question's total IDF

Chosen = tuple[float, int, int, int, bool]  # overlap with the question, context, start, end, whether it answers


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and where its answer stands in a context."""

    text: str
    context: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its sentences as tokens."""

    ids: list[int]
    start: int  # position of the token at which the answer begins, 0 for no answer
    end: int  # position of its last token
    separators: list[int]  # positions of the tokens behind the sentences
    holds: list[int]  # for each separator: 1 if the sentence before it contains the answer


def load(folder: Path) -> tuple[list[str], list[Question]]:
    """Return the contexts and the questions; DRCD in simplified characters, one for one."""
    simplify = OpenCC("t2s").convert
    contexts: list[str] = []
    questions: list[Question] = []
    for name in ("cmrc2018", "drcd"):
        numbers = {}
        for line in (folder / f"{name}.contexts.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            numbers[row["context_id"]] = len(contexts)
            contexts.append("".join(map(simplify, row["text"])) if name == "drcd" else row["text"])
        for line in (folder / f"{name}.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            text = "".join(map(simplify, row["question"])) if name == "drcd" else row["question"]
            start = row["start"]
            questions.append(Question(text, numbers[row["context_id"]], start, start + len(row["answer"])))
    return contexts, questions


class Maker:
    """Makes examples: which sentences go with a question."""

    def __init__(self, contexts: list[str]) -> None:
        self.tokenizer = WeightFile(read_package()).tokenizer()
        self.contexts = contexts
        self.sentences = [[(m.start(), m.end()) for m in _SENTENCE.finditer(text) if m[0].strip()] for text in contexts]
        self.bags = [set(tokens(fold(text))) for text in contexts]
        self.held = Counter(token for bag in self.bags for token in bag)
        self.inverted: dict[str, list[int]] = {}
        for number, bag in enumerate(self.bags):
            for token in bag:
                self.inverted.setdefault(token, []).append(number)

    def rarity(self, token: str) -> float:
        """Return how rare a token is among the contexts."""
        return math.log(1 + len(self.contexts) / (1 + self.held[token]))

    def near(self, question: Question) -> list[int]:
        """Return the contexts that share most with a question, its own left out."""
        scores: Counter[int] = Counter()
        for token in asked_tokens(fold(question.text)):
            for number in self.inverted.get(token, ()):
                scores[number] += self.rarity(token)
        scores.pop(question.context, None)
        return [number for number, _ in scores.most_common(_NEAR)]

    def example(self, question: Question, answered: bool, chance: Random) -> Example | None:
        """Return a question with sentences of its own and of like contexts, without those that answer unless `answered`."""
        asked = {token: self.rarity(token) for token in asked_tokens(fold(question.text))}

        def overlap(text: str) -> float:
            return sum(asked.get(token, 0) for token in set(tokens(fold(text)))) + chance.random() * _CHANCE * sum(
                asked.values()
            )

        pool: list[Chosen] = []
        for context in [question.context, *self.near(question)]:
            for start, end in self.sentences[context]:
                gold = context == question.context and start < question.end and question.start < end
                text = self.contexts[context][start:end]
                if len(text) > _LONGEST_SENTENCE:
                    continue
                pool.append((overlap(text) + (1e6 if gold else 0), context, start, end, gold))
        if answered and not any(gold for *_, gold in pool):
            return None
        if not answered:
            pool = [one for one in pool if not one[-1]]
        chosen: list[Chosen] = []
        room = ROOM
        for one in sorted(pool, reverse=True):
            length = one[3] - one[2]
            if length <= room:
                chosen.append(one)
                room -= length
        order = list(dict.fromkeys(one[1] for one in chosen))
        chance.shuffle(order)
        chosen.sort(key=lambda one: (order.index(one[1]), one[2]))
        return self.encode(question, chosen)

    def encode(self, question: Question, chosen: list[Chosen]) -> Example | None:
        """Return the tokens of a question and its sentences, None if they are too many."""
        encodings = self.tokenizer.encode_batch([question.text, *(self.contexts[c][s:e] for _, c, s, e, _ in chosen)])
        ids = list(encodings[0].ids)
        separators, holds = [], []
        first = last = 0
        for encoding, (_, _, start, _, gold) in zip(encodings[1:], chosen, strict=True):
            base = len(ids) - 1
            if gold:
                for number, (a, b) in enumerate(encoding.offsets):
                    if b > a and start + a < question.end and question.start < start + b:
                        first = first or base + number
                        last = base + number
            ids += encoding.ids[1:]
            separators.append(len(ids) - 1)
            holds.append(int(gold))
        if len(ids) > LONGEST:
            return None
        return Example(ids, first, last, separators, holds)
