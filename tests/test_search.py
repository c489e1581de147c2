"""The right item comes first, on our own documents and on the seeds, and a hit carries all that a citation needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import CACHE, ROOT, shared

from index.arrays import Mask
from index.errors import ModelUnavailable
from index.models.encoder import Encoder
from index.models.reader import Reader
from index.models.reranker import Reranker
from index.retrieval import ANYWHERE, Within
from index.search.fusion import FIT_WEIGHT, KEYWORD_WEIGHT, Candidates, Features, fuse
from index.search.index import SearchIndex
from index.search.ranking import places_and_years
from index.store.catalog import Catalog
from index.store.passages import when_and_where
from index.sync.mirror import sync
from index.text.query import Query
from index.views.keywords import KeywordView
from index.views.masks import matching
from index.views.vectors import VectorView
from ingest.document import Citation


def questions(name: str, kind: str) -> list[dict[str, str]]:
    rows = (json.loads(line) for line in (ROOT / "tests" / "data" / name).read_text(encoding="utf-8").splitlines())
    return [row for row in rows if row["kind"] == kind]


def ranks(index: SearchIndex, rows: list[dict[str, str]]) -> list[int]:
    """Return the rank of the right item of each question, 99 when it is not among the first ten."""
    found = []
    for row in rows:
        items = [hit.citation.item for hit in index.search(row["text"]).hits]
        found.append(next((rank for rank, item in enumerate(items, 1) if row["item"] in item), 99))
    return found


def test_facts_of_the_samples(sample_index: SearchIndex) -> None:
    rows = questions("sample_questions.jsonl", "fact")
    assert ranks(sample_index, rows) == [1] * 16
    assert all(row["answer"] in sample_index.search(row["text"], 3).hits[0].text for row in rows)


def test_precedents_of_the_samples(sample_index: SearchIndex) -> None:
    """In everyday words most right cases are among the first three; which one is first is the precedent work's matter."""
    found = ranks(sample_index, questions("sample_questions.jsonl", "precedent"))
    assert sum(rank <= 3 for rank in found) >= 5
    assert sum(rank <= 10 for rank in found) >= 7


def test_the_seeds(tmp_path: Path, bundled_encoder: Encoder) -> None:
    sync(shared("seeds"), Catalog(tmp_path), bundled_encoder)
    index = SearchIndex(Catalog(tmp_path), bundled_encoder)
    assert ranks(index, questions("seed_questions.jsonl", "fact")) == [1] * 10
    assert ranks(index, questions("seed_questions.jsonl", "precedent")) == [1] * 5


def test_a_hit_is_cited_to_the_page(sample_index: SearchIndex) -> None:
    hit = sample_index.search("桐庐县老年助餐 中心厨房", 1, {"kind": "bulletin"}).hits[0]
    citation = hit.citation
    assert hit.passage_id == f"{citation.document_id}-4-{citation.span[0]}-{citation.span[1]}"
    assert (citation.file, citation.issue, citation.section) == ("简报/共富示例-2024年第1期.pdf", 1, "市县交流")
    assert citation.pages == (3,)
    assert citation.url == f"/api/documents/{citation.document_id}/original#page=3"
    assert citation.line == (
        "《共富示例》2024年第1期（总第101期）【市县交流】桐庐县以“中心厨房+快递配送”破解山村老人吃饭难（桐庐县供稿），2024年1月31日，第3页"
    )
    assert [hit.text[start:end] for start, end in hit.highlights][:2] == ["桐庐县", "中心厨房"]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"kind": "news"}, lambda c: c.kind == "news"),
        ({"section": "部门信息"}, lambda c: c.section == "部门信息"),
        ({"contributor": "安吉县"}, lambda c: "安吉县" in c.contributor),
        ({"since": "2024-06-28", "until": "2024-07-31"}, lambda c: "2024-06-28" <= c.date <= "2024-07-31"),
        ({"folder": "简报/"}, lambda c: c.file.startswith("简报/")),
    ],
)
def test_filters_leave_only_what_meets_them(
    sample_index: SearchIndex, conditions: dict[str, str], expected: Callable[[Citation], bool]
) -> None:
    hits = sample_index.search("老人吃饭", 100, conditions).hits
    with sample_index.catalog.reading() as db:
        assert len(hits) == matching(db, conditions).sum() > 0
    assert all(expected(hit.citation) for hit in hits)


