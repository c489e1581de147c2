"""What several cross-encoders say together, for another to learn from (Hinton et al. 2015, arXiv 1503.02531).

Their mean is better than each of them. It says of passages near to a question, of which nobody has judged whether they answer,
how likely they do, where, and which of them is more relevant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from torch.nn import functional

from index.models.changes import ANSWERS, BEGINS, ENDS, RELEVANT, WITHIN
from scripts.training.cross_examples import Example
from scripts.training.maker import Maker

PASSAGES = 5  # of a search, its own among them
MOST = 9000  # searches

Scores = np.ndarray[tuple[int, int], np.dtype[np.float16]]


@dataclass(frozen=True, slots=True)
class Taught:
    """A search with passages, and the mean of what its teachers say of each, `(tokens, 5)`."""

    examples: list[Example]
    scores: list[Scores]


@torch.no_grad()
def taught_lists(
    maker: Maker, teachers: Sequence[Callable[[Sequence[Example]], torch.Tensor]], chance: Random
) -> Iterator[Taught]:
    """Yield questions with their own passage and some of those near to it, as the teachers see them."""
    for (question, own, _), near in chance.sample(maker.asked, min(MOST, len(maker.asked))):
        if len(near) >= PASSAGES - 1:
            examples = maker.with_passages(question, [own, *chance.sample(near, PASSAGES - 1)])
            mean = torch.stack([teacher(examples) for teacher in teachers]).mean(0).half().cpu().numpy()
            yield Taught(examples, [mean[row, : len(one.ids)] for row, one in enumerate(examples)])


def taught_loss(scores: torch.Tensor, group: Sequence[Taught]) -> torch.Tensor:
    """Return how far the scores of all passages, `(n, tokens, 5)`, are from those of the teachers."""
    examples = [one for taught in group for one in taught.examples]
    said = torch.zeros(scores.shape)
    inside = torch.zeros(scores.shape[:2], dtype=torch.bool)
    for row, (one, theirs) in enumerate(zip(examples, (each for taught in group for each in taught.scores), strict=True)):
        said[row, : len(theirs)] = torch.from_numpy(theirs.astype(np.float32))
        inside[row, one.first : len(one.ids) - 1] = True
    said, inside = said.to(scores.device), inside.to(scores.device)
    answers = torch.sigmoid(said[:, 0, ANSWERS])
    loss = functional.binary_cross_entropy_with_logits(scores[:, 0, ANSWERS], answers)
    within = functional.binary_cross_entropy_with_logits(
        scores[:, :, WITHIN][inside], torch.sigmoid(said[:, :, WITHIN][inside])
    )
    loss = loss + within
    for part in (BEGINS, ENDS):
        theirs_, own = (of[:, :, part].masked_fill(~inside, -1e4).log_softmax(-1) for of in (said, scores))
        loss = loss + 0.5 * (answers * _divergence(theirs_, own)).sum() / (answers.sum() + 1e-3)
    ranked, at = [], 0
    for taught in group:
        rows = slice(at, at + len(taught.examples))
        ranked.append(_divergence(said[rows, 0, RELEVANT].log_softmax(0), scores[rows, 0, RELEVANT].log_softmax(0)))
        at = rows.stop
    return loss + torch.stack(ranked).mean()


def _divergence(theirs: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Return the Kullback-Leibler divergence of log probabilities from others, over the last axis."""
    return (theirs.exp() * (theirs - own)).sum(-1)
