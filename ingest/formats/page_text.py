"""Turn the lines of pages, from a text layer or from text recognition, into paragraphs in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from ingest.extracted import Extracted, Look
from ingest.formats.clean import NOTE_MARK, SENTENCE_END, PrintedLine, join_printed, width
from ingest.formats.looks import Print
from ingest.formats.reading_order import COLUMN_POINTS, PageLine

_PAGE_NUMBER = re.compile(r"^[-—–·\s]*(第\s*)?\d{1,4}(\s*[/／]\s*\d{1,4})?(\s*页)?(\s*共\s*\d+\s*页)?[-—–·\s]*$")
_COUNT, _FIGURE = re.compile(r"(?<!\d)\d{1,4}(?!\d)"), re.compile(r"\d")
_LONGEST_NUMBER, _EDGE = 4, 3  # digits of a page's number; lines at a page's top and end where heads and feet stand
_INDENT_POINTS = 12.0  # two characters of small print are 18 points; ragged left edges stay below 6
_COLUMN_SHARE = 0.15  # least share of a page's lines that begin at the left margin of a column
_SAME_EDGE = 2.0  # points
_CENTRED = 2.5  # characters of space on both sides; an indented line has two on one side
_REPEATED = 0.6  # share of pages
_LONGEST_WATERMARK, _WATERMARKS = 20, 3  # characters, and times on one page
_SMALLER = 0.93  # of the usual size; footnotes are smaller
_REACHING = 0.9  # quantile of the right edges of lines
_DOUBLED = re.compile(r"^(?:(.)\1){3,}$")  # 标标题题: bold made by printing twice


Mark = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in reading order; `confidence` (0 to 1) where they were recognised in a picture."""

    lines: tuple[PageLine, ...]
    confidence: float | None = None


def assemble(pages: Sequence[Page], full: float = 0.0) -> Extracted:
    """Join the lines of pages into paragraphs, without running heads and page numbers.

    `full` is the width of a full line in full-width characters, 0 where it is not known.
    """
    running, watermarks, numbers = _running_lines(pages), _watermarks(pages), _page_numbers(pages)
    usual = _usual_size(pages)
    printed: list[PrintedLine] = []
    columns = _Columns(pages)
    doubled = 0
    for number, page in enumerate(pages, 1):
        body = _without_numbers(_without_running(page, number, running, watermarks), number, numbers)
        body = _with_notes(_without_watermarks(body), usual)
        margins = _margins(body)
        for above, line in zip((None, *body), body, strict=False):
            twice = bool(_DOUBLED.match(line.text))
            doubled += twice
            text = line.text[::2] if twice else line.text
            indented = _is_indented(line.left, margins) and not (above and _continues(above, line))
            short = columns.is_short(line)
            printed.append(PrintedLine(text, number, indented, line.row, columns.print_of(line), short, line.note))
    widths = sorted(width(line.text) + (2 if line.indented else 0) for line in printed if not line.row)
    full = full or (widths[int(len(widths) * 0.9)] if widths else 0.0)
    recognised = tuple((n, round(page.confidence, 3)) for n, page in enumerate(pages, 1) if page.confidence is not None)
    warnings = (f"有 {doubled} 行文字是重影（每个字印了两遍），已还原",) if doubled else ()
    return Extracted(tuple(join_printed(printed, full)), recognised=recognised, warnings=warnings)


