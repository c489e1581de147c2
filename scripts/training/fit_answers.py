"""Show what each threshold of answer.judge would do on the written questions kept apart, all written texts being indexed.

    python -m scripts.training.fit_answers DATA WORK

DATA and WORK as for scripts.training.fit_fusion, which has to be run before. For each threshold: the share of facts, of facts
in spoken form and of other questions that are quoted whole, marked exactly in part, and refused; and the share of the near
misses, which the texts do not answer, that are refused. An exchanged question is one in which a place, a time or a name is
another one: it should be refused, too.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from answer.answerer import Answerer
from answer.metrics import bare
from answer.question import read_question
from answer.quotes import mark_of, quotes_of
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from scripts.training.cross_examples import Reading, exchanged, passages_of, quoted
from scripts.training.questions import NEAR, Asked, Written, unmeasured
from service.settings import read_settings

ANSWERED = ("fact", "spoken", "more", "asked")
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Tried:
    """How likely a question is answered, and whether all that answers it is quoted and a part of it just what is marked."""

    found: float
    quoted: bool
    marked: bool


def tried(answerer: Answerer, one: Written, asked: Asked) -> Tried:
    """Ask a question about a text."""
    judged = answerer.judged(read_question(answerer.index.query(asked.question)))
    if not judged.sentences:
        return Tried(judged.found, False, False)
    numbers = quotes_of(judged)
    quotes = bare("".join(judged.sentences[number].text for number in numbers))
    marks = {bare(judged.sentences[n].text[slice(*mark)]) for n in numbers if (mark := mark_of(judged, n))}
    right = [bare(one.text[slice(*span)]) for span in asked.spans]
    return Tried(judged.found, all(part in quotes for part in right), not marks.isdisjoint(right))


def exchanged_question(one: Written, names: list[str], chance: Random) -> str:
    """Return the text's first question with something exchanged, "" if there is nothing to exchange."""
    number, asked = next((number, asked) for number, asked in enumerate(one.asked) if asked.spans)
    for passage in passages_of(one):
        if spans := passage.spans[number]:
            for _ in range(6):
                for reading in exchanged(Reading(asked.question, passage.text, spans), chance, names):
                    if not reading.spans and reading.question != asked.question:
                        return reading.question
    return ""


def main() -> None:
    """Ask, then count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many of the texts kept apart")
    options = parser.parse_args()
    settings, chance = read_settings({}), Random(5)  # noqa: S311
    (folder,) = (options.work / "evaluate").glob("written-*")
    answerer = Answerer(SearchIndex(Catalog(folder), Encoder("", settings.cache)), Reader(settings.cache))
    answerer.index.refresh()
    apart = [one for one in unmeasured(options.data)[1][:: options.every] if any(asked.spans for asked in one.asked)]
    names = quoted(apart)
    found: dict[str, list[Tried]] = {kind: [] for kind in (*ANSWERED, NEAR, "exchanged")}
    for one in apart:
        asked = [one_asked for one_asked in one.asked if one_asked.spans or one_asked.kind == NEAR]
        if changed := exchanged_question(one, names, chance):
            asked.append(Asked("exchanged", changed))
        for each in asked:
            found[each.kind].append(tried(answerer, one, each))
    head = "".join(f" {kind} quoted | marked | refused |" for kind in ANSWERED)
    print(f"| threshold |{head} near refused | exchanged refused |\n|{'---|' * (3 + 3 * len(ANSWERED))}")
    for least in THRESHOLDS:
        shares = []
        for kind in ANSWERED:
            for way in ("quoted", "marked"):
                shares.append(np.mean([one.found >= least and getattr(one, way) for one in found[kind]]))
            shares.append(np.mean([one.found < least for one in found[kind]]))
        shares += [np.mean([one.found < least for one in found[kind]]) for kind in (NEAR, "exchanged")]
        print(f"| {least} |" + "".join(f" {share:.3f} |" for share in shares))


if __name__ == "__main__":
    main()
