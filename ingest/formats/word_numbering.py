"""Work out the automatic numbers and bullets that Word shows, from numbering.xml and the styles that refer to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Symbol fonts have their pictures at the code points of letters, or 0xF000 above these.
_PICTURES = {  # font → its code points as characters → what they show
    font: dict(zip(codes, shown, strict=True))
    for font, codes, shown in (
        ("wingdings", "n§uv«o¨qlØüûþýàèß", "■■◆◆★□□■●➢✓✗☑☒→➔←"),
        ("wingdings 2", "¢£®PORSTQ", "■□◆✓✗☑☒☒☒"),
        ("wingdings 3", "pq", "▲▼"),
        ("webdings", "5g", "▲■"),
        ("symbol", "¨·£³±´¸°¹»¥®-abgdmpsWDSå", "◆●≤≥±×÷°≠≈∞→−αβγδμπσΩΔΣ∑"),
    )
}
_DIGITS = "〇一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_LETTERS = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")
_ROMAN = tuple(zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), _LETTERS, strict=True))
_CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand"}
_STEMS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts and what it shows."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    font: str = ""
    spaced: bool = True
    plain: bool = False  # shows the numbers of the levels above as digits
    restart: int | None = None  # starts again only after the first so many levels; None: after all levels above


class Numbering:
    """The lists of a document and their current numbers."""

    def __init__(self, root: Any) -> None:
        """Take the root of numbering.xml, or None where a document has none."""
        parts = [] if root is None else list(root)
        abstract = {_get(part, "abstractNumId"): part for part in parts if part.tag == f"{W}abstractNum"}
        self.lists = {_get(part, "numId"): part for part in parts if part.tag == f"{W}num"}
        linked = {style: part for part in abstract.values() if (style := value(part, "styleLink"))}
        self._abstract = {key: linked.get(value(part, "numStyleLink"), part) for key, part in abstract.items()}
        self._levels: dict[str, dict[int, Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}  # abstract list → level → current number; lists made from one share it
        self._begun: set[str] = set()

    def level_of_style(self, number: str, style: str) -> int:
        """Return the level of a list that belongs to a style."""
        levels = self._definition(number).iter(f"{W}lvl") if number in self.lists else iter(())
        return next((int(_get(level, "ilvl")) for level in levels if value(level, "pStyle") == style), 0)

    def mark(self, number: str, index: int) -> str:
        """Advance level `index` (from 0) of a list by one; return what Word puts before the paragraph."""
        if number not in self.lists:
            return ""
        if number not in self._levels:
            self._levels[number] = dict(self._read_levels(number))
        levels = self._levels[number]
        counts = self._counts.setdefault(value(self.lists[number], "abstractNumId"), {})
        self._begin(number, counts)
        level = levels.get(index, Level())
        counts[index] = counts.get(index, level.start - 1) + 1
        for deeper in [key for key in counts if key > index]:
            restart = levels.get(deeper, Level()).restart
            if restart is None or index < restart:
                del counts[deeper]
        if level.form == "bullet":
            shown = picture(level.text, level.font)
        else:
            shown = re.sub(r"%(\d)", lambda found: _shown(levels, counts, level, int(found[1]) - 1), level.text)
        return f"{shown} " if level.spaced and shown[-1:].isascii() and shown else shown

    def _begin(self, number: str, counts: dict[int, int]) -> None:
        """Set the start numbers that a list overrides, when the list is first used."""
        if number not in self._begun:
            self._begun.add(number)
            for override in self.lists[number].iter(f"{W}lvlOverride"):
                if start := value(override, "startOverride"):
                    counts[int(_get(override, "ilvl"))] = int(start) - 1

    def _definition(self, number: str) -> Any:
        return self._abstract.get(value(self.lists[number], "abstractNumId"), self.lists[number])

    def _read_levels(self, number: str) -> Iterator[tuple[int, Level]]:
        for level in (*self._definition(number).iter(f"{W}lvl"), *self.lists[number].iter(f"{W}lvl")):
            fonts = level.find(f"{W}rPr/{W}rFonts")
            font = "" if fonts is None else _get(fonts, "ascii") or _get(fonts, "hAnsi")
            restart = value(level, "lvlRestart")
            bullet = level.find(f"{W}lvlPicBulletId") is not None
            yield (
                int(_get(level, "ilvl")),
                Level(
                    int(value(level, "start") or 1),
                    "bullet" if bullet else value(level, "numFmt") or "decimal",
                    value(level, "lvlText"),
                    font.lower(),
                    value(level, "suff") != "nothing",
                    level.find(f"{W}isLgl") is not None,
                    int(restart) if restart else None,
                ),
            )


def picture(character: str, font: str, unknown: str = "●") -> str:
    """Return the character that a bullet or symbol shows, translated if it is of a symbol font."""
    code = ord(character[0]) if character else 0
    if 0xF000 <= code <= 0xF0FF or font in _PICTURES:
        return _PICTURES.get(font, _PICTURES["wingdings"]).get(chr(code & 0xFF), unknown)
    return "○" if character == "o" else character


def value(element: Any, name: str) -> str:
    """Return the w:val of an element's child, "" if there is no such child."""
    child = element.find(f"{W}{name}")
    return "" if child is None else _get(child, "val")


def _get(element: Any, name: str) -> str:
    return str(element.get(f"{W}{name}") or "")


def _shown(levels: dict[int, Level], counts: dict[int, int], level: Level, index: int) -> str:
    above = levels.get(index, Level())
    return written(max(counts.get(index, 0), above.start), "decimal" if level.plain else above.form)


def written(number: int, form: str) -> str:
    """Write a number in one of Word's forms; as digits if the form is unknown or cannot write this number."""
    if form == "none":
        return ""
    if form in _CHINESE and 0 < number < 10_000:
        return _chinese(number)
    if form in ("ideographDigital", "japaneseDigitalTenThousand"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if form.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if form == "ideographTraditional" and 0 < number <= len(_STEMS):
        return _STEMS[number - 1]
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * ((number + 25) // 26)  # after z comes aa, then bb
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        return _roman(number).upper() if form == "upperRoman" else _roman(number)
    return f"{number:02}" if form == "decimalZero" else str(number)


def _chinese(number: int) -> str:
    """Write 1 to 9999: 十, 十二, 二十, 一百零五."""
    text = ""
    for size, unit in _UNITS:
        digit, number = divmod(number, size)
        text += _DIGITS[digit] + unit if digit else "零" if text and not text.endswith("零") and number else ""
    text += _DIGITS[number] if number else ""
    return text.removeprefix("一") if text.startswith("一十") else text


def _roman(number: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        times, number = divmod(number, size)
        text += letters * times
    return text
