"""The blocks of a web page, each with its text and how it is printed, from tags, attributes and inline styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.extracted import Look
from ingest.formats.looks import Face, Print

_BLOCKS_TEXT = """address article aside blockquote body br caption center dd div dl dt fieldset figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td th thead tr ul"""
_BLOCKS = frozenset(_BLOCKS_TEXT.split())
_UNREAD = {
    "script",
    "style",
    "noscript",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "iframe",
    "select",
    "button",
    "template",
    "head",
}
_HEADINGS = {
    "h1": 2.0,
    "h2": 1.5,
    "h3": 1.17,
    "h4": 1.0,
    "h5": 0.83,
    "h6": 0.67,
}  # sizes in browsers, in those of the text around
_FONT_SIZES = (10.0, 10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0)  # pixels, by the attribute of <font>
_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_LENGTH = re.compile(r"(-?[\d.]+)\s*(px|pt|em|rem|%)")
_POINT = 4 / 3  # pixels
_USUAL = 16.0  # pixels
_TITLE = 5  # least characters of a line that stands in the page's title
_PROSE = 40  # characters of a block with a full stop
_MOST_LINKED = 0.5  # share of the characters of running text that may be links
_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Block:
    """A block of text: its pieces, its place, how much of it is links, and the element in which it begins."""

    element: Any
    place: Look
    faces: list[tuple[str, Face]] = field(default_factory=list)
    linked: int = 0

    @property
    def text(self) -> str:
        """Its text, as in the page."""
        return "".join(text for text, _ in self.faces)

    @property
    def printed(self) -> Print:
        """How it is printed."""
        return Print(tuple(self.faces), self.place)

    def is_prose(self) -> bool:
        """Tell whether it is running text and not navigation."""
        return len(squeezed(self.text)) >= _PROSE and "。" in self.text and not self.is_link()

    def is_link(self) -> bool:
        """Tell whether most of it leads elsewhere."""
        return self.linked >= len(squeezed(self.text)) * _MOST_LINKED


def squeezed(text: str) -> str:
    """Return a text without its white space."""
    return _SPACE.sub("", text)


def blocks_of(tree: Any) -> list[Block]:
    """Return the blocks of a page with text in them, in order, without navigation, headers, footers and forms."""
    blocks: list[Block] = []
    body = tree.find(".//body")
    _walk(tree if body is None else body, Face(_USUAL), Look(), blocks, False)
    return [block for block in blocks if squeezed(block.text)]


def main_blocks(blocks: Sequence[Block], title: str) -> list[Block]:
    """Return the blocks in the smallest element that holds all running text, and those from the page's title down to it."""
    prose = [list(block.element.iterancestors())[::-1] + [block.element] for block in blocks if block.is_prose()]
    if not prose:
        return []
    depth = 0
    while all(len(path) > depth + 1 and path[depth + 1] is prose[0][depth + 1] for path in prose):
        depth += 1
    container = prose[0][depth]
    inside = [row for row, block in enumerate(blocks) if container in (block.element, *block.element.iterancestors())]
    wanted = squeezed(title)
    titled = (row for row in range(inside[0] - 1, -1, -1) if len(own := squeezed(blocks[row].text)) >= _TITLE and own in wanted)
    above = range(next(titled, inside[0]), inside[0])
    return [blocks[row] for row in [*(row for row in above if not blocks[row].is_link()), *inside]]


def prints_of(texts: Sequence[str], blocks: Sequence[Block]) -> Iterator[Print]:
    """Yield how each of these paragraphs is printed, found by its text among the blocks, in order."""
    whole = [squeezed(block.text) for block in blocks]
    at = 0
    for text in texts:
        wanted = squeezed(text)
        rows = [*range(at, len(whole)), *range(at)]
        row = next((row for row in rows if whole[row] == wanted), None)
        if row is None:
            row = next((row for row in rows if len(wanted) > 1 and wanted[:12] in whole[row]), None)
        if row is None:
            yield Print()
        else:
            yield blocks[row].printed
            at = row


def _walk(element: Any, face: Face, place: Look, blocks: list[Block], linked: bool) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    style = {name.lower(): text.strip().lower() for name, text in _STYLE.findall(element.get("style") or "")} if tag else {}
    if tag in _UNREAD or not tag or style.get("display") == "none":
        return
    face, place, linked = _face(element, tag, style, face), _place(element, tag, style, place, face), linked or tag == "a"
    if tag in _BLOCKS:
        blocks.append(Block(element, place))
    _add(blocks, element.text, face, linked)
    for child in element:
        _walk(child, face, place, blocks, linked)
        if child.tag in _BLOCKS:
            blocks.append(Block(element, place))
        _add(blocks, child.tail, face, linked)


def _add(blocks: list[Block], text: str | None, face: Face, linked: bool) -> None:
    if text and text.strip() and blocks:
        blocks[-1].faces.append((_SPACE.sub(" ", text), face))
        blocks[-1].linked += len(squeezed(text)) if linked else 0


def _face(element: Any, tag: str, style: dict[str, str], face: Face) -> Face:
    size = face.size * _HEADINGS.get(tag, 1.0)
    if tag == "font" and (stated := element.get("size", "")).isdigit():
        size = _FONT_SIZES[min(int(stated), 7)]
    if length := _LENGTH.match(style.get("font-size", "")):
        amount, unit = float(length[1]), length[2]
        size = {"px": amount, "pt": amount * _POINT, "em": amount * face.size, "%": amount * face.size / 100}.get(
            unit, amount * _USUAL
        )
    weight = style.get("font-weight", "")
    bold = face.bold or tag in ("b", "strong", "th") or tag in _HEADINGS
    if weight:
        bold = weight.startswith("bold") or (weight.isdigit() and int(weight) >= 600)
    colour = style.get("color") or element.get("color") or face.colour
    return Face(round(size, 1), element.get("class") or face.font, bold, colour)


def _place(element: Any, tag: str, style: dict[str, str], place: Look, face: Face) -> Look:
    align = style.get("text-align") or (element.get("align") or "").lower() or ("center" if tag == "center" else "")
    if align:
        place = replace(place, centred=align == "center", right=align in ("right", "end"))
    if length := _LENGTH.match(style.get("text-indent", "")):
        amount = float(length[1]) * {"pt": _POINT, "em": face.size, "rem": _USUAL}.get(length[2], 1.0)
        place = replace(place, indent=round(amount / (face.size or _USUAL), 1))
    if tag in _HEADINGS:
        place = replace(place, level=int(tag[1]))
    ruled = any(name.startswith("border") and text not in ("none", "0") for name, text in style.items())
    return replace(place, listed=place.listed or tag == "li", ruled=ruled and tag in _BLOCKS)
