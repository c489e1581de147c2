"""A written sentence stands only if all its facts stand in what it cites."""

from __future__ import annotations

import pytest

from answer.grounding import WrittenSentence, check_grounding, written_sentences
from index.search.index import SearchIndex
from index.store.records import StoredPassage


@pytest.fixture(scope="module")
def passages(sample_index: SearchIndex) -> tuple[StoredPassage, ...]:
    """The lead of the item on 缙云's workshops first, then others."""
    found = sample_index.retrieve(sample_index.query("缙云县共富工坊吸纳村民就业"), 3, {"kind": "bulletin"}).passages
    assert "5380人" in found[0].text
    return found


def test_sentences_and_marks() -> None:
    text = "全县建成126家[1]。吸纳就业5380人。[2][3]\n- **一是**订单分级派【1、2】\n未找到依据。"
    assert [written for _, written in written_sentences(text)] == [
        WrittenSentence("全县建成126家。", (1,)),
        WrittenSentence("吸纳就业5380人。", (2, 3)),
        WrittenSentence("一是订单分级派", (1, 2)),
        WrittenSentence("未找到依据。", ()),
    ]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("截至2024年1月底，缙云县建成共富工坊126家，吸纳村民就业5380人。", "good"),
        ("缙云县共富工坊吸纳村民就业0.538万人。", "good"),
        ("缙云县共富工坊吸纳村民就业5830人。", "bad"),
        ("缙云县共富工坊吸纳村民就业538人。", "bad"),
        ("截至2024年6月底，缙云县建成共富工坊126家。", "bad"),
        ("景宁县建成共富工坊126家。", "bad"),
        ("县长王建国介绍，全县建成共富工坊126家。", "bad"),
        ("全县建成“共享食堂”126家。", "bad"),
        ("缙云县共富工坊吸纳就业126人，建成5380家。", "bad"),
        ("缙云县共富工坊占全市九成。", "bad"),
        ("缙云县共富工坊没有吸纳村民就业。", "weak"),
        ("这一做法得到各界一致好评，群众满意度大幅提升。", "bad"),  # shares nothing with its source
        ("共富工坊得到各界一致好评，群众满意度大幅提升。", "weak"),
    ],
)
def test_every_fact_is_compared(passages: tuple[StoredPassage, ...], text: str, verdict: str) -> None:
    assert check_grounding(WrittenSentence(text, (1,)), passages).verdict == verdict


def test_a_number_in_round_brackets_is_no_citation() -> None:
    [(_, written)] = written_sentences("（1）建成共富工坊126家[2]。")
    assert written == WrittenSentence("（1）建成共富工坊126家。", (2,))
    [(_, written)] = written_sentences("他说“热饭好吃。”[1]")
    assert written == WrittenSentence("他说“热饭好吃。”", (1,))


def test_a_passage_that_contributes_nothing_is_not_cited(passages: tuple[StoredPassage, ...]) -> None:
    other = next(n for n, stored in enumerate(passages, 1) if "缙云" not in stored.text + stored.item.title)
    checked = check_grounding(WrittenSentence("全县建成共富工坊126家，吸纳村民就业5380人。", (1, other)), passages)
    assert (checked.verdict, [stored for stored, _ in checked.spans]) == ("good", [passages[0]])


@pytest.mark.parametrize("cited", [(), (0,), (4,), (1, 9)])
def test_without_a_citation_that_exists_it_does_not_stand(passages: tuple[StoredPassage, ...], cited: tuple[int, ...]) -> None:
    assert check_grounding(WrittenSentence("全县建成共富工坊126家。", cited), passages).verdict == "bad"


def test_the_facts_must_be_in_what_is_cited(passages: tuple[StoredPassage, ...]) -> None:
    other = next(n for n, stored in enumerate(passages, 1) if "126家" not in stored.text)
    assert check_grounding(WrittenSentence("全县建成共富工坊126家。", (other,)), passages).verdict == "bad"


def test_the_cited_span_is_as_narrow_as_bears_it_out(passages: tuple[StoredPassage, ...]) -> None:
    [(stored, (start, end))] = check_grounding(
        WrittenSentence("全县建成共富工坊126家，吸纳村民就业5380人。", (1,)), passages
    ).spans
    quoted = stored.document.text[start:end]
    assert "126家" in quoted and "5380人" in quoted
    assert len(quoted) < len(stored.text)
