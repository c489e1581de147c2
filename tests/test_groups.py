"""Document groups inside the index: whoever may not see a document finds, counts and is told nothing of it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from answer.answerer import Answerer
from cases.find import find_cases
from cases.similar import similar, stored_case
from cases.stories import same_stories
from cases.timeline import timeline
from index.errors import CatalogUnusable
from index.models.encoder import Encoder
from index.search.fusion import zscores
from index.search.index import SearchIndex
from index.search.state import State
from index.search.suggestions import Suggestions
from index.store.catalog import Catalog
from index.store.documents import document_of, item_of, list_documents, list_issues, skipped_files, warnings_of
from index.store.groups import PUBLIC, folder_groups
from index.store.passages import passages_at
from index.sync.mirror import sync
from index.text.query import Query
from index.upkeep.backup import backup, restore
from index.upkeep.verify import verify
from index.views import keywords
from index.views.keywords import KeywordView

RULES = {"内部": ["内部"], "厅领导": ["内部/领导批示"]}
OPEN = "云溪县在三个乡镇办起共享食堂，老人每餐只付六元，全县已有1200位老人吃上热饭。"
SECRET = "云溪县拟撤并蟠龙水电站，安置移民340户，补偿方案暂不对外公布，由县水利局负责。"
TOP = "省领导批示：蟠龙水电站移民补偿要从严从紧，不得超过每户18万元，由云溪县报告。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    for name, text in {
        "食堂.txt": OPEN, "内部/水电站.txt": SECRET, "内部/领导批示/批示.txt": TOP, "内部/坏.pdf": "不是PDF",
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.stem}情况\n{text}", encoding="utf-8")
    return folder


@pytest.fixture
def index(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> SearchIndex:
    catalog = Catalog(tmp_path / "data")
    with catalog.writing():
        catalog.regroup(RULES)
    sync(folder, catalog, tiny_encoder)
    return SearchIndex(catalog, tiny_encoder)


def files(index: SearchIndex, query: str = "云溪县") -> set[str]:
    return {hit.citation.file for hit in index.search(query, 20).hits}


def test_the_longest_folder_says_whose_a_file_is() -> None:
    group_of = folder_groups(RULES)
    found = [group_of(file) for file in ("a.txt", "内部/a.txt", "内部/领导批示/x/a.txt", "内部通报/a.txt", "x/内部/a.txt")]
    assert found == [PUBLIC, "内部", "厅领导", PUBLIC, PUBLIC]


def test_each_caller_finds_what_its_groups_may_see(index: SearchIndex) -> None:
    assert files(index) == {"食堂.txt", "内部/水电站.txt", "内部/领导批示/批示.txt"}
    assert files(index.visible_to(frozenset())) == {"食堂.txt"}
    assert files(index.visible_to(frozenset({"内部"}))) == {"食堂.txt", "内部/水电站.txt"}
    assert files(index.visible_to(frozenset({"厅领导"}))) == {"食堂.txt", "内部/领导批示/批示.txt"}


def everything(index: SearchIndex) -> Iterator[object]:
    """Yield whatever can be asked of an index, about what only some may see."""
    yield index.search("蟠龙水电站移民补偿", 100)
    yield find_cases(index, "蟠龙水电站移民补偿", 50, {})
    yield find_cases(index, "", 50, {})
    yield find_cases(index, "", 50, {"region": "云溪县"})
    yield find_cases(index, "补偿", 50, {}, "figure", "移民")
    yield find_cases(index, "", 50, {}, "figure", "移民")
    yield find_cases(index, "水电站", 50, {}, "date")
    yield timeline(index, "蟠龙水电站")
    yield Answerer(index, None).answer("蟠龙水电站安置移民多少户？")
    yield index.catalog.counts()
    yield list_documents(index.catalog, 100), list_issues(index.catalog)
    yield skipped_files(index.catalog), warnings_of(index.catalog, 100)
    yield [Suggestions(index.catalog).of(typed, 20) for typed in ("蟠", "水", "批", "pl", "sdz")]
    yield index.keyword("蟠龙水电站", 10)[0].tolist(), index.dense("蟠龙水电站", 10)[0].tolist()
    for (item_id,) in _ids(index.catalog):
        assert item_of(index.catalog, item_id)
        case = stored_case(index, item_id)
        assert case
        yield similar(index, case, 20), same_stories(index, item_id)


def _ids(catalog: Catalog) -> list[tuple[str]]:
    with catalog.connect() as db:
        return db.execute("SELECT id FROM items ORDER BY id").fetchall()


def test_what_is_told_is_what_would_be_told_if_the_others_did_not_exist(
    index: SearchIndex, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    """But for scores, which are made with how often words stand in the whole collection."""
    told = [str(one) for one in everything(index.visible_to(frozenset()))]
    for secret in ("水电站.txt", "移民340", "批示", "坏.pdf", "厅领导", "18万"):
        assert not [one for one in told if secret in one.replace("蟠龙水电站移民补偿", "")], secret
    alone = Catalog(tmp_path / "alone")
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "食堂.txt").write_text(f"食堂情况\n{OPEN}", encoding="utf-8")
    sync(tmp_path / "only", alone, tiny_encoder)
    assert index.visible_to(frozenset()).catalog.counts() == alone.counts()
    for seen, lonely in zip(
        everything(index.visible_to(frozenset())), everything(SearchIndex(alone, tiny_encoder)), strict=True
    ):
        assert _without_scores(seen) == _without_scores(lonely)


def _without_scores(one: object) -> str:
    return re.sub(r"(score|probability)=[-\d.e]+", "", str(one))


def test_scores_tell_nothing_of_how_often_words_stand_in_hidden_documents(
    folder: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    public = [f"第{n}篇\n云溪县{word}合作社今年分红{n}万元，带动农户{n * 7}户。" for n, word in enumerate("梨茶藕桑菇橘枣", 1)]
    for number, text in enumerate([*public, "电站\n云溪县修复蟠龙水电站一座，恢复供电的农户有95户。"]):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    alone = SearchIndex(Catalog(tmp_path / "alone"), tiny_encoder)
    seen = SearchIndex(Catalog(tmp_path / "grouped"), tiny_encoder)
    with seen.catalog.writing():
        seen.catalog.regroup(RULES)
    for number in range(30):  # the word is rare to those who may not see these
        text = f"密{number}\n云溪县蟠龙水电站移民第{number}批安置补偿方案，涉及{number + 20}户。"
        (folder / "内部" / f"密{number}.txt").write_text(text, encoding="utf-8")
    sync(folder, seen.catalog, tiny_encoder)
    assert seen.visible_to(frozenset()).retrieve(seen.query("蟠龙水电站"), 9).counted == 9
    for number in range(20):  # what is taken out, read again or told again later still stands in the index of words
        (folder / "内部" / f"密{number}.txt").unlink()
    for number in range(1, 5):
        (folder / f"{number}.txt").write_text(f"{public[number]}比去年多。", encoding="utf-8")
    (folder / "又一.txt").write_text(f"食堂情况\n{OPEN}\n", encoding="utf-8")
    sync(folder, seen.catalog, tiny_encoder)
    shutil.rmtree(folder / "内部")
    sync(folder, alone.catalog, tiny_encoder)
    narrowed = seen.visible_to(frozenset())
    for index in (seen, alone):  # words of like meaning are learned from all documents, and what they count, too
        index.refresh()
        index.ranker.synonyms = None
    for query in ("蟠龙水电站", "云溪县哪个合作社分红最多？", "修复电站"):
        one, other = narrowed.retrieve(index.query(query), 9), alone.retrieve(index.query(query), 9)
        assert (one.frequencies, one.counted) == (other.frequencies, other.counted)
        # of its own passages alone; who sees all is told the scores of tantivy, for which a length has 8 bits
        assert scores(narrowed, query) == pytest.approx(scores(alone.visible_to(frozenset()), query), rel=1e-5)
        assert scores(narrowed, query) == pytest.approx(scores(alone, query), rel=0.05)
        assert closeness(narrowed, query) == pytest.approx(closeness(alone, query), abs=0.01)
    assert (
        seen.retrieve(index.query("蟠龙水电站"), 9).frequencies != narrowed.retrieve(index.query("蟠龙水电站"), 9).frequencies
    )


def test_a_group_may_have_any_name(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    names = ["o'q", 'a"b', "a{b}", "a{{b}}", "{}", "{0}", "a}", "%s", "甲;乙", "--"]
    for number in range(len(names)):
        (folder / f"{number}").mkdir()
        (folder / f"{number}" / f"{number}.txt").write_text(
            f"第{number}\n云溪县第{number}件事，办成了{number}回。", encoding="utf-8"
        )
    index = SearchIndex(Catalog(tmp_path / "named"), tiny_encoder)
    with index.catalog.writing():
        index.catalog.regroup({**RULES, **{name: [str(number)] for number, name in enumerate(names)}})
    sync(folder, index.catalog, tiny_encoder)
    for number, name in enumerate(names):
        assert files(index.visible_to(frozenset({name}))) == {"食堂.txt", f"{number}/{number}.txt"}


def test_a_word_in_many_passages_is_counted_in_some_of_those_a_caller_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passages 0 to 99 are seen and long, every other one holds the word; the others are hidden and short."""
    view = KeywordView()
    long = [f"{'云溪县' if n % 2 else '梅山县'}的合作社今年分红了{n}万元，比去年多得多" for n in range(100)]
    texts = long + ["云溪云溪"] * 300
    view.update([], enumerate(texts))
    narrowed = view.within(np.arange(400) < 100)
    assert narrowed.frequencies(Query("云溪"))["云溪"] == 50
    monkeypatch.setattr(keywords, "_SAMPLED", 30)
    assert 35 <= view.within(np.arange(400) < 100).frequencies(Query("云溪"))["云溪"] <= 65
    rest = view.within(np.arange(400) == 0)
    assert rest.frequencies(Query("云溪"))["云溪"] == 0 and rest.frequencies(Query("梅山"))["梅山"] == 1
    assert view.frequencies(Query("云溪"))["云溪"] == 350


