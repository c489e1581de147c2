"""Cases in the order of a figure, against orders that a person made by reading the sample documents."""

from __future__ import annotations

import figure_orders

from index.search.index import SearchIndex


def test_the_order_is_that_of_a_person(sample_index: SearchIndex) -> None:
    wrong = {figure: errors for figure, errors in figure_orders.wrongs(sample_index).items() if errors}
    assert len(wrong) <= 14, wrong  # of 38
