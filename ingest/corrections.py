"""Corrections by people: where items begin, titles, regions, dates. They are applied anew whenever the document is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from ingest.document import Document, Item, Region
from ingest.facts.dates import find_date
from ingest.facts.extract import with_facts
from ingest.grammars.contents import is_among, title_of
from ingest.passages import Block, blocks_of, context_of, split

Kind = Literal["merge", "split", "title", "regions", "document_title", "date"]
BORDERS: tuple[Kind, ...] = ("merge", "split")
OF_DOCUMENT: tuple[Kind, ...] = ("document_title", "date")
BETWEEN = "、"  # stands between the regions in a correction's value
_NAMED_BY = 40  # characters of a line that tell it from others


@dataclass(frozen=True, slots=True)
class Anchor:
    """A line, named by its own words, so that it is found again when other parts of the document have changed."""

    words: str = ""  # its first 40 characters without white space; "" for the whole document
    before: int = 0  # how many lines with the same words stand before it


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says instead of what was read.

    `merge`: no item begins at the line, it belongs to the one before; `split`: an item begins at the line, which is its title.
    `title` and `regions` of the item that begins at the line; `document_title` and `date` (ISO 8601) of the document.
    """

    kind: Kind
    anchor: Anchor = Anchor()
    value: str = ""  # of regions their full names, with BETWEEN between them


def corrected(document: Document, corrections: Sequence[Correction]) -> tuple[Document, tuple[Correction, ...]]:
    """Return the document with the corrections, in the order they were made, and those whose place is not there any more.

    Of two on the same place the later one counts. Borders come first, so the title of an item that a split makes has its place.
    """
    borders = [(place_in(document, correction), correction) for correction in corrections if correction.kind in BORDERS]
    lines = {place: correction.kind == "split" for place, correction in borders if place is not None}
    made = _without_doubts(_parted(document, lines), lines)
    others = [c for c in corrections if c.kind not in BORDERS and place_in(made, c) is not None]
    for correction in others:
        made = made if correction.kind == "regions" else _applied(made, correction)
    made = made if made is document else with_facts(made)  # which depend on the date, and hold the regions
    for correction in others:
        made = _applied(made, correction) if correction.kind == "regions" else made
    there = [*others, *(correction for place, correction in borders if place is not None)]
    return made, tuple(correction for correction in corrections if correction not in there)


def place_in(document: Document, correction: Correction) -> int | None:
    """Return the offset of the line that a correction is of, 0 for one of the whole document; None if it is not there.

    What is to be merged or split has to be inside an item, and below the first line of all.
    """
    if correction.kind in OF_DOCUMENT:
        return 0
    line = next((start for start, anchor in _anchors(document.text) if anchor == correction.anchor), None)
    begins = [line_start(document.text, item.start) for item in document.items]
    if line is None or (correction.kind not in BORDERS and line not in begins):
        return None
    inside = any(begin <= line < item.end for begin, item in zip(begins, document.items, strict=True))
    return line if inside and (correction.kind not in BORDERS or line > begins[0]) else None


def anchor_at(text: str, offset: int) -> Anchor:
    """Return the anchor of the line that an offset of a text lies in."""
    start = line_start(text, offset)
    return next(anchor for at, anchor in _anchors(text) if at == start)


def line_start(text: str, offset: int) -> int:
    """Return the offset at which the line of an offset begins."""
    return text.rfind("\n", 0, offset) + 1


def _anchors(text: str) -> Iterator[tuple[int, Anchor]]:
    seen: Counter[str] = Counter()
    start = 0
    for line in text.split("\n"):
        words = "".join(line.split())[:_NAMED_BY]
        yield start, Anchor(words, seen[words])
        seen[words] += 1
        start += len(line) + 1


@dataclass(slots=True)
class _Part:
    """An item to be: of its fields all but the passages, its paragraphs, and whether these are still those that were read."""

    item: Item
    context: str
    blocks: list[Block]
    as_read: bool = True


def _parted(document: Document, lines: Mapping[int, bool]) -> Document:
    """Return the document with other borders: whether an item begins at each of these lines."""
    text, parts = document.text, list[_Part]()
    for item in document.items:
        begin = line_start(text, item.start)
        cuts = sorted(line for line, begins in lines.items() if begins and begin < line < item.end)
        first, *rest = _cut(text, item, cuts)
        if lines.get(begin, True):
            parts.append(first)
        else:
            into = parts[-1]
            names = dict.fromkeys((*into.item.contributors, *first.item.contributors))
            subheads = (*into.item.subheads, *first.item.subheads)
            into.item = replace(into.item, contributors=tuple(names), subheads=subheads)
            into.blocks, into.as_read = into.blocks + first.blocks, False
        parts += rest
    if all(part.as_read for part in parts):
        return document
    doubtful = {doubt.start for doubt in document.doubts if not doubt.begins} - lines.keys()
    items = tuple(part.item if part.as_read else _item(text, part, doubtful) for part in parts)
    found = [entry for entry in document.contents if is_among(entry, [item.title for item in items])]
    warnings = tuple(warning for warning in document.warnings if not any(f"“{entry}”" in warning for entry in found))
    return replace(document, items=items, warnings=warnings)


