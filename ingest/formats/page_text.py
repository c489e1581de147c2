"""Turn the lines of pages, from a text layer or from text recognition, into paragraphs in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.extracted import Extracted
from ingest.formats.clean import PrintedLine, join_printed, width
from ingest.formats.reading_order import COLUMN_POINTS, PageLine

_PAGE_NUMBER = re.compile(r"^[-—–·\s]*(第\s*)?\d{1,4}(\s*[/／]\s*\d{1,4})?(\s*页)?(\s*共\s*\d+\s*页)?[-—–·\s]*$")
_INDENT_POINTS = 12.0  # two characters of small print are 18 points; ragged left edges stay below 6
_COLUMN_SHARE = 0.15  # least share of a page's lines that begin at the left margin of a column
_DOUBLED = re.compile(r"^(?:(.)\1){3,}$")  # 标标题题: bold made by printing twice


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in reading order; `confidence` (0 to 1) where they were recognised in a picture."""

    lines: tuple[PageLine, ...]
    confidence: float | None = None


def assemble(pages: Sequence[Page]) -> Extracted:
    """Join the lines of pages into paragraphs, without running heads and page numbers."""
    repeated = _running_lines(pages)
    printed: list[PrintedLine] = []
    doubled = 0
    for number, page in enumerate(pages, 1):
        body = [line for line in page.lines if _masked(line.text) not in repeated]
        while body and _PAGE_NUMBER.match(body[-1].text):
            body.pop()
        while body and _PAGE_NUMBER.match(body[0].text):
            body.pop(0)
        margins = _margins(body)
        for line in body:
            twice = bool(_DOUBLED.match(line.text))
            doubled += twice
            text = line.text[::2] if twice else line.text
            printed.append(PrintedLine(text, number, _is_indented(line.left, margins), line.row))
    widths = sorted(width(line.text) + (2 if line.indented else 0) for line in printed if not line.row)
    full = widths[int(len(widths) * 0.9)] if widths else 0.0
    recognised = tuple((n, round(page.confidence, 3)) for n, page in enumerate(pages, 1) if page.confidence is not None)
    warnings = (f"有 {doubled} 行文字是重影（每个字印了两遍），已还原",) if doubled else ()
    return Extracted(tuple(join_printed(printed, full)), recognised=recognised, warnings=warnings)


def _margins(lines: Sequence[PageLine]) -> list[int]:
    """Return the left margin of each column, from left to right."""
    edges = Counter(round(line.left) for line in lines)
    margins: list[int] = []
    for edge in sorted(edges):
        if edges[edge] >= len(lines) * _COLUMN_SHARE and (not margins or edge - margins[-1] >= COLUMN_POINTS):
            margins.append(edge)
    return margins


def _is_indented(x: float, margins: list[int]) -> bool:
    left = max((margin for margin in margins if margin <= x + _INDENT_POINTS), default=x)
    return x - left > _INDENT_POINTS


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _running_lines(pages: Sequence[Page]) -> set[str]:
    """Return the heads and feet that repeat on most pages, with their digits masked."""
    if len(pages) < 3:
        return set()
    edges = (page.lines[:1] + page.lines[-2:] for page in pages)
    counts = Counter(mark for edge in edges for mark in {_masked(line.text) for line in edge if not line.text.endswith("。")})
    return {mark for mark, times in counts.items() if times >= max(3, len(pages) * 0.6)}
