"""Train the reader that ships in index/models/reader.npz: low-rank changes (LoRA) to the bundled encoder, and a head.

    python -m scripts.training.train_reader FOLDER

FOLDER contains cmrc2018.jsonl and drcd.jsonl with their contexts. The input is a question and some sentences, each followed by
a separator. The head gives three scores per token: for every token how likely the answer begins there and ends there, and for
every separator how likely its sentence answers. Takes about 40 minutes on two cores. Afterwards run measure_peaks with
"reader", then fit_answers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from index.models.reader_weights import FILE
from scripts.training.low_rank import changeable, short
from scripts.training.reader_examples import Example, Maker, load

RANK = 16
NULLS = 0.35  # share of the questions that are also trained with sentences that do not answer them
ROUNDS, BATCH, RATE = 2, 16, 8e-4
HELD_OUT = 0.08  # share of the contexts kept for validation


class Reader(nn.Module):
    """The bundled encoder with changes, and the head."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = changeable(RANK)
        self.head = nn.Linear(self.bert.config.hidden_size, 3)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return three numbers for each token: begins, ends, holds."""
        return self.head(self.bert(input_ids=ids, attention_mask=mask).last_hidden_state)


def batches(examples: list[Example], chance: Random) -> Iterator[list[Example]]:
    order = sorted(examples, key=lambda one: len(one.ids) + chance.random() * 20)
    groups = [order[n : n + BATCH] for n in range(0, len(order), BATCH)]
    chance.shuffle(groups)
    yield from groups


def padded(group: list[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(one.ids) for one in group)
    ids = torch.zeros(len(group), width, dtype=torch.long)
    mask = torch.zeros(len(group), width)
    for row, one in enumerate(group):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        mask[row, : len(one.ids)] = 1
    return ids, mask


def loss_of(scores: torch.Tensor, mask: torch.Tensor, group: list[Example]) -> torch.Tensor:
    away = (1 - mask) * -1e4
    loss = functional.cross_entropy(scores[:, :, 0] + away, torch.tensor([one.start for one in group]))
    loss = loss + functional.cross_entropy(scores[:, :, 1] + away, torch.tensor([one.end for one in group]))
    rows = torch.tensor([row for row, one in enumerate(group) for _ in one.separators])
    places = torch.tensor([place for one in group for place in one.separators])
    holds = torch.tensor([float(value) for one in group for value in one.holds])
    return loss + 2 * functional.binary_cross_entropy_with_logits(scores[rows, places, 2], holds)


def validate(model: Reader, examples: list[Example]) -> str:
    model.eval()
    hits = exact = spans = 0
    best_of, truth = [], []
    with torch.no_grad():
        for group in batches(examples, Random(0)):  # noqa: S311
            ids, mask = padded(group)
            scores = model(ids, mask).float()
            for row, one in enumerate(group):
                chosen = [float(scores[row, place, 2]) for place in one.separators]
                best_of.append(max(chosen))
                truth.append(any(one.holds))
                if not any(one.holds):
                    continue
                hits += one.holds[int(np.argmax(chosen))]
                spans += 1
                first = 1 + int(scores[row, 1 : len(one.ids), 0].argmax())
                last = first + int(scores[row, first : min(len(one.ids), first + 30), 1].argmax())
                exact += (first, last) == (one.start, one.end)
    yes = np.array([value for value, held in zip(best_of, truth, strict=True) if held])
    no = np.array([value for value, held in zip(best_of, truth, strict=True) if not held])
    auc = float((yes[:, None] > no[None, :]).mean())
    model.train()
    return f"sentence {hits / spans:.3f} span {exact / spans:.3f} auc {auc:.3f}"


def save(model: Reader, file: Path) -> None:
    """Write what was learned, under the names of the weight file."""
    arrays = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            kind = np.float32 if name.startswith("head.") else np.float16
            arrays[_short(name)] = parameter.detach().numpy().astype(kind)
    np.savez_compressed(file, **arrays)


def _short(name: str) -> str:
    """Return the name of the weight file for torch's: l0.q.down for bert.encoder.layer.0.attention.self.query.down."""
    return name.removeprefix("head.") if name.startswith("head.") else short(name.removeprefix("bert."))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    torch.manual_seed(7)
    chance = Random(7)  # noqa: S311
    contexts, questions = load(options.folder)
    maker = Maker(contexts)
    apart = {number for number in range(len(contexts)) if chance.random() < HELD_OUT}
    train = [one for one in questions if one.context not in apart]
    check = [one for one in questions if one.context in apart]
    fixed = [maker.example(one, turn, chance) for one in check for turn in (True, False)]
    held = [one for one in fixed if one][:1000]
    model = Reader()
    model.train()
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learned, RATE, weight_decay=0.01)
    total = int(ROUNDS * len(train) * (1 + NULLS) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min(1, n / 100, max(0.02, 1 - n / total)))
    print(len(train), "questions,", total, "steps", flush=True)
    step, began, mean = 0, time.time(), 0.0
    for _ in range(ROUNDS):
        made = [maker.example(one, True, chance) for one in train]
        made += [maker.example(one, False, chance) for one in train if chance.random() < NULLS]
        for group in batches([one for one in made if one], chance):
            ids, mask = padded(group)
            with torch.autocast("cpu", torch.bfloat16):
                scores = model(ids, mask)
            loss = loss_of(scores.float(), mask, group)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            mean = 0.98 * mean + 0.02 * float(loss.detach())
            if step % 25 == 0:
                speed = step / (time.time() - began)
                print(f"{step} loss {mean / (1 - 0.98**step):.3f} left {(total - step) / speed / 60:.0f} min", flush=True)
            if step % 300 == 0:
                print(validate(model, held[:300]), flush=True)
                save(model, FILE)
    print(validate(model, held), flush=True)
    save(model, FILE)


if __name__ == "__main__":
    main()
