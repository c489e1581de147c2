"""Learn the roles of lines from made-up layouts; write ingest/grammars/roles.npz.

    python -m scripts.training.train_roles --documents 3000

A linear-chain conditional random field, by L-BFGS (python-crfsuite). Prints how well it reads other
documents of the generator.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np
import pycrfsuite

from ingest.extracted import Line, Paragraph, lay_out
from ingest.formats.clean import clean_text
from ingest.grammars.roles import FILE, Field
from ingest.grammars.signs import evidence_of
from scripts.training.layout_texts import real_texts
from scripts.training.layouts import Layout, Made

_LEAST = 3  # times that a sign has to come
_SLIGHT = 0.02  # weights below which a sign is left out


def lines_of(made: Sequence[Made]) -> list[Line]:
    """Return the lines of a made-up document as the grammars see them."""
    texts = (line.text if line.form == "row" else clean_text(line.text) for line in made)
    return lay_out(Paragraph(text, form=line.form, look=line.look) for text, line in zip(texts, made, strict=True))[1]


def example(seed: int, texts: Path | None = None) -> tuple[list[list[str]], list[str]]:
    """Return the signs and the roles of one document."""
    made = Layout(seed, real_texts(texts) if texts else ()).make()
    return evidence_of(lines_of(made)).signs, [line.role for line in made]


def examples(count: int, seed: int, texts: Path | None) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Yield documents, made on all cores."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(example, (seed * 1_000_003 + n for n in range(count)), repeat(texts), chunksize=20)


def train(documents: Sequence[tuple[list[list[str]], list[str]]], c1: float, c2: float, rounds: int) -> Field:
    """Fit the field."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(
        {"c1": c1, "c2": c2, "max_iterations": rounds, "feature.minfreq": _LEAST, "feature.possible_transitions": True}
    )
    for signs, roles in documents:
        trainer.append(signs, roles)
    with tempfile.NamedTemporaryFile(suffix=".crf") as file:
        trainer.train(file.name)
        tagger = pycrfsuite.Tagger()
        tagger.open(file.name)
        told = tagger.info()
        tagger.close()
    names = sorted({sign for sign, _ in told.state_features})
    labels = sorted(told.labels)
    numbers = {name: number for number, name in enumerate(names)}
    states, steps = np.zeros((len(names), len(labels)), np.float32), np.zeros((len(labels), len(labels)), np.float32)
    for (sign, role), weight in told.state_features.items():
        states[numbers[sign], labels.index(role)] = weight
    for (before, after), weight in told.transitions.items():
        steps[labels.index(before), labels.index(after)] = weight
    return Field(tuple(labels), numbers, states, steps)


def average(fields: Sequence[Field]) -> Field:
    """Return the field whose weights are the means: what one learned of its own documents alone counts less."""
    names = sorted(set().union(*(one.numbers for one in fields)))
    numbers = {name: number for number, name in enumerate(names)}
    states = np.zeros((len(names), len(fields[0].roles)), np.float32)
    for one in fields:
        states[[numbers[name] for name in one.numbers]] += one.states / len(fields)
    kept = np.abs(states).max(axis=1) >= _SLIGHT
    names = [name for name, keep in zip(names, kept, strict=True) if keep]
    steps = np.mean([one.steps for one in fields], axis=0, dtype=np.float32)
    return Field(fields[0].roles, {name: number for number, name in enumerate(names)}, states[kept], steps)


def main() -> None:
    """Make, fit, write, try."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--c1", type=float, default=0.1)
    parser.add_argument("--c2", type=float, default=0.05)
    parser.add_argument("--models", type=int, default=4, help="fitted to different documents and averaged")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--texts", type=Path, help="JSONL of real texts, {title, text} a line, to fill some of the layouts with"
    )
    options = parser.parse_args()
    made = list(examples(options.documents, options.seed, options.texts))
    print(f"{len(made)} documents, {sum(len(roles) for _, roles in made)} lines", flush=True)
    parts = [made[number :: options.models] for number in range(options.models)]
    with ProcessPoolExecutor() as pool:
        shared = repeat(options.c1), repeat(options.c2), repeat(options.rounds)
        fitted = average(list(pool.map(train, parts, *shared)))
    np.savez_compressed(
        FILE,
        roles=np.array("".join(fitted.roles)),
        signs=np.array("\n".join(fitted.numbers)),
        states=fitted.states.astype(np.float16),
        steps=fitted.steps,
    )
    print(f"{FILE.name}: {len(fitted.numbers)} signs, {FILE.stat().st_size // 1024} KB", flush=True)
    wrong: Counter[tuple[str, str]] = Counter()
    total: Counter[str] = Counter()
    for signs, roles in examples(300, options.seed + 1, options.texts):
        for given, right in zip(fitted.read(signs).chosen, roles, strict=True):
            total[right] += 1
            wrong[right, given] += given != right
    for role, count in total.items():
        errors = Counter({given: n for (right, given), n in wrong.items() if right == role and n})
        print(f"{role} {count:6} right {1 - sum(errors.values()) / count:.3f}  {dict(errors.most_common(4))}")


if __name__ == "__main__":
    main()
