"""Features of a sentence as an answer: how much of the question it contains, where it stands, whether it has what is asked for.

The IDF of tokens mixes the collection's counts with those of ordinary text, because in a small collection every word is rare.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from answer.question import Question
from answer.sentences import Sentence
from answer.weights import Columns
from index.arrays import Floats
from index.store.records import StoredPassage, embedded_text
from index.text.phrases import phrase_share
from index.text.query import Query
from index.text.rarity import idf
from index.text.words import fold, tokens

BACKGROUND = Path(__file__).with_name("background.npz")  # made by scripts/training/count_background.py
# Ordinary text counts as much as a collection of this many passages.
_BACKGROUND_PASSAGES = 2000
# Weight of a pair of characters that lies across two words. AUC of a passage's share of the IDF on `ncp`: with 1 0.903, with
# 0.3 0.911, with 0 0.893.
_ACROSS = 0.3
_NEGLIGIBLE = 0.05  # share of a question's IDF
_TOGETHER = 3  # first passages, whose texts together may contain all of a question
FEATURES = (
    "cover", "cover_before", "cover_after", "passage_cover", "phrase", "score_gap", "first_passage", "has_sought",
    "length", "opens", "announced", "heading", "asks", "measure", "rank", "focus", "cover_with_title", "focus_before",
    "short_before", "cover_before_of_measures", "modal",
    "has_unit",
)  # fmt: skip
_ANNOUNCES = re.compile(r"如下|以下|包括|[：:]$")
_MEASURE = re.compile(
    r"^[“]?(?:[一二三四五六七八九十]{1,2}是|[（(]?[一二三四五六七八九十]{1,2}[)）、]|第[一二三四五六七八九十][，、]|\d{1,2}[.、．]|要|应)"
)
_COUNTED = r"[\d百千万亿十][余多]?[万亿]?[余多]?(?:个)?{}"  # a number with the unit that is asked for
_MODAL = re.compile("[应要可须将对]")
_SHORT = 40  # characters; a shorter sentence may be the heading of the next
_TITLE = 10  # leading characters by which a title is recognised in its passage
_ENDS = "。！？!?；;”"
_FORMS = {  # what a sentence needs to answer a question of this kind
    "quantity": re.compile(r"\d|[一二两三四五六七八九十百千万亿]+[余多]?[个家名人次年天岁元户项座所倍批条场万亿吨亩]|百分之"),
    "time": re.compile(r"\d+[年月日号时点:：]|[一二三四五六七八九十]+[年月日天]|[今去明前昨]年|上午|下午|期间"),
    "place": re.compile(r"[省市县区镇乡村州岛路街港湾]|[一-龥]{2}[国洲]"),
}


@cache
def _background() -> dict[str, float]:
    with np.load(BACKGROUND) as stored:
        return dict(zip(str(stored["tokens"]).split("\n"), stored["rates"].astype(float).tolist(), strict=True))


def token_idf(query: Query, held: Mapping[str, int], passages: int) -> dict[str, float]:
    """Return the IDF of each token of a query; `held` gives how many of the `passages` contain it.

    A pair of characters across two words counts less: it is rare by chance.
    """
    total = passages + _BACKGROUND_PASSAGES
    within = _within_words(query.folded)
    weighted = {}
    for token, count in held.items():
        expected = min(count, passages) + _BACKGROUND_PASSAGES * _background().get(token, 0.0)
        weighted[token] = idf(expected, total) * (1.0 if token in within else _ACROSS)
    return weighted


def _within_words(folded: str) -> set[str]:
    """Return the tokens within one word, or within a run of one-character words, which is how names are cut."""
    import rjieba

    parts, lone = [], ""
    for word in [*rjieba.cut(folded), "\n"]:
        if len(word) == 1 and word.isalpha():
            lone += word
            continue
        parts += [lone, word]
        lone = ""
    return {token for part in parts for token in tokens(part)}


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of a question's IDF each text contains, 0 to 1."""

    sentences: Floats  # (sentences,)
    with_title: Floats  # (sentences,): each together with the titles above it
    focus: Floats  # (sentences,): share of the IDF of those tokens that the titles above do not contain
    passages: Floats  # (passages,)
    together: float  # of the texts of the first few passages together


def share(idf: Mapping[str, float], text: str) -> float:
    """Return how much of a question's IDF a text contains, 0 to 1."""
    return _idf_share(idf, _tokens_in(idf, text))


