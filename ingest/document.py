"""The vocabulary of Jianbao: a Document has Items, an Item has Passages, a Citation points at a Passage.

Offsets are characters of `Document.text`, end exclusive. Pages count from 1.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["bulletin", "news", "other"]
Role = Literal["body", "caption", "table"]
FigureKind = Literal["result", "plan", "limit", "before", "input", ""]  # before: the first value of 从46%提高到81%

UNSURE = 0.9  # certainty below which people are asked to look at where a document's items begin
LONGEST_GROUP = 30  # characters of the name of an access group
CLOSED = "（不明）"  # in place of a group that is stated and cannot be read as meant: nobody has it but who may see everything


def id_of(file: str) -> str:
    """Return the id of the document that is read from a file, or from a part of one."""
    return hashlib.sha256(file.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one item, small enough to quote."""

    start: int
    end: int
    role: Role = "body"
    context: str = ""  # line embedded and matched in front of the text: where the passage stands, what it is about


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county that an item names: its full name (浙江省杭州市临安区), and the span that names it.

    The span is empty where a correction, not the text, names it.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Date:
    """A date or period: a day, month or year in ISO 8601, or two of them as "start/end"."""

    iso: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in base units (354万人 is 3540000 人), and in `about` the words before it that say what it measures.

    The rest is what its sentence says of it (ingest.facts.figure_context).
    """

    value: float
    unit: str
    about: str
    start: int
    end: int
    kind: FigureKind = ""
    change: bool = False  # a difference: by so much, not so much (增加500人)
    each: str = ""  # what it is counted per: 户, 人, 亩; "" for a total
    subject: str = ""  # full name of the region that it is of, "" if none is known
    level: int = 3  # of that: 0 the country, 1 a province, 2 a city, 3 a county, 4 what is smaller
    label: str = ""  # the words beside it that say what it measures


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the measures that an item lists (一是…, 二是…): its first clause, and the span of the whole measure."""

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
    regions: tuple[Region, ...] = ()  # that it is about
    mentioned: tuple[Region, ...] = ()  # that it only names in passing
    dates: tuple[Date, ...] = ()
    figures: tuple[Figure, ...] = ()
    measures: tuple[Measure, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line at which an item was read as beginning, or as not beginning, and how likely that is wrong."""

    start: int
    end: int
    chance: float
    begins: bool


@dataclass(frozen=True, slots=True)
class Document:
    """One document as read from an original file."""

    file: str  # path relative to the synced folder, with "/"
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
    number: str = ""  # number of a notice: 浙农发〔2024〕15号
    source: str = ""
    reporter: str = ""
    url: str = ""  # where it was published
    group: str = ""  # access groups that the document states itself (内部、农业处), all of which it takes to see it, "" if none
    masthead: tuple[str, ...] = ()  # lines above the 目录 and the items, verbatim
    contents: tuple[str, ...] = ()  # entries of the issue's own 目录 (table of contents)
    distribution: tuple[str, ...] = ()  # 送, 发 and 印发 lines
    recognised: tuple[tuple[int, float], ...] = ()  # (page, confidence 0 to 1) of pages read by text recognition
    items: tuple[Item, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    certainty: float = 1.0  # how likely all items begin where they were read to begin, 0 to 1
    doubts: tuple[Doubt, ...] = ()  # in the order of the text

    @property
    def id(self) -> str:
        """Hash of the path in the folder, 12 hex digits: the same after a rebuild, on any machine."""
        return id_of(self.file)

    def pages(self, start: int, end: int) -> tuple[int, ...]:
        """Return the first and last page of a span, one page if they are the same, () if the format has no pages."""
        if not self.page_starts:
            return ()
        first = bisect_right(self.page_starts, start)
        last = bisect_right(self.page_starts, max(start, end - 1))
        return (first,) if first == last else (first, last)

    def confidence(self, start: int, end: int) -> float | None:
        """Return the lowest confidence of text recognition on the pages of a span, None if none of them was recognised."""
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
    also: tuple[str, ...] = ()  # where the same text also stands: citation lines of reprints, names of duplicate files
    confidence: float | None = None  # of text recognition, 0 to 1; None where the passage was not read from a picture


@dataclass(frozen=True, slots=True)
class Marked:
    """Access groups that parts of a file state, also parts that become no documents: whoever opens it whole needs them all."""

    file: str
    groups: str  # as Document.group


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, and why, in words for the person who put it there."""

    file: str
    reason: str
    again: bool = False  # try it again at the next sync, although the file has not changed