def _usual_size(pages: Sequence[Page]) -> float:
    """Return the size in which most characters are printed, 0 where none is told."""
    sizes: Counter[float] = Counter()
    for text, face in (piece for page in pages for line in page.lines for piece in line.faces):
        sizes[face.size] += len(text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _without_watermarks(lines: Sequence[PageLine]) -> list[PageLine]:
    """Return the lines without short ones that stand several times on one page, printed otherwise than its text."""
    times = Counter(text for text in _odd(lines) if 2 < len(text) <= _LONGEST_WATERMARK)
    return [line for line in lines if times[line.text] < _WATERMARKS]


def _odd(lines: Sequence[PageLine]) -> list[str]:
    """Return the lines of a page that are printed in another size or colour than most of its text."""
    looks: Counter[tuple[float, str]] = Counter()
    for text, face in (piece for line in lines for piece in line.faces):
        looks[face.size, face.colour] += len(text)
    usual = looks.most_common(1)[0][0] if looks else None
    return [line.text for line in lines if line.faces and all((face.size, face.colour) != usual for _, face in line.faces)]


def _with_notes(lines: Sequence[PageLine], usual: float) -> list[PageLine]:
    """Return the lines of a page, those at its end marked that are footnotes: smaller ones from the first with a mark on."""
    begin = len(lines)
    for row in range(len(lines) - 1, -1, -1):
        size = max((face.size for _, face in lines[row].faces), default=usual)
        if not usual or size > usual * _SMALLER or lines[row].row:
            break
        begin = row if NOTE_MARK.match(lines[row].text) else begin
    return [*lines[:begin], *(replace(line, note=True) for line in lines[begin:])] if begin else list(lines)


def _margins(lines: Sequence[PageLine]) -> list[int]:
    """Return the left margin of each column, from left to right."""
    edges = Counter(round(line.left) for line in lines)
    margins: list[int] = []
    for edge in sorted(edges):
        if edges[edge] >= len(lines) * _COLUMN_SHARE and (not margins or edge - margins[-1] >= COLUMN_POINTS):
            margins.append(edge)
    return margins


def _continues(above: PageLine, line: PageLine) -> bool:
    """Tell whether a line goes on in mid-sentence at the same left edge, as in a note set in a narrower column."""
    text = above.text
    return abs(above.left - line.left) < _SAME_EDGE and "，" in text and not text.endswith(tuple(SENTENCE_END))


def _is_indented(x: float, margins: list[int]) -> bool:
    left = max((margin for margin in margins if margin <= x + _INDENT_POINTS), default=x)
    return x - left > _INDENT_POINTS


class _Columns:
    """The columns of a document: their left and right margins, in points."""

    def __init__(self, pages: Sequence[Page]) -> None:
        lines = [line for page in pages for line in page.lines]
        lefts = _margins(lines)
        self._margins = [
            (left, _right_margin(lines, left, beyond)) for left, beyond in zip(lefts, [*lefts[1:], inf], strict=False)
        ]

    def is_short(self, line: PageLine) -> bool:
        """Tell whether a line ends more than two characters before the right margin of its column."""
        within = [margins for margins in self._margins if margins[0] <= line.left + _INDENT_POINTS]
        size = max((face.size for _, face in line.faces), default=0.0)
        return bool(within and line.right and size) and within[-1][1] - line.right > 2 * size

    def print_of(self, line: PageLine) -> Print:
        """Return how a line is printed: centred if it stands as far from both edges of its column."""
        within = [margins for margins in self._margins if margins[0] <= line.left + _INDENT_POINTS]
        if not within or not line.right or line.row:
            return Print(line.faces)
        size = max((face.size for _, face in line.faces), default=0.0) or _INDENT_POINTS
        before, after = line.left - within[-1][0], within[-1][1] - line.right
        centred = min(before, after) > _CENTRED * size and abs(before - after) < _CENTRED * size
        to_right = not centred and after < size and before > (within[-1][1] - within[-1][0]) / 3
        indent = 0.0 if centred or to_right else max(0.0, round(before / size, 1))
        return Print(line.faces, Look(centred=centred, right=to_right, indent=indent))


def _right_margin(lines: Sequence[PageLine], left: float, beyond: float) -> float:
    rights = sorted(line.right for line in lines if left - _INDENT_POINTS <= line.left < beyond and line.right <= beyond)
    return rights[int(len(rights) * _REACHING)] if rights else 0.0


def _marks(line: PageLine, page: int) -> set[Mark]:
    """Return what a line shares with the same line of other pages: its text, and that but for a number that counts the pages.

    Its size belongs to it: the masthead is no running head of the same words.
    """
    size = max((face.size for _, face in line.faces), default=0.0)
    counting = {f"{line.text[: n.start()]}#{int(n[0]) - page}#{line.text[n.end() :]}" for n in _COUNT.finditer(line.text)}
    return {(text, size) for text in {line.text, *counting}}


def _running_lines(pages: Sequence[Page]) -> set[Mark]:
    """Return the marks of heads and feet that repeat on most pages, or on most left or right ones."""
    edges = [
        {mark for line in page.lines[:2] + page.lines[-2:] if not line.text.endswith("。") for mark in _marks(line, number)}
        for number, page in enumerate(pages, 1)
    ]
    repeated: set[Mark] = set()
    for some in (edges, edges[::2], edges[1::2]):
        counts = Counter(mark for edge in some for mark in edge)
        repeated |= {mark for mark, times in counts.items() if times >= max(3, len(some) * _REPEATED)}
    outermost = Counter(
        mark
        for number, page in enumerate(pages[1:], 2)
        for line in {*page.lines[:1], *page.lines[-1:]}
        if not line.text.endswith("。")
        for mark in _marks(line, number)
    )
    return repeated | {mark for mark, times in outermost.items() if times >= max(2, len(pages) * _REPEATED)}


def _watermarks(pages: Sequence[Page]) -> set[str]:
    """Return the lines in an odd print that stand on most pages, wherever."""
    alike = Counter(text for page in pages for text in {odd for odd in _odd(page.lines) if len(odd) > 2})
    return {text for text, times in alike.items() if times >= max(3, len(pages) * _REPEATED)}


def _without_running(page: Page, number: int, running: set[Mark], watermarks: set[str]) -> list[PageLine]:
    """Return the lines of a page without heads, feet and watermarks.

    What says a number (an issue, a date, a standard) or is the heading row of a table stays where it stands first: at the
    beginning of the document.
    """
    kept, last = [], len(page.lines) - _EDGE
    for row, line in enumerate(page.lines):
        if line.text in watermarks:
            continue
        same = set[Mark]() if _EDGE <= row < last else _marks(line, number) & running
        is_same = {text for text, _ in same} == {line.text}  # and counts no pages
        if not same or (is_same and number == 1 and row < _EDGE and (line.row or _FIGURE.search(line.text))):
            kept.append(line)
    return kept


def _page_numbers(pages: Sequence[Page]) -> set[int]:
    """Return by how much the numbers that stand alone at the top or the end of pages are more than the pages' own."""
    found = Counter(
        int(line.text) - number
        for number, page in enumerate(pages, 1)
        for line in {*page.lines[:1], *page.lines[-1:]}
        if line.text.isdecimal() and len(line.text) <= _LONGEST_NUMBER
    )
    return {0} | {more for more, times in found.items() if times > 1}


def _without_numbers(lines: Sequence[PageLine], page: int, more: set[int]) -> list[PageLine]:
    """Return the lines of a page without its number at the top and the end; a number alone that counts no pages is text."""
    body = list(lines)

    def is_number(line: PageLine) -> bool:
        counts = not line.text.isdecimal() or int(line.text) - page in more
        return bool(_PAGE_NUMBER.match(line.text)) and counts and not line.row

    while body and is_number(body[-1]):
        body.pop()
    while body and is_number(body[0]):
        body.pop(0)
    return body
