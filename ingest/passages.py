"""Cut an item into passages: at subheads, measures (一是/二是/三是), paragraphs and sentences, never across items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.document import Item, Passage, Role
from ingest.facts.gazetteer import gazetteer

# Lengths in characters. Passages have about 150 to 350; for the encoder 300 characters of Chinese are about 180 tokens.
TARGET = 240
LONGEST = 350
LONGEST_TABLE = 600  # a table is of use as a whole; its short cells take fewer tokens than prose of the same length
# Cost of a cut where neither a measure nor a paragraph begins, in units of the squared relative error of a length.
_SENTENCE_CUT = 0.25
_LOOKED_AT = 12  # characters in which a paragraph's first words are told

_SENTENCE = re.compile(r".+?(?:[。！？；!?;]+[”’）)》】]*|(?<=[a-z])\.(?= )|$)", re.DOTALL)
_MEASURE = re.compile(r"^[“]?(?:[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十]{1,2}[，、]|首先|其次|再次|最后[，是])")
_MARK = re.compile(r"[▲●■◆★△○□※\s]*(?:[一二三四五六七八九十\d]{1,3}[、.．])?")  # before a paragraph's first words
_COUNTY = re.compile(r"(?![全各我本该两多外])([\u4e00-\u9fff]{1,3}?[县市区旗])(?![域级委属直场民政])")  # what may be a name
_OF_COUNTY = re.compile("[县市区旗]")
_SOFT_END = re.compile(r"[，、,：:]")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of an item, as classified by the grammar of its document."""

    start: int
    end: int
    role: Role = "body"
    subhead: bool = False
    row: bool = False  # a table row
    apart: bool = False  # no passage holds it together with what stands before it


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    opens: bool  # begins a paragraph or a measure: a good place to cut


def split(text: str, blocks: Sequence[Block], context: str) -> tuple[Passage, ...]:
    """Return the passages of one item; they cover every character of its blocks once, except line ends."""
    passages: list[Passage] = []
    heading = ""
    for run in _runs(text, blocks):
        if run[0].role == "caption":
            passages.append(Passage(run[0].start, run[0].end, "caption", context))
            continue
        if run[0].row:
            passages += _table(text, run, f"{context} {heading}".strip())
            continue
        if run[0].subhead:
            heading = text[run[0].start : run[0].end]
        line = f"{context} {heading}".strip()
        passages += [Passage(start, end, "body", line) for start, end in _pack(list(_pieces(text, run)))]
    return tuple(passages)


def blocks_of(text: str, item: Item) -> list[Block]:
    """Return the paragraphs of an item from its passages: what `split` made them of, but for what stood apart."""
    context = context_of(text, item)
    blocks: list[Block] = []
    for passage in item.passages:
        at = passage.start
        for line in text[passage.start : passage.end].split("\n"):
            end = at + len(line)
            if blocks and blocks[-1].end == at:  # the passage before ends within this paragraph
                blocks[-1] = replace(blocks[-1], end=end)
            else:
                opens = passage.role == "body" and at == passage.start and passage.context == f"{context} {line}".strip()
                role: Role = "caption" if passage.role == "caption" else "body"
                blocks.append(Block(at, end, role, opens or line in item.subheads, passage.role == "table"))
            at = end + 1
    return blocks


def context_of(text: str, item: Item) -> str:
    """Return the context line of an item's own title, without the subheads that passages have in theirs."""
    first = item.passages[0]
    heading = text[first.start : first.end].partition("\n")[0]
    above = first.context.removesuffix(f" {heading}")
    if above != first.context and above.endswith(item.title):  # the item's first line is a subhead itself
        return above
    return min((passage.context for passage in item.passages), key=len)


def _table(text: str, rows: Sequence[Block], context: str) -> list[Passage]:
    """Return a table as one passage; split a long one, with its heading row in the context of the later passages."""
    passages: list[Passage] = []
    begin = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or rows[number].end - rows[begin].start > LONGEST_TABLE:
            heading = text[rows[0].start : rows[0].end] if begin else ""
            passages.append(Passage(rows[begin].start, rows[number - 1].end, "table", f"{context} {heading}".strip()))
            begin = number
    return passages


def _runs(text: str, blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Split blocks at captions, tables, lines that are left out, before subheads and where another county's paragraphs begin.

    No passage crosses these borders.
    """
    run: list[Block] = []
    county = ""
    for block in blocks:
        named = _county_at(text, block.start, block.end)
        other = bool(named) and county not in ("", named)
        county = named or county
        before = run[-1] if run else block
        skips = bool(text[before.end : block.start].strip())
        opens = block.subhead and not before.subhead
        if run and (block.role == "caption" or block.row != before.row or opens or block.apart or skips or other):
            yield run
            run = []
        if block.role == "caption":
            yield [block]
        else:
            run.append(block)
    if run:
        yield run


def _county_at(text: str, start: int, end: int) -> str:
    """Return the county whose name begins a paragraph, "" if none does.

    A name that the gazetteer does not have counts too, unless the dictionary knows it as a word or part of one: 超市, 开发区.
    """
    import rjieba

    mark = _MARK.match(text, start, end)
    begin = mark.end() if mark else start
    head = text[begin : min(end, begin + _LOOKED_AT)]
    if not _OF_COUNTY.search(head):
        return ""
    known = (name for name in gazetteer().longest(head, 0) if name in gazetteer().formal and _OF_COUNTY.match(name[-1]))
    if name := next(known, ""):
        return name
    at, found = 0, _COUNTY.match(head)
    for piece in rjieba.cut(head, False) if found else ():
        at += len(piece)
        if found and at >= len(found[1]):
            return found[1] if at == len(found[1]) > 2 and len(piece) == 1 else ""
    return ""


def _pieces(text: str, run: Sequence[Block]) -> Iterator[_Piece]:
    after_subhead = False
    for block in run:
        position = block.start
        for found in _SENTENCE.finditer(text[block.start : block.end]):
            end = block.start + found.end()
            opens = position == block.start or bool(_MEASURE.match(found[0]))
            while end - position > LONGEST:
                cut = _soft_cut(text, position)
                yield _Piece(position, cut, opens and not after_subhead)
                position, opens, after_subhead = cut, False, False
            yield _Piece(position, end, opens and not after_subhead)
            position, after_subhead = end, False
        after_subhead = block.subhead


def _soft_cut(text: str, start: int) -> int:
    """Return where to cut a sentence longer than LONGEST: after the last comma in the second half of that, else at LONGEST."""
    half = start + LONGEST // 2
    commas = [found.end() for found in _SOFT_END.finditer(text, half, start + LONGEST)]
    return commas[-1] if commas else start + LONGEST


def _pack(pieces: Sequence[_Piece]) -> list[tuple[int, int]]:
    """Return the spans whose cuts cost least in total: lengths near TARGET, none above LONGEST, cuts where pieces open."""
    best = [0.0] + [float("inf")] * len(pieces)
    came_from = [0] * (len(pieces) + 1)
    for last in range(1, len(pieces) + 1):
        for first in range(last - 1, -1, -1):
            length = pieces[last - 1].end - pieces[first].start
            if length > LONGEST and first < last - 1:
                break
            cut = 0.0 if first == 0 or pieces[first].opens else _SENTENCE_CUT
            cost = best[first] + (length / TARGET - 1) ** 2 + cut
            if cost < best[last]:
                best[last], came_from[last] = cost, first
    spans: list[tuple[int, int]] = []
    last = len(pieces)
    while last:
        first = came_from[last]
        spans.append((pieces[first].start, pieces[last - 1].end))
        last = first
    return spans[::-1]
