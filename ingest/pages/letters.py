"""Letters with their positions on a page: normalise them for comparison, and join them into lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

Rect = tuple[float, float, float, float]  # left, top, width, height: shares of the page's width and height

_UNPRINTED = {"Cc", "Cf", "Cn", "Cs", "Zs", "Zl", "Zp"}  # categories that not every reader of a page gives
_MARKS = "*|\ufffd"  # left out too: bold marks; the border of cells in a document's text; half a character
_SAME_PLACE = 0.5  # overlap, as a share of the smaller letter, above which a letter was printed twice to make it bold
_SAME_LINE = 0.5  # overlap of letters of one line, as a share of the smaller height
_GAP = 3.0  # letter widths; letters of one line stand closer, cells of a table farther apart
_LINE_STEP = 0.6  # letter heights; letters of one column stand closer, in vertical writing or on a page lying on its side


@dataclass(frozen=True, slots=True)
class Letter:
    """A character at its place on a page, in shares (0 to 1) of its width and height from the upper left corner."""

    character: str
    left: float
    top: float
    right: float
    bottom: float


def folded(text: str) -> str:
    """Normalise a text for comparison, without the characters that one reader of a page gives and another leaves out."""
    return "".join(map(_fold, text))


@cache
def _fold(character: str) -> str:
    """Normalise a character for comparison (NFKC); "" if it is blank, invisible or in `_MARKS`."""
    usual = unicodedata.normalize("NFKC", character)
    return "".join(part for part in usual if part not in _MARKS and unicodedata.category(part) not in _UNPRINTED)


def printed_once(letters: Iterable[Letter]) -> Iterator[Letter]:
    """Yield the letters normalised for comparison; one that was printed twice at nearly the same place comes once."""
    before: Letter | None = None
    for letter in letters:
        characters = _fold(letter.character)
        if not characters:
            continue
        if before and before.character == letter.character and _overlap(before, letter) > _SAME_PLACE:
            continue
        before = letter
        yield from (replace(letter, character=character) for character in characters)


def _overlap(one: Letter, other: Letter) -> float:
    """Return the share of the smaller letter that lies within the other: across or down, whichever is less."""
    across = (min(one.right, other.right) - max(one.left, other.left)) / (min(_width(one), _width(other)) or 1)
    down = (min(one.bottom, other.bottom) - max(one.top, other.top)) / (min(_height(one), _height(other)) or 1)
    return min(across, down)


def _width(letter: Letter) -> float:
    return letter.right - letter.left


def _height(letter: Letter) -> float:
    return letter.bottom - letter.top


def lines_of(letters: Iterable[Letter]) -> list[Letter]:
    """Join neighbouring letters of a printed line, in horizontal or vertical writing, into one."""
    lines: list[Letter] = []
    before: Letter | None = None
    for letter in letters:
        if _width(letter) <= 0 or _height(letter) <= 0:
            continue
        if before and _continues(lines[-1], before, letter):
            line = lines[-1]
            left, top = min(line.left, letter.left), min(line.top, letter.top)
            lines[-1] = Letter("", left, top, max(line.right, letter.right), max(line.bottom, letter.bottom))
        else:
            lines.append(letter)
        before = letter
    return lines


def _continues(line: Letter, before: Letter, letter: Letter) -> bool:
    across = max(letter.left - line.right, line.left - letter.right)
    down = max(letter.top - line.bottom, line.top - letter.bottom)
    beside = min(line.bottom, letter.bottom) - max(line.top, letter.top)
    below = min(line.right, letter.right) - max(line.left, letter.left)
    if beside > _SAME_LINE * min(_height(line), _height(letter)):
        upright = _height(line) > 1.5 * _height(before)  # the line runs downwards, and this begins another beside it
        return across < _GAP * max(_width(before), _width(letter)) and not upright
    column = max(_width(line), _width(letter)) < 1.5 * _width(before)
    return column and below > _SAME_LINE * _width(letter) and -_height(letter) < down < _LINE_STEP * _height(letter)


def rect(line: Letter) -> Rect | None:
    """Return the part of a line's box that lies on the page, None if there is none."""
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in (line.left, line.top, line.right, line.bottom))
    if right <= left or bottom <= top:
        return None
    return round(left, 5), round(top, 5), round(right - left, 5), round(bottom - top, 5)
