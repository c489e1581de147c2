"""Words of like meaning come from the collection itself, and a change of its size brings new ones."""

from __future__ import annotations

from pathlib import Path

from index.catalog import Catalog
from index.encoder import Encoder
from index.lexicon import Lexicon, learn
from index.sync import sync

TEXT = "老人在食堂吃饭。村里的光伏电站发电。工坊里有许多工人。"


def written(folder: Path, texts: int) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(texts):
        (folder / f"{number}.txt").write_text(f"第{number}篇\n\n{TEXT * (number % 7 + 1)}\n", encoding="utf-8")
        (folder / f"other-{number}.txt").write_text("海边的渔民今天出海捕鱼" * 9 + str(number), encoding="utf-8")
    return folder


def test_words_of_like_meaning_are_found(sample_data: tuple[Path, object], bundled_encoder: Encoder) -> None:
    lexicon = Lexicon(Catalog(sample_data[0]), bundled_encoder)
    own, like, none = lexicon.share("村民", ["村民分红", "群众分红", "机器人"])
    assert own == 1.0 and 0.0 <= like < 1.0 and none == 0.0
    assert lexicon.share("？", ["村民"]) == [0.0]


def test_words_are_learned_once(tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(written(tmp_path / "texts", 20), catalog, tiny_encoder)
    learned = catalog.state("words")
    with catalog.connect() as db:
        words = {row[0] for row in db.execute("SELECT word FROM words")}
        db.execute("DELETE FROM words")
    assert {"食堂", "渔民"} <= words
    learn(catalog, tiny_encoder)  # nothing has changed: not learned again
    assert catalog.state("words") == learned
    assert not Lexicon(catalog, tiny_encoder)._words


def test_a_collection_without_words_finds_the_question_s_own(tmp_path: Path, tiny_encoder: Encoder) -> None:
    lexicon = Lexicon(Catalog(tmp_path), tiny_encoder)
    assert lexicon.share("老年食堂", ["老年食堂", "渔民"]) == [1.0, 0.0]
