"""Train the cross-encoder: low-rank changes to the bundled encoder, and a head that reads a question with a passage.

    python -m scripts.training.train_cross_encoder DATA OUT.npz

DATA as for scripts.training.questions, and `reader` with CMRC 2018 and DRCD. For every token the head says how likely the
answer begins there, ends there, and whether it is part of one; at the first token, how relevant the passage is and whether it
answers. Writes a checkpoint every few minutes and goes on from it; about an hour on two cores with AMX.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from index.models.bundled import read_package
from index.models.changes import ANSWERS, BEGINS, ENDS, RELEVANT, WITHIN
from index.models.weight_file import WeightFile
from scripts.training.cross_examples import Example, Passage, Reading, encoded, encyclopaedia, own_readings, passages_of, quoted
from scripts.training.low_rank import changeable, padded, resume, save, short
from scripts.training.negatives import hard_negatives
from scripts.training.questions import SEARCHES, Written, digest, judged, unmeasured

RANK = 64
BATCH, RATE = 24, 4e-4
ENCYCLOPAEDIA = 6000  # questions
BESIDE = 3  # passages that a relevant one is ranked with
RANKED = 2400  # searches
NEAR_READ = 0.5  # share of the facts that are read with a passage near to them
_SAVED = 100  # steps between checkpoints


@dataclass(frozen=True, slots=True)
class Ranked:
    """A search and some passages, each with its gain; they are compared with each other only."""

    examples: list[Example]
    gains: list[float]


Batch = list[Example] | list[Ranked]


class CrossEncoder(nn.Module):
    """The bundled encoder with changes, and the head."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = changeable(RANK)
        self.head = nn.Linear(self.bert.config.hidden_size, 5)
        nn.init.zeros_(self.head.bias)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.to(self.device)

    def forward(self, examples: Sequence[Example]) -> torch.Tensor:
        """Return the head's five numbers for each token, `(n, tokens, 5)`."""
        ids, mask = padded([one.ids for one in examples], self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        scores: torch.Tensor = self.head(hidden.float())
        return scores

    def changes(self) -> dict[str, nn.Parameter]:
        """Return what is learned, by its name in the weight file."""
        learned = {name: value for name, value in self.named_parameters() if value.requires_grad}
        return {
            name.removeprefix("head.") if name.startswith("head.") else short(name.removeprefix("bert.")): value
            for name, value in learned.items()
        }


def reading_loss(scores: torch.Tensor, group: Sequence[Example]) -> torch.Tensor:
    """Return the mean loss of answering or not, of the span where there is one, and of the tokens within an answer."""
    within = torch.zeros(scores.shape[:2])
    passage = torch.zeros(scores.shape[:2], dtype=torch.bool)
    for row, one in enumerate(group):
        within[row, one.within] = 1
        passage[row, one.first : len(one.ids) - 1] = True
    within, passage = within.to(scores.device), passage.to(scores.device)
    answers = torch.tensor([float(one.answers) for one in group], device=scores.device)
    loss = functional.binary_cross_entropy_with_logits(scores[:, 0, ANSWERS], answers)
    loss = loss + functional.binary_cross_entropy_with_logits(scores[:, :, WITHIN][passage], within[passage])
    rows = [row for row, one in enumerate(group) if one.start]
    if rows:
        for part, ends in ((BEGINS, [group[row].start for row in rows]), (ENDS, [group[row].end for row in rows])):
            logits = scores[rows, :, part].masked_fill(~passage[rows], -1e4)
            loss = loss + 0.5 * functional.cross_entropy(logits, torch.tensor(ends, device=scores.device))
    return loss


def ranking_loss(scores: torch.Tensor, group: Sequence[Ranked]) -> torch.Tensor:
    """Return the mean loss of choosing the relevant passages of each search, by their gains."""
    at, losses = 0, []
    for one in group:
        gains = torch.tensor(one.gains, device=scores.device)
        logits = scores[at : at + len(gains), 0, RELEVANT]
        losses.append(functional.cross_entropy(logits[None], (gains / gains.sum())[None]))
        at += len(gains)
    return torch.stack(losses).mean()


def loss_of(model: CrossEncoder, batch: Batch) -> torch.Tensor:
    """Return the loss of a batch of either kind."""
    if isinstance(batch[0], Ranked):
        return ranking_loss(model([example for one in batch for example in one.examples]), batch)  # type: ignore[arg-type, union-attr]
    return reading_loss(model(batch), batch)  # type: ignore[arg-type]


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
        asked = list(self._asked())
        facts = [(question, own, said) for question, own, said in asked if said]
        searches = chance.sample(asked, min(most, len(asked)))
        near = self._near([(question, own) for question, own, _ in facts + searches])
        found = []
        for one, passages in zip(self.texts, self.cut, strict=True):
            found += own_readings(one, passages, chance, self.names)
        for (question, _, said), others in zip(facts, near, strict=False):
            others = [other for other in others[:8] if said not in other.text]
            if others and chance.random() < NEAR_READ:
                found.append(Reading(question, chance.choice(others).text, ()))
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

    def _asked(self) -> Iterator[tuple[str, Passage, str]]:
        """Yield the facts and searches with the passage that they are for, and what answers in it ("" for a search)."""
        for one, passages in zip(self.texts, self.cut, strict=True):
            holding = [passage for passage in passages if any(passage.spans.values())]
            for number, asked in enumerate(one.asked):
                own = holding if asked.kind in SEARCHES else [passage for passage in passages if passage.spans[number]]
                if own and asked.kind != "spoken":
                    spans = own[0].spans[number]
                    yield asked.question, own[0], own[0].text[slice(*spans[0])] if spans else ""

    def _near(self, asked: Sequence[tuple[str, Passage]]) -> list[list[Passage]]:
        own = [self.numbers[id(passage)] for _, passage in asked]
        negatives = hard_negatives([question for question, _ in asked], own, [passage.text for passage in self.passages])
        return [[self.passages[number] for number in some] for some in negatives]


def batches(readings: Sequence[Example], ranked: Sequence[Ranked], chance: Random) -> list[Batch]:
    """Return all examples in batches of like length, in random order."""
    order = sorted(readings, key=lambda one: _length(one) + chance.random() * 20)
    groups: list[Batch] = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    lists = sorted(ranked, key=lambda one: _length(one) + chance.random() * 20)
    per = BATCH // (1 + BESIDE)
    groups += [lists[at : at + per] for at in range(0, len(lists), per)]
    longest = max(groups, key=lambda group: max(map(_length, group)))
    groups.remove(longest)
    chance.shuffle(groups)
    return [longest, *groups]  # the memory that the longest takes is kept for the others


def _length(one: Example | Ranked) -> int:
    return max(len(example.ids) for example in one.examples) if isinstance(one, Ranked) else len(one.ids)


@torch.no_grad()
def validate(model: CrossEncoder, readings: Sequence[Example], ranked: Sequence[Ranked]) -> str:
    """Return how well it reads and ranks what it has not learned from."""
    model.eval()
    odds: list[float] = []
    exact = 0
    for at in range(0, len(readings), BATCH):
        group = readings[at : at + BATCH]
        scores = model(group).cpu()
        odds += scores[:, 0, ANSWERS].tolist()
        for row, one in enumerate(group):
            inside = slice(one.first, len(one.ids) - 1)
            begins, ends = scores[row, inside, BEGINS], scores[row, inside, ENDS]
            start = one.first + int(begins.argmax())
            exact += one.start > 0 and (start, one.first + int(ends.argmax())) == (one.start, one.end)
    yes = np.array([value for value, one in zip(odds, readings, strict=True) if one.answers])
    no = np.array([value for value, one in zip(odds, readings, strict=True) if not one.answers])
    first = 0
    for one in ranked:
        relevance = model(one.examples)[:, 0, RELEVANT].cpu()
        first += one.gains[int(relevance.argmax())] == max(one.gains)
    model.train()
    spans = sum(one.start > 0 for one in readings)
    least = float(np.quantile(yes, 0.07))
    return (
        f"answers or not: AUC {(yes[:, None] > no[None, :]).mean():.3f}, refused {(no < least).mean():.3f} at 0.93 answered; "
        f"span exact {exact / spans:.3f}; first of {1 + BESIDE} {first / max(1, len(ranked)):.3f}"
    )


def main() -> None:
    """Make examples, train, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--steps", type=int, default=0, help="most steps; 0: all")
    options = parser.parse_args()
    torch.manual_seed(7)
    chance = Random(7)  # noqa: S311
    model = CrossEncoder()
    learned, apart, _ = unmeasured(options.data)
    maker, began = Maker(learned), time.time()
    readings, ranked = maker.made(chance, RANKED)
    ranked += maker.judged(chance)
    readings += encyclopaedia(options.data / "reader", ENCYCLOPAEDIA, chance)
    examples = [encoded(one, maker.tokenizer) for one in readings]
    checked, checked_ranked = Maker(apart).made(chance, 300)
    held = [encoded(one, maker.tokenizer) for one in checked]
    print(f"{len(examples)} readings, {sum(one.answers for one in examples)} answer; {len(ranked)} searches; "
          f"made in {time.time() - began:.0f} s", flush=True)  # fmt: skip
    groups = [group for _ in range(options.rounds) for group in batches(examples, ranked, chance)]
    parameters = list(model.changes().values())
    done = resume(model.changes(), options.out)
    optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=0.01)
    groups = groups[: options.steps or None]
    total = len(groups)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min(1, (n + 1) / 60, max(0.02, 1 - (done + n) / total)))
    began, mean = time.time(), 0.0
    for step, group in enumerate(groups[done:], done + 1):
        loss = loss_of(model, group)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        mean = float(loss.detach()) if step == done + 1 else 0.97 * mean + 0.03 * float(loss.detach())
        if step % 20 == 0:
            left = (time.time() - began) / (step - done) * (total - step) / 60
            print(f"{step} of {total}, loss {mean:.3f}, {left:.0f} min left", flush=True)
        if step % _SAVED == 0 or step == total:
            save(model.changes(), step, options.out)
        if step % 500 == 0 or step == total:
            print(validate(model, held if step == total else held[:600], checked_ranked[:100]), flush=True)


if __name__ == "__main__":
    main()