def test_what_names_a_region_and_what_is_elsewhere_are_all_that_there_is(sample_index: SearchIndex) -> None:
    vector = sample_index.query("老人吃饭").encoded().vector
    places = frozenset({"浙江省杭州市", "浙江省丽水市"})

    def found(within: Within) -> set[int]:
        return set(sample_index.in_one_state(lambda state: state.near(vector, 1000, within))[0].tolist())

    here, elsewhere, news = (
        found(Within(naming=places)),
        found(Within.meeting({}, places)),
        found(Within.meeting({"kind": "news"})),
    )
    assert here and elsewhere and not here & elsewhere and here | elsewhere == found(ANYWHERE)
    assert found(Within((("kind", "news"),), naming=places)) == news & here != news
    assert found(Within.meeting({"kind": "news"}, places)) == news - here != news


def test_a_filter_that_nothing_meets(sample_index: SearchIndex) -> None:
    results = sample_index.search("老人吃饭", 10, {"section": "没有这个栏目"})
    assert (results.hits, results.facets.counts["kind"]) == ([], {})


@pytest.mark.parametrize("query", ["茶", "！！！", 'AND OR ("', "🙂", "\0", "a" * 1000, "老" * 1000])
def test_any_query_is_answered(sample_index: SearchIndex, query: str) -> None:
    assert len(sample_index.search(query, 5).hits) == 5


def test_traditional_and_full_width_queries(sample_index: SearchIndex) -> None:
    plain = sample_index.keyword("缙云县来料加工共富工坊126家", 5)[0].tolist()
    assert sample_index.keyword("縉雲縣來料加工共富工坊１２６家", 5)[0].tolist() == plain


def test_keyword_view() -> None:
    view = KeywordView()
    view.update([], [(7, "余姚市打造稻漁綜合種養"), (9, "茶产业 AI 2.3万人次")])
    assert [view.search(Query(query), 5)[0].tolist() for query in ("稻渔综合", "茶", "ai", "2.3", "教育")] == [
        [7],
        [9],
        [9],
        [9],
        [],
    ]
    assert view.search(Query("茶产业稻渔"), 5, only(9))[0].tolist() == [9]
    view.update([7], [(11, "稻渔共生")])
    assert view.search(Query("稻渔"), 5)[0].tolist() == [11]


def test_a_wide_filter_finds_all_that_it_leaves() -> None:
    view = KeywordView()
    view.update([], [(number, f"茶产业第{number}村") for number in range(7_000)])
    allowed = np.zeros(9_000, bool)
    allowed[6_000:] = True  # more of them than a query takes in, most of them not there
    allowed[:4_500] = True
    numbers, _ = view.search(Query("茶产业"), 3_000, allowed)
    assert len(numbers) == 3_000
    assert allowed[numbers].all()
    assert len(view.search(Query("茶产业"), 7_000, allowed)[0]) == 5_500
    assert len(KeywordView().search(Query("茶产业"), 10, allowed)[0]) == 0


def only(*numbers: int) -> Mask:
    mask = np.zeros(max(numbers) + 1, bool)
    mask[list(numbers)] = True
    return mask


