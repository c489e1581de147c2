"""Find the measures and steps that an item lists: 一是…；二是…, 首先…其次…, （一）…（二）…, 步骤1：… and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ingest.document import Measure
from ingest.facts.numerals import read_number

_HAN = r"[一二三四五六七八九十]{1,3}"
_FAMILIES = (  # ways of numbering; an item's is the first that has a 1 and a 2 in it
    re.compile(
        rf"(?:(?<=[。；：;:\n])|^)(?:步骤(?P<n>{_HAN})|步骤\s*(?P<digit>\d{{1,2}})|第(?P<step>{_HAN})步)[：:，、.\s]\s*"
    ),
    re.compile(rf"(?:(?<=[。；：;:，,\n“])|^|(?<![统唯之万第])(?=一))(?P<n>{_HAN})是(?![否的])"),
    re.compile(rf"(?:(?<=[。；：;:\n])|^)第(?P<n>{_HAN})[，、](?!\d)"),
    re.compile(rf"(?:(?<=[。；：;:\n])|^)[（(](?P<n>{_HAN})[)）]|(?:(?<=\n)|^)(?P<digit>\d{{1,2}})[.．、](?!\d)\s*"),
    re.compile(r"(?:(?<=[。；：;:\n])|^)(?P<n>首先|其次|再次|最后)[，、]?"),
)
_ORDER = {"首先": 1, "其次": 2, "再次": 3, "最后": 0}
_HEAD = re.compile(r"[^，。；：,;:\n！？]+")
_LONGEST_HEAD = 40  # characters; of a longer clause the first ones are the head


def find_measures(text: str, start: int, end: int) -> Iterator[Measure]:
    """Yield the measures in a span, numbered in the first style of `_FAMILIES` found; each ends where the next begins.

    The last of several lists but the last one ends with its line.
    """
    for opener in _FAMILIES:
        found = list(opener.finditer(text, start, end))
        if {1, 2} <= {_number(match) for match in found}:
            borders = [_border(text, one, after) for one, after in pairwise(found)] + [end]
            for match, border in zip(found, borders, strict=True):
                if head := _HEAD.match(text, match.end(), border):
                    yield Measure(head[0].strip()[:_LONGEST_HEAD], match.start(), border)
            return


def _border(text: str, match: re.Match[str], after: re.Match[str]) -> int:
    """Return where the measure that `match` opens ends: where the next begins, or its line if that begins a list anew."""
    line = text.find("\n", match.start(), after.start())
    return line + 1 if _number(after) == 1 and line >= 0 else after.start()


def _number(match: re.Match[str]) -> int:
    opener = next(filter(None, match.groups()))
    return _ORDER[opener] if opener in _ORDER else read_number(opener)
