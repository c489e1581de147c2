"""What a format reader extracts from a file, before it is known whether it is a bulletin or an article."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

CELL = " | "  # stands between the cells of a table row
Form = Literal["", "row", "heading"]  # "" is running text; "row" is a table row, its cells separated by " | "


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph is printed, as far as its format tells; what is usual in the document is the default."""

    size: float = 1.0  # of its characters, as a share of the document's usual size
    bold: bool = False  # all of it, or set in another font than running text
    lead: int = 0  # leading characters, without white space, that are set apart so: a title that runs into its text
    centred: bool = False
    right: bool = False  # set to the right margin
    indent: float = 0.0  # of the first line, in characters
    space: float = 0.0  # above it beyond the usual, in lines
    coloured: bool = False  # otherwise than running text
    level: int = 0  # of a heading by tag, style or outline, 1 the highest; 0 for none
    listed: bool = False  # numbered or marked by the word processor
    ruled: bool = False  # a line is drawn above or below it


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of cleaned text."""

    text: str
    page: int = 0  # the page on which it begins, from 1; 0 where the format has no pages
    turns: tuple[int, ...] = ()  # offsets in `text` at which each further page begins
    form: Form = ""
    look: Look | None = None  # None where the format tells nothing


@dataclass(frozen=True, slots=True)
class Extracted:
    """The paragraphs of a file in reading order, and the metadata that its format states."""

    paragraphs: tuple[Paragraph, ...]
    title: str = ""
    date: str = ""
    source: str = ""
    reporter: str = ""
    url: str = ""  # where it was published
    recognised: tuple[tuple[int, float], ...] = ()  # (page, confidence 0 to 1) of pages read by text recognition
    warnings: tuple[str, ...] = ()
    file_title: str = ""  # what the file says of itself beside its text: used where the text says nothing
    file_date: str = ""  # on which the file was made: told, never taken for the day of the text
    groups: frozenset[str] = frozenset()  # access groups that the file states itself beside its running text


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph and its offset in the document's text."""

    text: str
    start: int
    form: Form = ""
    look: Look | None = None

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.start + len(self.text)


def lay_out(paragraphs: Iterable[Paragraph]) -> tuple[str, list[Line], tuple[int, ...]]:
    """Join paragraphs into the document's text; return it, its lines and the offset of each page's start."""
    lines: list[Line] = []
    page_starts: list[int] = []
    position = 0
    for paragraph in paragraphs:
        while len(page_starts) < paragraph.page:
            page_starts.append(position)
        page_starts.extend(position + turn for turn in paragraph.turns)
        lines.append(Line(paragraph.text, position, paragraph.form, paragraph.look))
        position += len(paragraph.text) + 1
    return "\n".join(line.text for line in lines), lines, tuple(page_starts)