def test_vector_view_is_exact_and_filtered() -> None:
    rows = [(number, row.tobytes()) for number, row in zip([3, 5, 7, 9], np.eye(4, dtype=np.float32), strict=True)]
    view = VectorView().changed([], rows)
    query = np.array([0.9, 0.4, 0.1, 0.0], np.float32)
    numbers, cosines = view.search(query, 3)
    assert numbers.tolist() == [3, 5, 7]
    assert np.allclose(cosines, [0.9, 0.4, 0.1], atol=1e-3)
    assert view.search(query, 3, only(7, 9))[0].tolist() == [7, 9]
    later = view.changed([3], [(11, rows[0][1]), (12, np.zeros(4, np.float32).tobytes())])
    assert later.search(query, 1)[0].tolist() == [11]
    found = later.vectors(np.array([9, 5, 12, 3])) @ query
    assert np.allclose(found, [0.0, 0.4, np.nan, np.nan], equal_nan=True, atol=1e-3)
    assert view.search(query, 1)[0].tolist() == [3], "a view never changes"


def test_words_count_less_where_many_passages_hold_them_all() -> None:
    bm25 = np.array([2.0] + [8.0] * 30, np.float32)
    assert fuse(QUERY, candidates([0.9] + [0.8] * 30, bm25)).argmax() == 0  # thirty look-alikes: the meaning decides
    bm25[2:] = 0
    assert fuse(QUERY, candidates([0.9] + [0.8] * 30, bm25)).argmax() == 1  # only one: the words do


def test_fusion_adds_spreads_and_shares_of_rarity() -> None:
    fused = fuse(QUERY, candidates([0.9, 0.8], np.array([0.0, 5.0], np.float32)))
    assert np.allclose(fused, [2.0, KEYWORD_WEIGHT / 2], atol=1e-4)
    no_words = Candidates(np.ones((1, 1), np.float32), np.ones((2, 1), np.float32), np.zeros(1, np.float32), 0.0)
    assert np.allclose(fuse(np.ones(1, np.float32), no_words), [0.0])


def test_words_count_less_for_a_question_in_other_words() -> None:
    here, elsewhere = (candidates([0.9, 0.8], np.array([0.0, bm25], np.float32)) for bm25 in (4.5, 0.9))
    words, fewer = (fuse(QUERY, one)[1] - fuse(QUERY, candidates([0.9, 0.8], np.zeros(2)))[1] for one in (here, elsewhere))
    assert np.isclose(words, KEYWORD_WEIGHT * 0.45, atol=1e-4) and np.isclose(fewer, KEYWORD_WEIGHT * 0.09 / 5, atol=1e-4)


def test_fusion_adds_what_a_closer_look_has_found() -> None:
    evidence = candidates([0.9, 0.8], np.array([4.0, 4.0], np.float32))
    none = np.zeros(2, np.float32)
    look = Features(np.array([0.0, 0.5], np.float32), np.array([0.0, 1.0], np.float32), none)
    assert fuse(QUERY, evidence, look).argmax() == 1
    here = fuse(QUERY, evidence, Features(none, none, np.array([1.0, 2.0], np.float32))) - fuse(
        QUERY, evidence, Features(none, none, none)
    )
    assert np.allclose(here, [FIT_WEIGHT, 2 * FIT_WEIGHT])
    assert fuse(QUERY, evidence).argmax() == 0


QUERY = np.array([1.0, 0.0], np.float32)


def candidates(cosines: list[float], bm25: np.ndarray) -> Candidates:
    """Candidates of these cosines with `QUERY`, in a collection of the mean 0.8 and the deviation 0.05."""
    unit = np.array([[cosine, np.sqrt(1 - cosine**2)] for cosine in (*cosines, 0.75, 0.85)], np.float32)
    return Candidates(unit[:-2], unit[-2:], bm25, 10.0)


def test_a_passage_without_a_vector_ranks_by_its_words() -> None:
    evidence = candidates([0.9, 0.8], np.array([0.0, 5.0], np.float32))
    evidence.vectors[1] = np.nan
    assert np.allclose(fuse(QUERY, evidence), [2.0, KEYWORD_WEIGHT / 2], atol=1e-4)
    nothing = Candidates(np.zeros((2, 0), np.float32), np.zeros((0, 0), np.float32), np.array([1.0, 0.0], np.float32), 10.0)
    assert fuse(QUERY, nothing).argmax() == 0


