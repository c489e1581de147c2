"""Train the cross-encoder: low-rank changes to the bundled encoder, and a head that reads a question with a passage.

    python -m scripts.training.train_cross_encoder DATA OUT.npz

DATA as for scripts.training.questions, and `reader` with CMRC 2018 and DRCD. For every token the head says how likely the
answer begins there, ends there, and whether it is part of one; at the first token, how relevant the passage is and whether it
answers. Writes a checkpoint every few minutes and goes on from it; a round takes an hour on two cores with AMX, a minute and a
half on a GPU. Where there is a GPU, train two or three with other seeds first, and let them be its --teachers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from index.models.changes import ANSWERS, BEGINS, ENDS, RELEVANT, WITHIN
from scripts.training.cross_examples import Example, encoded, encyclopaedia
from scripts.training.low_rank import changeable, padded, resume, save, short
from scripts.training.maker import BESIDE, Maker, Ranked
from scripts.training.questions import unmeasured
from scripts.training.teachers import PASSAGES, Taught, taught_lists, taught_loss

RANK = 64
RATE = 4e-4
_BATCH = 24  # pairs that are validated together
ENCYCLOPAEDIA = 8400  # questions: all
RANKED = 2400  # searches
_SAVED = 100  # steps between checkpoints


Batch = list[Example] | list[Ranked] | list[Taught]


class CrossEncoder(nn.Module):
    """The bundled encoder with changes, and the head."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.bert = changeable(RANK, dropout)
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
    if isinstance(batch[0], Taught):
        return taught_loss(model([example for one in batch for example in one.examples]), batch)  # type: ignore[arg-type, union-attr]
    return reading_loss(model(batch), batch)  # type: ignore[arg-type]


def batches(
    readings: Sequence[Example], ranked: Sequence[Ranked], taught: Sequence[Taught], size: int, chance: Random
) -> list[Batch]:
    """Return all examples in batches of like length and of about `size` pairs, in random order."""
    groups: list[Batch] = []
    for some, per in ((readings, size), (ranked, size // (1 + BESIDE)), (taught, size // PASSAGES)):
        order = sorted(some, key=lambda one: _length(one) + chance.random() * 20)  # type: ignore[arg-type]
        groups += [order[at : at + per] for at in range(0, len(order), per)]  # type: ignore[misc]
    longest = max(groups, key=lambda group: max(map(_length, group)))
    groups.remove(longest)
    chance.shuffle(groups)
    return [longest, *groups]  # the memory that the longest takes is kept for the others


def _length(one: Example | Ranked | Taught) -> int:
    return len(one.ids) if isinstance(one, Example) else max(len(example.ids) for example in one.examples)


@torch.no_grad()
def validate(model: CrossEncoder, readings: Sequence[Example], ranked: Sequence[Ranked]) -> str:
    """Return how well it reads and ranks what it has not learned from."""
    model.eval()
    odds: list[float] = []
    exact = 0
    for at in range(0, len(readings), _BATCH):
        group = readings[at : at + _BATCH]
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
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=24, help="pairs in a step; 64 on a GPU")
    parser.add_argument("--dropout", type=float, default=0.0, help="0.1 for teachers")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="checkpoints to learn from, too")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    chance = Random(options.seed)  # noqa: S311
    model = CrossEncoder(options.dropout)
    learned, apart, _ = unmeasured(options.data)
    maker, began = Maker(learned), time.time()
    checked, checked_ranked = Maker(apart).made(chance, 300)
    held = [encoded(one, maker.tokenizer) for one in checked]
    taught = taught_by(options.teachers, maker, chance)
    groups = [group for _ in range(options.rounds) for group in one_round(maker, options, taught, chance)]
    print(f"{len(groups)} batches made in {time.time() - began:.0f} s", flush=True)
    for step, loss in train(model, groups, options.out):
        if step % 500 == 0 or step == len(groups):
            print(
                f"loss {loss:.3f}; {validate(model, held if step == len(groups) else held[:600], checked_ranked[:100])}",
                flush=True,
            )


def taught_by(checkpoints: Sequence[Path], maker: Maker, chance: Random) -> list[Taught]:
    """Return searches with what the cross-encoders of these checkpoints say; none without any."""
    teachers = [CrossEncoder().eval() for _ in checkpoints]
    for teacher, checkpoint in zip(teachers, checkpoints, strict=True):
        if not resume(teacher.changes(), checkpoint):
            raise FileNotFoundError(f"{checkpoint} holds nothing that was learned")
    return list(taught_lists(maker, teachers, chance)) if teachers else []


def one_round(maker: Maker, options: argparse.Namespace, taught: Sequence[Taught], chance: Random) -> list[Batch]:
    """Return the batches of a round: negatives, exchanges, days and the order are others in each."""
    readings, ranked = maker.made(chance, RANKED)
    ranked += maker.judged(chance)
    readings += encyclopaedia(options.data / "reader", ENCYCLOPAEDIA, chance)
    examples = [encoded(one, maker.tokenizer) for one in readings]
    return batches(examples, ranked, taught, options.batch, chance)


def train(model: CrossEncoder, groups: Sequence[Batch], out: Path) -> Iterator[tuple[int, float]]:
    """Take a step with each batch, from those of the checkpoint on; yield each step's number with the mean loss."""
    parameters, done, total = list(model.changes().values()), resume(model.changes(), out), len(groups)
    optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=0.01)
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
            save(model.changes(), step, out)
        yield step, mean


if __name__ == "__main__":
    main()