def scores(index: SearchIndex, query: str) -> dict[str, float]:
    """Return the scores of passages by their texts."""
    return {hit.text: hit.score for hit in index.hits(index.query(query), 9).hits}


def closeness(index: SearchIndex, query: str) -> dict[str, float]:
    """Return the z-scores of the cosines of passages by their texts."""
    vector = index.query(query).encoded().vector

    def found(state: State) -> dict[str, float]:
        numbers, _ = state.near(vector, 9)
        close = zscores(vector, state.vectors(numbers), state.sample)
        return {
            passages_at(state.db, [number])[number].text: score
            for number, score in zip(numbers.tolist(), close.tolist(), strict=True)
        }

    return index.in_one_state(found)


def test_a_hidden_document_cannot_be_read_or_changed_through_what_a_caller_sees(index: SearchIndex) -> None:
    hidden = next(one["id"] for one in list_documents(index.catalog, 10) if one["file"].startswith("内部"))
    seen = index.visible_to(frozenset()).catalog
    assert document_of(seen, hidden) is None and item_of(seen, f"{hidden}-1") is None
    with pytest.raises(Exception, match="view"), seen.connect() as db:
        db.execute("DELETE FROM documents")
    with seen.connect() as db, pytest.raises(sqlite3.OperationalError):
        db.execute("INSERT INTO files SELECT * FROM main.files")
    assert index.catalog.counts()["documents"] == 3


