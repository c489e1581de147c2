"""Fine-tune the bundled encoder on written questions: low-rank changes, by contrast with the other passages of a batch.

    python -m scripts.training.train_encoder DATA OUT.npz

DATA as for scripts.training.questions. Writes a checkpoint every few minutes and goes on from it; a round takes an hour on two
cores with AMX, one minute on a GPU. The changes are used with a factor (MIX), which
is the same as averaging with the old weights.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from torch.nn import functional

from index.models.bundled import read_package
from index.models.weight_file import WeightFile
from scripts.training.cross_examples import Passage
from scripts.training.low_rank import changeable, padded, resume, save, short
from scripts.training.maker import Maker
from scripts.training.questions import unmeasured

RANK = 64
MIX = 0.75
BATCH, TEMPERATURE, RATE = 96, 0.02, 5e-4
BESIDE = 2  # passages near to a question, beside its own
_QUERY, _PASSAGE = 64, 224  # tokens
_SAVED = 50  # steps between checkpoints

Asked = tuple[str, Passage]


class Learner(torch.nn.Module):
    """The bundled encoder with changes: texts with their prompts in, vectors `(n, hidden)` of length 1 out."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = changeable(RANK)
        self.tokenizer = WeightFile(read_package()).tokenizer()
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.to(self.device)

    def forward(self, texts: Sequence[str], most: int) -> torch.Tensor:
        """Return the mean of each text's tokens, of which `most` are read."""
        rows = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        rows = [row[: most - 1] + row[-1:] if len(row) > most else row for row in rows]
        ids, mask = padded(rows, self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        return functional.normalize((hidden.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=-1)

    def changes(self) -> dict[str, torch.nn.Parameter]:
        """Return what is learned, by its name in the weight file."""
        return {short(name.removeprefix("bert.")): value for name, value in self.named_parameters() if value.requires_grad}


def batches(asked: Sequence[Asked], chance: Random) -> Iterator[list[int]]:
    """Yield numbers of questions, passages of like length together."""
    order = sorted(range(len(asked)), key=lambda number: len(asked[number][1].text) + chance.random() * 150)
    groups = [order[at : at + BATCH] for at in range(0, len(order) - BATCH + 1, BATCH)]
    longest = groups.pop()
    chance.shuffle(groups)
    yield from (longest, *groups)  # the memory that the longest takes is kept for the others


def loss_of(model: Learner, queries: Sequence[str], passages: Sequence[str]) -> torch.Tensor:
    """Return the mean loss of choosing each question's passage among all, and each passage's question.

    The first passages are those of the questions, the others negatives.
    """
    count = len(queries)
    asked = model([f"query: {query}" for query in queries], _QUERY)
    scores = asked @ model([f"passage: {text}" for text in passages], _PASSAGE).T / TEMPERATURE
    same = torch.tensor([[a != b and passages[a] == passages[b] for b in range(len(passages))] for a in range(count)])
    scores = scores.masked_fill(same.to(scores.device), -1e4)
    right = torch.arange(count, device=scores.device)
    return functional.cross_entropy(scores, right) + 0.5 * functional.cross_entropy(scores[:, :count].T, right)


def main() -> None:
    """Mine, train, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.manual_seed(7)
    model, began = Learner(), time.time()
    maker = Maker(unmeasured(options.data)[0])
    asked = [(question, own) for (question, own, _), _ in maker.asked]
    negatives = [near for _, near in maker.asked]
    print(f"{len(asked)} questions; negatives mined in {time.time() - began:.0f} s", flush=True)
    done = resume(model.changes(), options.out)
    learned = list(model.changes().values())
    optimizer = torch.optim.AdamW(learned, RATE, weight_decay=0.01)
    total = options.rounds * (len(asked) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min(1, (n + 1) / 60, max(0.02, 1 - (done + n) / total)))
    chance, began, mean = Random(7), time.time(), 0.0  # noqa: S311
    steps = (group for _ in range(options.rounds) for group in batches(asked, chance))
    for step, group in enumerate(steps, 1):
        drawn = [
            other.text for number in group for other in chance.sample(negatives[number], min(BESIDE, len(negatives[number])))
        ]
        if step <= done:
            continue
        loss = loss_of(model, [asked[number][0] for number in group], [*(asked[number][1].text for number in group), *drawn])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        schedule.step()
        mean = float(loss.detach()) if step == done + 1 else 0.95 * mean + 0.05 * float(loss.detach())
        if step % 10 == 0:
            left = (time.time() - began) / (step - done) * (total - step) / 60
            print(f"{step} of {total}, loss {mean:.3f}, {left:.0f} min left", flush=True)
        if step % _SAVED == 0 or step == total:
            save(model.changes(), step, options.out)


if __name__ == "__main__":
    main()
