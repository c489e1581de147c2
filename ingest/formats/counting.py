"""Numbers in the forms that the lists of Word have: 十二, ②, c, iv."""

from __future__ import annotations

_DIGITS = "〇一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_LETTERS = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")
_ROMAN = tuple(zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), _LETTERS, strict=True))
_CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand"}
_STEMS = "甲乙丙丁戊己庚辛壬癸"


def written(number: int, form: str) -> str:
    """Write a number in one of Word's forms; as digits where the form is unknown or has no such number."""
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
