"""Whole numbers as documents print them: 33, ３３, 三十三, 一百."""

from __future__ import annotations

import unicodedata

_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = r"[0-9０-９]{1,6}|[〇○零一二两三四五六七八九十百千]{1,9}"


def read_number(text: str) -> int:
    """Return the number that a match of NUMERAL stands for."""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isdecimal():
        return int(plain)
    if not any(character in _UNITS for character in plain):  # 二〇二三: digit by digit
        return int("".join(str(_DIGITS[character]) for character in plain))
    total = digit = 0
    for character in plain:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit
