"""Cases in the order of a figure, against orders that a person made by reading the sample documents."""

from __future__ import annotations

import figure_orders

from index.search.figures import figures_labelled
from index.search.index import SearchIndex
from index.store.documents import items_at
from index.text.words import fold


def test_the_order_is_that_of_a_person(sample_index: SearchIndex) -> None:
    wrong = [(figure, errors) for figure, errors in figure_orders.wrongs(sample_index) if errors]
    assert len(wrong) <= 26, wrong  # of 60


def test_what_stands_before_a_figure_ends_where_it_begins(sample_index: SearchIndex) -> None:
    with sample_index.catalog.reading() as db:
        stated = figures_labelled(db, sample_index.labels.containing(db, {"就业", "收入"}), {})
        texts = {item_id: document.text for item_id, document, _ in items_at(db, [one.item_id for one in stated])}
    assert any(one.start > 200 for one in stated)
    for one in stated:
        before = texts[one.item_id][one.start - 1]
        assert before in "。！？\n" or one.context.endswith(fold(before))
