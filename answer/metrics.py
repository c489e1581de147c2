"""Metrics of answers: how near a quote comes to the right answer, and how well probabilities separate two kinds of question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.text.words import fold

_NO_WORD = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Return text in the form in which answers are compared: folded, without spaces and punctuation."""
    return _NO_WORD.sub("", fold(text))


def answer_spans(text: str, answer: str) -> list[tuple[int, int]]:
    """Return the spans of `text` at which an answer stands, ignoring spaces and punctuation."""
    places = [(place, folded) for place, character in enumerate(text) for folded in bare(character)]
    whole, sought = "".join(folded for _, folded in places), bare(answer)
    if not sought:
        return []
    starts = [found.start() for found in re.finditer(f"(?={re.escape(sought)})", whole)]
    return [(places[start][0], places[start + len(sought) - 1][0] + 1) for start in starts]


def char_f1(given: str, answer: str) -> float:
    """Return the harmonic mean of precision and recall over characters, as CMRC 2018 and DuReader count it."""
    given, answer = bare(given), bare(answer)
    common = sum((Counter(given) & Counter(answer)).values())
    return 2 * common / (len(given) + len(answer)) if common else 0.0


def rouge_l(given: str, answer: str) -> float:
    """Return the F-measure of the longest common subsequence of characters (Lin 2004, beta 1)."""
    given, answer = bare(given), bare(answer)
    row = [0] * (len(answer) + 1)
    for character in given:
        before = 0
        for place, other in enumerate(answer, 1):
            kept, row[place] = row[place], before + 1 if character == other else max(row[place], row[place - 1])
            before = kept
    return 2 * row[-1] / (len(given) + len(answer)) if row[-1] else 0.0


def auc(found: Sequence[float], not_found: Sequence[float]) -> float:
    """Return the AUC: the share of pairs in which the question with an answer has the higher probability; ties count half."""
    ranked = sorted([(value, True) for value in found] + [(value, False) for value in not_found])
    wins = below = 0.0
    at = 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        yes = sum(answered for _, answered in ranked[at:end])
        wins += yes * (below + (end - at - yes) / 2)
        below += end - at - yes
        at = end
    return wins / (len(found) * len(not_found))