def _cut(text: str, item: Item, cuts: Sequence[int]) -> list[_Part]:
    """Cut an item before these lines; each of its contributors goes where the credit that names it stands, else to the last."""
    blocks = blocks_of(text, item)
    if not cuts:
        return [_Part(item, context_of(text, item), blocks)]
    parts: list[_Part] = []
    for begin, end in zip((line_start(text, item.start), *cuts), (*cuts, len(text)), strict=True):
        own = [block for block in blocks if begin <= block.start < end]
        title, context = item.title, context_of(text, item)
        if parts:
            line = Block(begin, begin + len(text[begin:].partition("\n")[0]))
            first = own.pop(0) if own and own[0].start < line.end else line  # it may have been left out
            own = [Block(first.start, first.end, row=first.row), *own]
            title = title_of(text[first.start : first.end]) or text[first.start : first.end]
            context = _retitled(context, item.title, title)
        taken = {name for part in parts for name in part.item.contributors}
        left = _outside(text, own, begin, end)
        names = (name for name in item.contributors if name not in taken and (end == len(text) or name in left))
        within = {text[block.start : block.end] for block in own[bool(parts) :]}
        subheads = tuple(line for line in item.subheads if line in within)
        made = replace(item, title=title, contributors=tuple(names), subheads=subheads)
        parts.append(_Part(made, context, own, as_read=False))
    return parts


def _outside(text: str, blocks: Sequence[Block], start: int, end: int) -> str:
    """Return what a span has besides the paragraphs of an item: marks, credits, lines that were left out."""
    ends, starts = [start, *(block.end for block in blocks)], [*(block.start for block in blocks), end]
    return "\n".join(text[begin:stop] for begin, stop in zip(ends, starts, strict=True))


def _item(text: str, part: _Part, doubtful: set[int]) -> Item:
    blocks = [replace(block, apart=line_start(text, block.start) in doubtful) for block in part.blocks]
    passages = split(text, blocks, part.context)
    return replace(part.item, start=blocks[0].start, end=blocks[-1].end, passages=passages)


def _without_doubts(document: Document, lines: Mapping[int, bool]) -> Document:
    """Return the document without doubt at lines of which a person has said whether an item begins there."""
    left = tuple(doubt for doubt in document.doubts if doubt.start not in lines)
    if left == document.doubts:
        return document
    sure = prod(1 - doubt.chance for doubt in left)
    return replace(document, doubts=left, certainty=max(document.certainty, round(sure, 3)))


def _applied(document: Document, correction: Correction) -> Document:
    """Return the document with a correction that changes no borders."""
    value = correction.value
    if correction.kind == "date":
        printed = any(str(document.year) in line and not find_date(line) for line in document.masthead)  # 2024年第3期
        year = document.year if document.kind == "bulletin" and printed else int(value[:4])
        return replace(document, date=value, year=year)
    if correction.kind == "document_title":
        items = (_in_document(document, item, value) for item in document.items)
        return replace(document, title=value, items=tuple(items))
    line = place_in(document, correction)
    change = _titled if correction.kind == "title" else _placed
    own = (line_start(document.text, item.start) == line for item in document.items)
    items = (change(document.text, item, value) if here else item for item, here in zip(document.items, own, strict=True))
    return replace(document, items=tuple(items))


def _in_document(document: Document, item: Item, title: str) -> Item:
    """Return an item of a document with another title; that of an article is its item's, too."""
    passages = (replace(p, context=p.context.replace(document.title, title, 1)) for p in item.passages)
    return replace(item, title=title if item.title == document.title else item.title, passages=tuple(passages))


def _titled(text: str, item: Item, title: str) -> Item:
    context = context_of(text, item)
    line = _retitled(context, item.title, title)
    passages = (replace(p, context=line + p.context.removeprefix(context)) for p in item.passages)
    return replace(item, title=title, passages=tuple(passages))


def _retitled(context: str, title: str, new: str) -> str:
    """Return an item's context line with another title: it stands last, but for the number of a document."""
    before, found, after = context.rpartition(title) if title else (context, "", "")
    return f"{before}{new}{after}" if found else f"{context} {new}".strip()


def _placed(_text: str, item: Item, names: str) -> Item:
    known = {region.name: region for region in item.regions}
    none = item.start, item.start
    regions = tuple(known.get(name, Region(name, *none)) for name in filter(None, names.split(BETWEEN)))
    return replace(item, regions=regions)