def test_a_record_says_itself_whom_it_is_for_and_both_groups_are_needed(
    index: SearchIndex, folder: Path, tiny_encoder: Encoder
) -> None:
    rows = [
        {"标题": "梨膏", "正文": "云溪县梨膏合作社分红。", "知悉范围": "农业处"},
        {"标题": "茶", "正文": "云溪县茶市开秤。"},
    ]
    (folder / "记录.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    (folder / "内部" / "记录.csv").write_text("标题,正文,知悉范围\n藕,云溪县莲藕减产。,农业处\n", encoding="utf-8")
    head, body = '<meta name="知悉范围" content="农业处">', "<h1>桑蚕</h1><p>云溪县桑蚕收购价上调。</p>"
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    (folder / "桑蚕.html").write_text(page, encoding="utf-8")
    sync(folder, index.catalog, tiny_encoder)
    assert files(index.visible_to(frozenset())) == {"食堂.txt", "记录.jsonl#2"}
    farming = {"食堂.txt", "记录.jsonl#1", "记录.jsonl#2", "桑蚕.html"}
    assert files(index.visible_to(frozenset({"农业处"}))) == farming
    assert files(index.visible_to(frozenset({"农业处", "内部"}))) == farming | {"内部/水电站.txt", "内部/记录.csv#2"}


def test_a_copy_and_a_reprint_in_another_group_are_documents_of_their_own(
    index: SearchIndex, folder: Path, tiny_encoder: Encoder
) -> None:
    for name, text in {"甲.txt": f"水电站情况\n{SECRET}\n", "内部/乙.txt": f"食堂情况\n{OPEN}\n"}.items():  # reprints
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "水电站.txt").write_bytes((folder / "内部" / "水电站.txt").read_bytes())  # a copy
    sync(folder, index.catalog, tiny_encoder)
    public = index.visible_to(frozenset()).search("蟠龙水电站", 20).hits
    assert {hit.citation.file for hit in public} == {"食堂.txt", "水电站.txt"}
    also = {hit.citation.file: hit.citation.also for hit in index.search("云溪县", 20).hits}
    assert [len(also[file]) for file in ("食堂.txt", "内部/水电站.txt", "水电站.txt")] == [0, 0, 1], also
    assert "内部/乙.txt" in also  # found beside the one that everybody sees