def overlap(idf: Mapping[str, float], sentences: Sequence[Sentence], passages: Sequence[StoredPassage]) -> Overlap:
    """Compare a question's tokens with the sentences, and with the passages including their context lines."""
    in_passages = [_tokens_in(idf, embedded_text(stored.passage.context, stored.text)) for stored in passages]
    titles = [_tokens_in(idf, _titles(stored)) for stored in passages]
    outside_titles = [_outside_title(idf, title) for title in titles]
    shares = []
    for sentence in sentences:
        own, title = _tokens_in(idf, sentence.text), titles[sentence.passage]
        shares.append((_idf_share(idf, own), _idf_share(idf, own | title), _idf_share(outside_titles[sentence.passage], own)))
    alone, with_title, focus = np.array(shares, np.float32).reshape(-1, 3).T
    per_passage = np.array([_idf_share(idf, present) for present in in_passages], np.float32)
    return Overlap(alone, with_title, focus, per_passage, _idf_share(idf, set().union(*in_passages[:_TOGETHER])))


def _tokens_in(idf: Mapping[str, float], text: str) -> set[str]:
    return idf.keys() & tokens(fold(text))


def _idf_share(idf: Mapping[str, float], present: set[str]) -> float:
    return sum(idf.get(token, 0.0) for token in present) / (sum(idf.values()) or 1.0)


def _titles(stored: StoredPassage) -> str:
    """Return the lines above a passage; "" if its text contains the beginning of its document's title."""
    title = fold(stored.document.title)[:_TITLE]
    if title and title in fold(stored.text):
        return ""
    return f"{stored.passage.context}\n{stored.document.title}\n{stored.item.title}"


def _outside_title(idf: Mapping[str, float], title: set[str]) -> dict[str, float]:
    """Return the tokens that a title does not contain, none if their share of the IDF is negligible."""
    rest = {token: value for token, value in idf.items() if token not in title}
    return rest if sum(rest.values()) > _NEGLIGIBLE * sum(idf.values()) else {}


def features(question: Question, sentences: Sequence[Sentence], scores: Sequence[float], shares: Overlap) -> Columns:
    """Return the FEATURES of the sentences; `scores` are the fused scores of the passages."""
    phrases = phrase_share(question.topic, [fold(sentence.text) for sentence in sentences])
    pattern = _FORMS.get(question.sought)
    counted = re.compile(_COUNTED.format(re.escape(question.unit[:1]))) if question.unit else None
    open_ended = question.sought in ("measures", "other")
    rows = []
    for number, sentence in enumerate(sentences):
        before = number - 1 if number and sentences[number - 1].passage == sentence.passage else None
        after = number + 1 if number + 1 < len(sentences) and sentences[number + 1].passage == sentence.passage else None
        cover_before = 0.0 if before is None else shares.sentences[before]
        rows.append(
            {
                "cover": shares.sentences[number],
                "cover_before": cover_before,
                "cover_after": 0.0 if after is None else shares.sentences[after],
                "passage_cover": shares.passages[sentence.passage],
                "phrase": phrases[number],
                "score_gap": (scores[sentence.passage] - scores[0]) / 10,
                "first_passage": sentence.passage == 0,
                "has_sought": pattern is not None and bool(pattern.search(sentence.text)),
                "length": math.log(len(sentence.text)),
                "opens": before is None,
                "announced": before is not None and bool(_ANNOUNCES.search(sentences[before].text[-12:])),
                "heading": sentence.text[-1] not in _ENDS and len(sentence.text) < 30,
                "asks": sentence.text[-1] in "？?",
                "measure": question.sought == "measures" and bool(_MEASURE.match(sentence.text)),
                "rank": math.log(1 + sentence.passage),
                "focus": shares.focus[number],
                "cover_with_title": shares.with_title[number],
                "focus_before": 0.0 if before is None else shares.focus[before],
                "short_before": cover_before if before is not None and len(sentences[before].text) < _SHORT else 0.0,
                "cover_before_of_measures": cover_before if open_ended else 0.0,
                "modal": open_ended and bool(_MODAL.search(sentence.text)),
                "has_unit": counted is not None and bool(counted.search(sentence.text)),
            }
        )
    return {name: np.array([row[name] for row in rows], np.float32) for name in FEATURES}
