"""The role of each line, decoded over the whole document: a linear-chain conditional random field (Lafferty et al. 2001).

Roles: M masthead, C contents line, S section, T title, U its second line, R title that runs into the text, B body, H subhead,
P caption, K credit, N editor's note, D closing line, X page furniture.

The weights are learned by scripts/training/train_roles.py from made-up layouts and kept in roles.npz.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.extracted import Line
from ingest.grammars.signs import Kind, evidence_of

_TOGETHER = 0.8  # weight of the mean score of the lines of one kind, against a line's own
_MOST = 0.6  # share of a document's items, or of the lines of one kind, from which the others are likely to be the same
_UNLIKE = 2.0  # by how much scores are changed for that
_NEVER = 1e3
_DOUBT = 0.2  # probability that an item or section begins, above which a passage ends
FILE = Path(__file__).with_name("roles.npz")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Read:
    """The likeliest role of each line, and how likely each role is, `(lines, roles)`, in the order of `roles`."""

    roles: tuple[str, ...]
    chosen: tuple[str, ...]
    chances: npt.NDArray[np.float64]

    def chance(self, row: int, roles: str) -> float:
        """Return how likely a line has one of some roles."""
        return float(sum(self.chances[row, self.roles.index(role)] for role in roles))

    def is_doubtful(self, row: int) -> bool:
        """Tell whether an item may begin at a line, sure or not: no passage then goes across its border."""
        return self.chance(row, "TRS") > _DOUBT


@dataclass(frozen=True)
class Field:
    """The weights: of a sign for each role, `(signs, roles)`, and of a role after another, `(roles, roles)`."""

    roles: tuple[str, ...]
    numbers: dict[str, int]  # of the signs
    states: Floats
    steps: Floats

    def read(self, signs: Sequence[Sequence[str]], kinds: Sequence[Kind] = (), barred: Sequence[str] = ()) -> Read:
        """Decode the roles of lines given by their signs.

        Lines of one kind, which is not None, are judged together, too; no line has a role that is barred for it.
        """
        if not signs:
            return Read(self.roles, (), np.zeros((0, len(self.roles))))
        scores = np.stack([self.states[[self.numbers[s] for s in some if s in self.numbers]].sum(axis=0) for some in signs])
        alike: dict[Kind, list[int]] = {}
        for row, kind in enumerate(kinds):
            if kind is not None:
                alike.setdefault(kind, []).append(row)
        for rows in alike.values():
            scores[rows] += _TOGETHER * (scores[rows].mean(axis=0) - scores[rows])
        for row, roles in enumerate(barred):
            scores[row, [self.roles.index(role) for role in roles]] -= _NEVER
        self._make_alike(scores, self._likeliest(scores), kinds, alike.values())
        return Read(self.roles, self._likeliest(scores), self._chances(scores.astype(np.float64)))

    def _make_alike(self, scores: Floats, chosen: Sequence[str], kinds: Sequence[Kind], alike: Iterable[Sequence[int]]) -> None:
        """Change the scores where roles were chosen against what most items of the document, or most lines of a kind, have."""
        opening = [row for row, role in enumerate(chosen) if role in "TR"]
        titled = sum(chosen[row] == "T" for row in opening)
        for role, count in (("T", titled), ("R", len(opening) - titled)):
            if 0 < count <= (1 - _MOST) * len(opening):
                scores[:, self.roles.index(role)] -= _UNLIKE
        marks = Counter(kind[0] for row in opening if kinds and (kind := kinds[row]) and kind[0].startswith("mark"))
        if (count := marks.total()) and count >= _MOST * len(opening):
            others = [row for row, kind in enumerate(kinds) if not (kind and kind[0].startswith("mark"))]
            if others:
                scores[np.ix_(others, [self.roles.index("T"), self.roles.index("R")])] -= _UNLIKE
        for rows in alike:
            role, count = Counter(chosen[row] for row in rows).most_common(1)[0]
            if _MOST * len(rows) <= count < len(rows):
                scores[list(rows), self.roles.index(role)] += _UNLIKE

    def _likeliest(self, scores: Floats) -> tuple[str, ...]:
        """Return the likeliest sequence of roles (Viterbi)."""
        best, back = scores[0], []
        for row in scores[1:]:
            all_of = best[:, None] + self.steps
            back.append(all_of.argmax(axis=0))
            best = all_of.max(axis=0) + row
        at = int(best.argmax())
        path = [at]
        for pointers in reversed(back):
            at = int(pointers[at])
            path.append(at)
        return tuple(self.roles[role] for role in reversed(path))

    def _chances(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the marginal probability of each role of each line (forward-backward, scaled)."""
        steps = np.exp(self.steps.astype(np.float64))
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        ahead, behind = np.empty_like(weights), np.ones_like(weights)
        ahead[0] = weights[0] / weights[0].sum()
        for row in range(1, len(weights)):
            ahead[row] = (ahead[row - 1] @ steps) * weights[row]
            ahead[row] /= ahead[row].sum()
        for row in range(len(weights) - 2, -1, -1):
            behind[row] = steps @ (weights[row + 1] * behind[row + 1])
            behind[row] /= behind[row].sum()
        both = ahead * behind
        chances: npt.NDArray[np.float64] = both / both.sum(axis=1, keepdims=True)
        return chances


@cache
def field() -> Field:
    """Load the weights."""
    with np.load(FILE) as stored:
        names = str(stored["signs"]).split("\n")
        return Field(
            tuple(str(stored["roles"])),
            {name: number for number, name in enumerate(names)},
            stored["states"].astype(np.float32),
            stored["steps"],
        )


def read_roles(lines: Sequence[Line]) -> Read:
    """Return the role of each line."""
    evidence = evidence_of(lines)
    return field().read(evidence.signs, evidence.kinds, evidence.barred)
