"""Typing errors: what sounds like a word of the collection is read as that word (协义 → 协议, 零时救助 → 临时救助)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LENGTHS = (4, 3, 2)  # characters of a word that is looked for, the longest first
# Sounds that many people do not tell apart.
_ALIKE = ((re.compile("^([zcs])h"), r"\1"), (re.compile("ng$"), "n"), (re.compile("^l(?=[aeiou])"), "n"))


class Spelling:
    """The collection's words by their sound."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words
        self._by_sound: dict[tuple[str, ...], str] = {}
        for word in sorted(words, key=lambda one: words[one]):  # the most frequent of a sound stays
            if len(word) in _LENGTHS and _HAN.fullmatch(word):
                self._by_sound[_sound(word)] = word

    def corrected(self, text: str, frequencies: Mapping[str, int]) -> str:
        """Return a text with words that no passage contains replaced by words of the collection that sound like them.

        `frequencies`: how many passages contain each of the text's tokens, of which pairs of characters count here.
        """
        fixed = text
        for run in _HAN.finditer(text):
            at = run.start()
            while at < run.end() - 1:
                words = (self._at(text[: run.end()], at, length, frequencies) for length in _LENGTHS)
                word = next((word for word in words if word), "")
                fixed = fixed[:at] + word + fixed[at + len(word) :]
                at += len(word) or 1
        return fixed

    def _at(self, text: str, at: int, length: int, frequencies: Mapping[str, int]) -> str:
        """Return the word for the characters at a place, "" if they are a word themselves or nothing sounds like them."""
        typed = text[at : at + length]
        pairs = [typed[n : n + 2] for n in range(len(typed) - 1)]
        if len(typed) < length or typed in self._words or all(frequencies.get(pair, 1) for pair in pairs):
            return ""
        word = self._by_sound.get(_sound(typed), "")
        return word if any(a == b for a, b in zip(word, typed, strict=False)) else ""


def sounds_in(word: str, text: str) -> bool:
    """Tell whether a word, one of its characters mistaken for another of the same sound, stands in a text.

    Of fewer than four characters too little is left to tell.
    """
    if len(word) < max(_LENGTHS):
        return False
    forms = (re.escape(word[:n]) + "([\u4e00-\u9fff])" + re.escape(word[n + 1 :]) for n in range(len(word)))
    return any(_sound(found[1]) == _sound(word[n]) for n, form in enumerate(forms) for found in re.finditer(form, text))


@cache
def _syllable(character: str) -> str:
    from pypinyin import lazy_pinyin

    sound: str = lazy_pinyin(character)[0]
    for pattern, alike in _ALIKE:
        sound = pattern.sub(alike, sound)
    return sound


def _sound(word: str) -> tuple[str, ...]:
    return tuple(_syllable(character) for character in word)
