"""Words of like meaning come from the collection itself, and a change of its size brings new ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest import DOCUMENTS

from index.arrays import Vectors
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.search.synonyms import SynonymFinder
from index.store.catalog import Catalog
from index.store.words import Learned, learned_from
from index.sync.mirror import sync
from index.sync.vocabulary import learn
from index.text.query import Query
from index.views.keywords import KeywordView

TEXT = "老人在食堂吃饭。村里的光伏电站发电。工坊里有许多工人。"


def written(folder: Path, texts: int) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(texts):
        (folder / f"{number}.txt").write_text(f"第{number}篇\n\n{TEXT * (number % 7 + 1)}\n", encoding="utf-8")
        (folder / f"other-{number}.txt").write_text("海边的渔民今天出海捕鱼" * 9 + str(number), encoding="utf-8")
    return folder


def lexicon_of(catalog: Catalog, encoder: Encoder) -> SynonymFinder:
    with catalog.reading() as db:
        return SynonymFinder(db, encoder, learned_from(db) or Learned(encoder.fingerprint, 0, 0))


def test_words_of_like_meaning_are_found(sample_data: tuple[Path, object], bundled_encoder: Encoder) -> None:
    (group,) = lexicon_of(Catalog(sample_data[0]), bundled_encoder).of(Query("村民"))
    assert group["村民"] == 1.0
    assert any("民" in word or "农" in word for word in group.keys() - {"村民"})
    assert all(0.8 < value < 0.9 for word, value in group.items() if word != "村民")
    assert lexicon_of(Catalog(sample_data[0]), bundled_encoder).of(Query("？")) == []


def test_what_passages_hold_of_the_groups() -> None:
    view = KeywordView()
    view.update([], [(3, "太阳能发电的收益"), (5, "光伏发电"), (8, "老年食堂")])
    groups = [{"太阳能": 0.6, "光伏": 0.5}, {"发电": 0.4}]
    assert np.allclose(view.synonym_scores(groups, np.array([3, 5, 8])), [1.0, 0.9, 0.0])


def test_which_words_passages_hold_one_by_one() -> None:
    view = KeywordView()
    view.update([], [(3, "太阳能发电的收益"), (5, "光伏发电"), (8, "老年食堂")])
    others = [f"词{number}" for number in range(40)]  # more than are asked for at once
    found = view.word_matches(["发电", *others, "食堂", "光伏"], np.array([3, 5, 8]))
    assert found[:, [0, -2, -1]].tolist() == [[1, 0, 0], [1, 0, 1], [0, 1, 0]] and not found[:, 1:-2].any()
    weights = {"发电": 0.2, "食堂": 0.5, "光伏": 0.1}
    assert view.passages_with(weights, 2, None).tolist() == [8, 5]
    assert view.passages_with(weights, 2, np.array([0, 0, 0, 1, 0, 1], bool)).tolist() == [5, 3]


def test_words_are_learned_once(tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    folder = written(tmp_path / "texts", 20)
    sync(folder, catalog, tiny_encoder)
    learned = catalog.state("words")
    with catalog.connect() as db:
        assert {"食堂", "渔民"} <= {row[0] for row in db.execute("SELECT word FROM words")}
    asked: list[list[str]] = []

    def encode(texts: list[str]) -> list[Vectors]:
        asked.append(texts)
        return list(tiny_encoder.passages(texts))

    learn(catalog, tiny_encoder.fingerprint, encode)  # nothing has changed: not learned again
    assert (asked, catalog.state("words")) == ([], learned)
    written(folder, 40)
    (folder / "new.txt").write_text("竹林里有竹编匠人，竹编匠人教徒弟。" * 9, encoding="utf-8")
    sync(folder, catalog, tiny_encoder)
    assert catalog.state("words") != learned
    with catalog.connect() as db:
        assert db.execute("SELECT count(*) FROM words WHERE word = '匠人'").fetchone()[0] == 1


def test_a_running_index_takes_over_new_words(tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    index = SearchIndex(catalog, tiny_encoder)
    assert index.search("食堂").hits == []
    sync(DOCUMENTS, catalog, tiny_encoder)
    assert index.search("食堂").hits
    assert index.ranker.synonyms
    assert str(index.ranker.synonyms.learned) == catalog.state("words")


def test_a_collection_without_words_finds_the_question_s_own(tmp_path: Path, tiny_encoder: Encoder) -> None:
    assert lexicon_of(Catalog(tmp_path), tiny_encoder).of(Query("老年食堂"))[0].keys() == {"老年"}
