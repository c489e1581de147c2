"""Reading takes as long as a text is long, whatever stands in it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from ingest.errors import Unreadable
from ingest.read import read_document, read_record, structure

SMALL, LARGE = 12_500, 50_000  # characters; the larger is the longest draft
# Four times the text take at most so many times the time: 4 if time grows as the text, 16 if it grows as its square.
MOST = 6
FLOOR = 0.15  # seconds, below which a processor is quicker or slower by chance
TEXTS = (
    "1.甲", "1.甲\n", "一、甲\n", "（一）甲\n", "1", "○", "2024年1月", "百分之", "1万", "《", "〔2024〕1号", "第1期\n",
    "【甲】\n", "（甲供稿）\n", "云溪县", "缙云县、", "报送：甲、", "甲……1\n", "甲 | 甲\n", "甲 ", "“甲", "由1增至2",
    "来源：甲\n", "附件：1.甲\n", "a1", "带动就业5人，", "云溪县就业5人", "从1人增至2人", "1人、", "全县到2030年",
)  # fmt: skip
PAGES = ("<", "<h1>", "<h1 ", "<b>甲", "<table><tr><td>", "<tr><td>甲", "<!--", "<p>甲", "&", "<a href=x>甲</a>")


def seconds(read: Callable[[], object]) -> float:
    gc.collect()
    gc.freeze()  # else looking through what other tests have left counts, more often for the longer text
    began = time.process_time()
    with suppress(Unreadable):
        read()
    took = time.process_time() - began
    gc.unfreeze()
    return took


def is_linear(small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Whether four times the text takes less than MOST times the time, once in three tries: others use the processor, too."""
    return any(seconds(large) < MOST * max(seconds(small), FLOOR) for _ in range(3))


def repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


@pytest.mark.slow
@pytest.mark.parametrize("unit", TEXTS)
def test_the_grammars_are_linear(unit: str) -> None:
    structure(read_record({"text": "云溪县食堂情况\n云溪县办起食堂。"}), "a.txt")  # what is loaded once
    texts = [read_record({"text": repeated(unit, length)}) for length in (SMALL, LARGE)]
    assert is_linear(*(partial(structure, text, "草稿.txt") for text in texts))


@pytest.mark.slow
@pytest.mark.parametrize("unit", PAGES)
@pytest.mark.parametrize("around", ["{}", "<h1>{}</h1>"])
def test_pages_are_read_in_linear_time(tmp_path: Path, unit: str, around: str) -> None:
    reads = []
    for length in (100, SMALL, LARGE):
        page = f"<html><body>{around.format(repeated(unit, length))}<p>云溪县办起共享食堂，老人吃饭不再难。</p></body></html>"
        (tmp_path / f"{length}.html").write_text(page, encoding="utf-8")
        reads.append(partial(read_document, tmp_path / f"{length}.html", "a.html"))
    seconds(reads[0])  # what is loaded once
    assert is_linear(*reads[1:])