def test_new_rules_hold_at_once_also_for_reprints_and_in_what_is_remembered(
    index: SearchIndex, folder: Path, tiny_encoder: Encoder
) -> None:
    (folder / "甲").mkdir()
    (folder / "甲" / "食堂.txt").write_text(f"食堂情况\n{OPEN}\n", encoding="utf-8")
    sync(folder, index.catalog, tiny_encoder)
    seen = index.visible_to(frozenset())
    assert len(files(seen)) == 1 and find_cases(seen, "", 9, {}).total == 1
    for rules, expected in (
        ({"甲组": ["甲"]}, {"食堂.txt", "内部/水电站.txt", "内部/领导批示/批示.txt"}),
        ({"甲组": [""]}, set()),
        ({}, {"食堂.txt", "甲/食堂.txt", "内部/水电站.txt", "内部/领导批示/批示.txt"}),
    ):
        with index.catalog.writing():
            index.catalog.regroup(rules)
        seen = index.visible_to(frozenset())
        assert files(seen) == expected, rules
        assert find_cases(seen, "", 9, {}).total == len(expected)
    assert verify(index.catalog, lambda _message: None).problems == []


def test_a_restored_backup_is_grouped_as_what_it_replaces(index: SearchIndex, tmp_path: Path) -> None:
    catalog = index.catalog
    with catalog.writing():
        catalog.regroup({})
    backup(catalog, tmp_path / "b", lambda _message: None)
    with catalog.writing():
        catalog.regroup(RULES)
    restore(tmp_path / "b", catalog.path.parent, lambda _message: None)
    assert files(index.visible_to(frozenset())) == {"食堂.txt"}


def test_a_catalog_with_other_rules_than_the_configuration_says_lets_nobody_in(index: SearchIndex) -> None:
    index.catalog.rules = RULES
    assert files(index.visible_to(frozenset({"内部"}))) == {"食堂.txt", "内部/水电站.txt"}
    with index.catalog.writing():
        index.catalog.regroup({})
    with pytest.raises(CatalogUnusable, match="分组"):
        index.visible_to(frozenset({"内部"}))
