"""The hand-labelled set: 34 documents in as many layouts, read as they were labelled."""

from __future__ import annotations

import pytest
from reading import LABELLED, Score, measure


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Score], int]:
    return measure()


def test_the_set_is_there() -> None:
    assert len(list(LABELLED.glob("*.txt"))) == len(list(LABELLED.glob("*.json"))) == 34


def test_no_passage_mixes_two_items(measured: tuple[dict[str, Score], int]) -> None:
    assert measured[1] == 0


@pytest.mark.parametrize(
    "name", ["items", "titles", "sections", "credits", "issue numbers", "date", "series", "kind", "measures"]
)
def test_structure(measured: tuple[dict[str, Score], int], name: str) -> None:
    score = measured[0][name]
    assert score.f1 >= 0.98, score.errors


@pytest.mark.parametrize("name", ["regions", "figures", "dates"])
def test_facts(measured: tuple[dict[str, Score], int], name: str) -> None:
    score = measured[0][name]
    assert score.precision >= 0.95 and score.recall >= 0.9, score.errors