def test_places_and_years_of_a_question_are_a_boost(sample_index: SearchIndex) -> None:
    with sample_index.catalog.reading() as db:
        numbers = sample_index.dense("老人吃饭", 100)[0].tolist()
        known = when_and_where(db, numbers)
        fits = dict(zip(numbers, places_and_years(db, Query("2024年桐庐的老人怎么吃饭"), numbers), strict=True))
        assert set(places_and_years(db, Query("老人怎么吃饭"), numbers)) == {0.0}
    assert {fits[n] for n in numbers if "浙江省杭州市桐庐县" in known[n][1] and known[n][0][:4] == "2024"} == {2.0}
    assert {fits[n] for n in numbers if known[n][1] == {"浙江省温州市文成县"} and known[n][0][:4] != "2024"} <= {0.0}


def test_no_item_crowds_out_the_others(tmp_path: Path, tiny_encoder: Encoder) -> None:
    (tmp_path / "texts").mkdir()
    long = "".join(f"第{part}批丝瓜架下的茶馆开张，丝瓜架下的茶馆有{part}张桌子。" * 9 + "\n" for part in range(9))
    (tmp_path / "texts" / "long.txt").write_text(f"丝瓜架下的茶馆\n\n{long}", encoding="utf-8")
    (tmp_path / "texts" / "short.txt").write_text("丝瓜架\n\n丝瓜架下另有一家书店。", encoding="utf-8")
    sync(tmp_path / "texts", Catalog(tmp_path / "data"), tiny_encoder)
    hits = SearchIndex(Catalog(tmp_path / "data"), tiny_encoder).search("丝瓜架下的茶馆", 20).hits
    files = [hit.citation.file for hit in hits]
    assert files[:4] == ["long.txt"] * 3 + ["short.txt"]
    assert len(files) == len({hit.passage_id for hit in hits}) > 4


def test_a_cross_encoder_has_the_last_word(sample_index: SearchIndex, tmp_path: Path) -> None:
    reranker = Reranker(tiny_cross_encoder(tmp_path))
    index = SearchIndex(sample_index.catalog, sample_index.encoder, reranker=reranker)
    hits = index.search("老人吃饭", 10).hits
    scores = reranker.scores("老人吃饭", [hit.text for hit in hits])
    assert len(scores) == 10
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert {hit.item_id for hit in hits} != {hit.item_id for hit in sample_index.search("老人吃饭", 10).hits}
    with pytest.raises(ModelUnavailable, match="JIANBAO_RERANKER"):
        Reranker(str(tmp_path / "nothing")).scores("a", ["b"])


def test_where_words_do_not_decide_the_first_hits_are_read(sample_index: SearchIndex, bundled_encoder: Encoder) -> None:
    index = SearchIndex(sample_index.catalog, bundled_encoder, reader=Reader(CACHE))
    everyday, own = "爷爷奶奶在家吃不上热饭", "遂昌县“长者食堂”"
    before, after = (one.hybrid(everyday, 20) for one in (sample_index, index))
    assert set(before[0][:4]) == set(after[0][:4]) and before[0][4:].tolist() == after[0][4:].tolist()
    assert before[0].tolist() != after[0].tolist() and before[1].tolist() == after[1].tolist()  # other order, same scores
    assert sample_index.hybrid(own, 20)[0].tolist() == index.hybrid(own, 20)[0].tolist()
    unread = SearchIndex(sample_index.catalog, bundled_encoder, reader=Reader(CACHE), reads=0)
    assert unread.hybrid(everyday, 20)[0].tolist() == before[0].tolist()


def tiny_cross_encoder(folder: Path) -> str:
    """A real cross-encoder with random weights."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"老人吃饭食堂县镇村的一二三四五"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(vocabulary), num_labels=1, initializer_range=2.0, **shape)
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)
