"""The vocabulary of Jianbao: a Document holds Items, an Item holds Passages, a Citation points at a Passage.

Offsets are characters of `Document.text`, end exclusive. Pages count from 1.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["bulletin", "news", "other"]
Role = Literal["body", "caption", "table"]

LONGEST_GROUP = 30  # characters of the name of an access group


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one item, small enough to quote."""

    start: int
    end: int
    role: Role = "body"
    context: str = ""  # the line that is embedded and matched before the text: where it stands, what it is about


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county that an item names, as 浙江省杭州市临安区, at the span that shows it."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Date:
    """A point or stretch of time: ISO 8601 of a day, month or year, or two of them as "start/end"."""

    iso: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in base units (354万人 is 3540000 人) and the words before it that say what it measures."""

    value: float
    unit: str
    about: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One of several measures (一是…, 二是…): its head, and the span of the whole."""

    head: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """One self-contained piece of a document: a ▲ item of a bulletin, or a whole article."""

    title: str
    start: int
    end: int
    section: str = ""
    contributors: tuple[str, ...] = ()
    subheads: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    dates: tuple[Date, ...] = ()
    figures: tuple[Figure, ...] = ()
    measures: tuple[Measure, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One original file as read."""

    file: str  # path below the synced folder, "/" between its parts
    kind: Kind
    title: str
    text: str
    page_starts: tuple[int, ...] = ()  # offset at which each page begins; empty where the format has no pages
    series: str = ""
    year: int | None = None
    issue: int | None = None
    total_issue: int | None = None
    issuer: str = ""
    date: str = ""  # ISO 8601, "" when the document does not say
    number: str = ""  # of a notice: 浙农发〔2024〕15号
    source: str = ""
    reporter: str = ""
    url: str = ""  # where it was published
    group: str = ""  # whom it is for, where it says so: 内部
    masthead: tuple[str, ...] = ()  # the lines above the 目录 and the items, as they stand
    contents: tuple[str, ...] = ()  # the lines of the issue's own 目录
    distribution: tuple[str, ...] = ()  # 送, 发 and 印发 lines
    recognised: tuple[tuple[int, float], ...] = ()  # pages read by text recognition, each with its confidence (0 to 1)
    items: tuple[Item, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identify the document by its place in the folder: the same after a rebuild, on any machine."""
        return hashlib.sha256(self.file.encode()).hexdigest()[:12]

    def pages(self, start: int, end: int) -> tuple[int, ...]:
        """Return the first and the last page of a span, or one page, or none."""
        if not self.page_starts:
            return ()
        first = bisect_right(self.page_starts, start)
        last = bisect_right(self.page_starts, max(start, end - 1))
        return (first,) if first == last else (first, last)

    def confidence(self, start: int, end: int) -> float | None:
        """Return the lowest confidence of text recognition on the pages of a span, None where all of it was printed text."""
        pages = self.pages(start, end)
        return min((sure for page, sure in self.recognised if pages and pages[0] <= page <= pages[-1]), default=None)


@dataclass(frozen=True, slots=True)
class Citation:
    """Everything needed to print a footnote and to open the original at the spot."""

    document_id: str
    file: str
    kind: Kind
    title: str
    series: str
    year: int | None
    issue: int | None
    total_issue: int | None
    date: str
    section: str
    item: str
    contributor: str
    regions: tuple[str, ...]
    pages: tuple[int, ...]
    span: tuple[int, int]
    source: str
    reporter: str
    line: str
    url: str
    also: tuple[str, ...] = ()  # other places of the same words: the lines of reprints, the files that are copies
    confidence: float | None = None  # of text recognition, where the passage was read from a picture


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, and why, in words for the person who put it there."""

    file: str
    reason: str
    again: bool = False  # it may be read another time, though it is the same
