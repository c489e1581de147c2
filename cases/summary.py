"""Summarise a case in its own words: two or three of its sentences, each with its citation line."""

from __future__ import annotations

import re
from typing import Any

from index.text.sentences import SENTENCE, STOPS
from ingest.citation import cite
from ingest.document import Document, Item

_STOP = re.compile(r"[，。；：！？\n]")
MOST_QUOTES = 3  # makes a paragraph that is read in one go
_SHORTEST, _LONGEST = 15, 200  # characters: shorter ones are heads of measures, longer ones lists of them
# An unbalanced pair shows that a sentence is only half of something.
_PAIRS = (("“", "”"), ("‘", "’"), ("「", "」"), ("『", "』"), ("《", "》"), ("（", "）"))
_SAID = re.compile(r"^\s*[“‘「]|告诉记者|记得|回忆|坦言|说[，。：]|[？！]”?$")
_DONE = re.compile(
    "建[成立设]|设立|成立|组建|推[行出广进]|实施|开展|开设|开办|启动|出台|印发|制定|打造|探索|创新|整合|引进|配备|安排|发布|召开"
)


def quotes_of(document: Document, item: Item) -> list[dict[str, Any]]:
    """Return the sentences that sum up an item, verbatim and in their order: text, span and citation line.

    They are the first sentence that says what was done (by a word of `_DONE`) and those with the most figures, of equals the
    earlier; without any of these the first sentence. Titles, captions, rows of tables and what somebody said are left out.
    """
    sentences = _sentences(document, item)
    figures = {span: sum(span[0] <= figure.start < span[1] for figure in item.figures) for span in sentences}
    chosen = [span for span in sentences if _DONE.search(document.text, *span)][:1]
    most = sorted((span for span in sentences if figures[span] and span not in chosen), key=lambda span: -figures[span])
    chosen = [*chosen, *most][:MOST_QUOTES] or sentences[:1]
    return [
        {"text": document.text[start:end], "span": (start, end), "line": cite(document, item, start, end).line}
        for start, end in sorted(chosen)
    ]


def clauses_of(document: Document, item: Item) -> list[dict[str, Any]]:
    """Return the clauses that contain an item's figures, verbatim: text and span. 从46%提高到81% is not cut to 提高81%."""
    stops = [stop.span() for stop in _STOP.finditer(document.text, item.start, item.end)]
    stops = [(item.start, item.start), *stops, (item.end, item.end)]
    spans = []
    for figure in item.figures:
        start = max(after for _, after in stops if after <= figure.start)
        spans.append((start, min(before for before, _ in stops if before >= figure.end)))
    return [{"text": document.text[start:end].strip(), "span": (start, end)} for start, end in dict.fromkeys(spans)]


def _sentences(document: Document, item: Item) -> list[tuple[int, int]]:
    apart = [(passage.start, passage.end) for passage in item.passages if passage.role != "body"]
    found = []
    for match in SENTENCE.finditer(document.text, item.start, item.end):
        text = match[0].lstrip()
        start, end = match.end() - len(text), match.end()
        if (
            _SHORTEST <= len(text) <= _LONGEST
            and text.rstrip(STOPS) != item.title.rstrip(STOPS)
            and not _SAID.search(text)
            and all(text.count(left) == text.count(right) for left, right in _PAIRS)
            and not any(first < end and start < last for first, last in apart)
        ):
            found.append((start, end))
    return found
