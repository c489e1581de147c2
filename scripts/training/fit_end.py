"""Choose where a list of cases ends (cases.fitting) by the judged searches.

    python -m scripts.training.fit_end DATA WORK [COLLECTION]

DATA as for scripts.training.questions; the texts that were judged are indexed in WORK. Prints the weights of a logistic
regression, from which sum on how many of the relevant results stay, and how relevant the reader takes the first cases to be: of
searches with a relevant one among them, and of ABSENT in COLLECTION, a data folder of `jianbao sync` without these topics.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Mapping
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from cases.fitting import CONSIDERED, HELD, READ, ranked_cases
from index.arrays import Floats
from index.evaluate import corpus_catalog, read_lines
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.retrieval import ANYWHERE
from index.search.index import SearchIndex
from index.search.state import State
from index.store.catalog import Catalog
from index.store.passages import texts_at
from scripts.training.questions import FOLDER, digest, judged, written
from service.cli.printing import progress_bar
from service.settings import read_settings

ABSENT = (
    "量子计算机", "航天发射", "核电站", "足球联赛冠军", "宇宙飞船什么时候到火星", "石油钻井平台", "歌剧院演出季",
    "比特币挖矿怎么管", "南极科考站", "古埃及木乃伊", "动漫展上的角色扮演", "恐龙化石在哪挖出来的", "航母编队",
    "F1赛车", "芯片光刻机",
)  # fmt: skip
STAY = (0.995, 0.99, 0.985, 0.98, 0.97)  # shares of the relevant results
_STEPS = 50

Row = tuple[float, float, int]  # of a case: the z-score of its best cosine, its score, its grade, -1 for none


def searched(index: SearchIndex, query: str, grades: Mapping[str, int]) -> tuple[list[Row], float]:
    """Return the cases found for a query, and how relevant the reader takes the first to be, NaN if it is not asked."""
    asked = index.query(query).encoded()

    def read(state: State) -> tuple[list[Row], float]:
        ranked = ranked_cases(index, state, asked, ANYWHERE, CONSIDERED)
        texts = texts_at(state.db, [number for passages in ranked.passages.values() for number, _ in passages])
        rows = []
        for near, passages in zip(ranked.near.tolist(), ranked.passages.values(), strict=True):
            rows.append((near, passages[0][1], max(grades.get(digest(texts[number]), -1) for number, _ in passages)))
        if ranked.held.max(initial=0.0) >= HELD:
            return rows, np.nan
        first = [texts[passages[0][0]] for passages in islice(ranked.passages.values(), READ)]
        return rows, index.ranker.relevance(asked, first)

    return index.in_one_state(read)


def regression(features: Floats, relevant: Floats) -> Floats:
    """Return the weights of a logistic regression by Newton's method, `(n,)`."""
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-features @ weights))
        curvature = (features * (chance * (1 - chance))[:, None]).T @ features
        weights += np.linalg.solve(curvature + 1e-6 * np.eye(len(weights)), features.T @ (relevant - chance))
    return weights


def main() -> None:
    """Index, search, fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("collection", type=Path, nargs="?")
    options = parser.parse_args()
    with gzip.open(FOLDER / "judged.jsonl.gz", "rt", encoding="utf-8") as lines:
        needed = {text for line in lines for text, *_ in json.loads(line)["results"]}
    texts = {name: one for one in written(options.data) if (name := digest(one.text)) in needed}
    folder = options.work / "judged"
    folder.mkdir(parents=True, exist_ok=True)
    rows = ({"_id": name, "title": one.title, "text": one.text} for name, one in texts.items())
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    cache = read_settings({}).cache
    opened = partial(SearchIndex, encoder=Encoder("", cache), reader=Reader(cache))
    with progress_bar("篇") as watch:
        index = opened(corpus_catalog(folder, options.work, read_lines(folder / "corpus.jsonl"), Encoder("", cache), watch))
    index.refresh()
    found = [searched(index, one.query, one.grades) for one in judged()]
    graded = np.array([row for rows, _ in found for row in rows if row[2] >= 0])
    relevant = graded[:, 2] > 0
    near, score, _offset = regression(np.column_stack([graded[:, :2], np.ones(len(graded))]), relevant)
    sums = graded[:, 0] + score / near * graded[:, 1]
    print(f"{len(graded)} graded cases, {relevant.mean():.3f} relevant; SCORE {score / near:.3f}")
    for stay in STAY:
        end = np.quantile(sums[relevant], 1 - stay)
        print(f"{stay} of the relevant stay with END {end:.2f}; relevant of the graded then {relevant[sums >= end].mean():.3f}")
    read = sorted(value for rows, value in found if not np.isnan(value) and any(row[2] > 0 for row in rows[:READ]))
    print(f"the reader, {len(read)} searches with a relevant case among the first: {np.round(read[:5], 2)}")
    if options.collection:
        other = opened(Catalog(options.collection))
        other.refresh()
        absent = sorted(searched(other, topic, {})[1] for topic in ABSENT)
        print(f"the reader, topics of which there is nothing: {np.round(absent[-5:], 2)}")


if __name__ == "__main__":
    main()
