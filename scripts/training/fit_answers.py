"""Show what each threshold of answer.judge would do on the written questions kept apart, all written texts being indexed.

    python -m scripts.training.fit_answers DATA WORK

DATA and WORK as for scripts.training.fit_fusion, which has to be run before. For each threshold: the share of facts and of
facts in spoken form that are quoted and that are refused, and the share of the near misses, which the texts do not answer, that
are refused. An exchanged question is one in which a place, a time or a name is another one: it should be refused, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import numpy as np

from answer.answerer import Answerer
from answer.metrics import bare
from answer.question import read_question
from answer.quotes import quotes_of
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from scripts.training.cross_examples import Reading, exchanged, passages_of, quoted
from scripts.training.questions import Written, unmeasured
from service.settings import read_settings

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def exchanged_question(one: Written, names: list[str], chance: Random) -> str:
    """Return the fact asked with something exchanged, "" if there is nothing to exchange."""
    for passage in passages_of(one):
        if spans := passage.spans.get("fact"):
            for _ in range(6):
                for reading in exchanged(Reading(one.asked["fact"], passage.text, spans), chance, names):
                    if not reading.spans and reading.question != one.asked["fact"]:
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
    apart = [one for one in unmeasured(options.data)[1][:: options.every] if one.spans.get("fact", ((-1, 0),))[0][0] >= 0]
    names = quoted(apart)
    asked: dict[str, list[tuple[float, bool]]] = {"fact": [], "spoken": [], "near": [], "exchanged": []}
    for one in apart:
        right = bare(one.text[slice(*one.spans["fact"][0])])
        questions = {kind: one.asked.get(kind, "") for kind in ("fact", "spoken", "near")}
        for kind, text in (questions | {"exchanged": exchanged_question(one, names, chance)}).items():
            if text:
                judged = answerer.judged(read_question(answerer.index.query(text)))
                said = [judged.sentences[number].text for number in quotes_of(judged)] if judged.sentences else []
                asked[kind].append((judged.found, right in bare("".join(said))))
    print("| threshold | fact quoted | refused | spoken quoted | refused | near refused | exchanged refused |")
    for least in THRESHOLDS:
        shares = []
        for kind in ("fact", "spoken"):
            shares += [np.mean([found >= least and right for found, right in asked[kind]])]
            shares += [np.mean([found < least for found, _ in asked[kind]])]
        shares += [np.mean([found < least for found, _ in asked[kind]]) for kind in ("near", "exchanged")]
        print(f"| {least} |" + "".join(f" {share:.3f} |" for share in shares))


if __name__ == "__main__":
    main()
