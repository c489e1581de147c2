"""What a format reader gets out of a file, before anyone knows whether it is a bulletin or an article."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Form = Literal["", "row", "heading"]  # "" is running text; a row is one of a table, its cells parted by " | "


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of cleaned text, and the offsets in it at which a following page begins."""

    text: str
    page: int = 0  # the page on which it begins, from 1; 0 where the format has no pages
    turns: tuple[int, ...] = ()
    form: Form = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The paragraphs of a file in reading order, and what its format says about it."""

    paragraphs: tuple[Paragraph, ...]
    title: str = ""
    date: str = ""
    source: str = ""
    reporter: str = ""
    url: str = ""  # where it was published
    recognised: tuple[tuple[int, float], ...] = ()  # pages read by text recognition, with its confidence (0 to 1)
    warnings: tuple[str, ...] = ()
    group: str = ""  # whom it is for, where it says so: 内部


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph at its place in the document's text."""

    text: str
    start: int
    form: Form = ""

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
        lines.append(Line(paragraph.text, position, paragraph.form))
        position += len(paragraph.text) + 1
    return "\n".join(line.text for line in lines), lines, tuple(page_starts)
