"""Training examples of the cross-encoder: a question and one passage as tokens, and what it has to say of them.

Passages are cut as the product cuts them, with their context lines. Questions with an answer come from
scripts.training.questions, CMRC 2018 and DRCD. A passage that does not answer is another of the same text, one that the
encoder takes for near, the one nearest to a question of which the text says nothing ("near" misses), or the answering one
after the question's place, year, month or quoted name was exchanged for another; at times both are exchanged, and it still
answers. Before many context lines stands a day, as before those that the product reads (answer.subject.context_for).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
from opencc import OpenCC
from tokenizers import Tokenizer

from index.models.reader import paired
from ingest.extracted import CELL, Extracted, Paragraph
from ingest.facts.gazetteer import gazetteer
from ingest.facts.mentions import mentions_in
from ingest.formats.clean import clean_text
from ingest.read import structure
from scripts.training.questions import NEAR, SEARCHES, Span, Written

EXCHANGED = 0.5  # share of the questions with something to exchange
DATED = 0.6  # share of the texts that get a day
_WINDOW = 260  # characters of an encyclopaedia's passage
_SENTENCE = re.compile(r"[^。！？\n]+[。！？\n]*")
_TIMES = re.compile(r"(?<!\d)(?:(?:19|20)\d\d(?=年)|\d{1,2}(?=月))")
_QUOTED = re.compile(r"(?<=[“《])[\u4e00-\u9fff]{2,10}(?=[”》])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its context line before it, and where the answers to its text's questions stand in it."""

    text: str
    spans: dict[int, tuple[Span, ...]]  # question, counted from 0 → answers to it within the passage


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, a passage, and the answers to it; none: the passage does not answer."""

    question: str
    passage: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A reading as tokens."""

    ids: list[int]
    answers: bool
    start: int  # first and last token of the answer, 0 if there is none or several
    end: int
    within: list[int]  # tokens of all answers
    first: int  # the passage's first token


def passages_of(one: Written) -> list[Passage]:
    """Return a text's passages; none if its words were changed when it was read."""
    paragraphs = (
        Paragraph(clean, form="row" if CELL in clean else "") for line in one.text.splitlines() if (clean := clean_text(line))
    )
    document = structure(Extracted(tuple(paragraphs), clean_text(one.title)), "")
    here = [at for at, letter in enumerate(document.text) if not letter.isspace()]
    there = [at for at, letter in enumerate(one.text) if not letter.isspace()]
    shift = "".join(document.text.split()).find("".join(one.text.split()))
    if shift < 0:
        return []
    place = {at: here[shift + number] for number, at in enumerate(there)}
    found = []
    for passage in (passage for item in document.items for passage in item.passages):
        context = f"{passage.context}\n" if passage.context else ""
        spans = {}
        for number, asked in enumerate(one.asked):
            moved = [_moved(span, one.text, place) for span in asked.spans]
            held = [(a, b) for a, b in moved if passage.start <= a < b <= passage.end]
            spans[number] = tuple((a - passage.start + len(context), b - passage.start + len(context)) for a, b in held)
        found.append(Passage(context + document.text[passage.start : passage.end], spans))
    return found


def _moved(span: Span, text: str, place: dict[int, int]) -> Span:
    inside = [at for at in range(*span) if not text[at].isspace()]
    return (place[inside[0]], place[inside[-1]] + 1) if inside else (0, 0)


def own_readings(one: Written, passages: Sequence[Passage], chance: Random, names: Sequence[str]) -> Iterator[Reading]:
    """Yield what can be asked of a text, with passages of it that answer and that do not."""
    for number, asked in enumerate(one.asked):
        if asked.kind == NEAR and passages:
            nearest = [passage for passage in passages if any(passage.spans.values())] or passages
            yield Reading(asked.question, chance.choice(nearest).text, ())
        answering = [passage for passage in passages if passage.spans[number]]
        if asked.kind in SEARCHES or not answering:
            continue
        chosen = chance.choice(answering)
        yield Reading(asked.question, chosen.text, chosen.spans[number])
        said = {chosen.text[a:b] for a, b in chosen.spans[number]}
        others = [passage for passage in passages if not any(answer in passage.text for answer in said)]
        if others and asked.kind != "more":
            yield Reading(asked.question, chance.choice(others).text, ())
        if chance.random() < EXCHANGED:
            yield from exchanged(Reading(asked.question, chosen.text, chosen.spans[number]), chance, names)


def a_day(one: Written, chance: Random) -> str:
    """Return a day on which a text may have been written, by the years and months that it names; "" for some texts."""
    if chance.random() >= DATED:
        return ""
    words = "\n".join([one.text, *(asked.question for asked in one.asked)])
    numbers = sorted(int(found[0]) for found in _TIMES.finditer(words))
    years, months = [n for n in numbers if n > 1900], [n for n in numbers if 1 <= n <= 12]
    year = max(years, key=years.count) if years else chance.randint(2019, 2025)
    month = chance.choice(months) if months and chance.random() < 0.7 else chance.randint(1, 12)
    return f"{year}年{month}月{chance.randint(1, 28)}日"


def dated(reading: Reading, day: str) -> Reading:
    """Return a reading with a day before the context line."""
    if not day or day in reading.passage:
        return reading
    shift = len(day) + 1
    return replace(reading, passage=f"{day} {reading.passage}", spans=tuple((a + shift, b + shift) for a, b in reading.spans))


def exchanged(reading: Reading, chance: Random, names: Sequence[str]) -> Iterator[Reading]:
    """Yield a reading with a place, time or name of the question exchanged, or with it exchanged in both.

    Half of the time it is exchanged for another that the passage names, but not the sentence that answers.
    """
    question, passage = reading.question, reading.passage
    if chance.random() < 0.5 and (beside := list(_beside(reading))):
        old, new = chance.choice(beside)
        yield Reading(question.replace(old, new), passage, ())
        return
    choices = [(old, new) for old, new in _exchanges(question, chance, names) if old in passage and new not in passage]
    if not choices:
        return
    old, new = chance.choice(choices)
    if chance.random() < 0.5:
        yield Reading(question.replace(old, new), passage, ())
    elif not any(old in passage[a:b] for a, b in reading.spans):
        spans = tuple((_after(passage, a, old, new), _after(passage, b, old, new)) for a, b in reading.spans)
        both = chance.random() < 0.5
        yield Reading(question.replace(old, new) if both else question, passage.replace(old, new), spans if both else ())


def _beside(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield names of the question with such as the passage, but not the answering sentences name in their place."""
    sentences = [found.span() for found in _SENTENCE.finditer(reading.passage)]
    parts = {True: "", False: ""}  # of the passage: whether they answer
    for start, end in sentences:
        parts[any(start < b and a < end for a, b in reading.spans)] += reading.passage[start:end]
    for kind, old in named(reading.question):
        for other, new in named(parts[False]):
            if kind == other and new not in parts[True] and new not in reading.question and old not in new:
                yield old, new


def named(text: str) -> Iterator[tuple[str, str]]:
    """Yield the places, times and quoted names of a text, each with its kind."""
    for mention in mentions_in(text):
        yield f"place {min(place.level for place in mention.places)}", text[mention.start : mention.end]
    for found in _TIMES.finditer(text):
        yield "year" if len(found[0]) == 4 else "month", found[0]
    for found in _QUOTED.finditer(text):
        yield "name", found[0]


def _after(text: str, at: int, old: str, new: str) -> int:
    """Return where a place of a text is after an exchange."""
    return at + text[:at].count(old) * (len(new) - len(old))


def _exchanges(question: str, chance: Random, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for mention in mentions_in(question):
        name, place = question[mention.start : mention.end], min(mention.places, key=lambda one: one.level)
        ending = name[-1] if name in gazetteer().formal else ""
        near = _names().get((ending, place.level, place.province), [])
        yield name, chance.choice(near if len(near) > 1 and chance.random() < 0.7 else _names()[ending, place.level, ""])
    for found in _TIMES.finditer(question):
        number = int(found[0])
        other = number + chance.choice((-3, -2, -1, 1, 2, 3))
        yield found[0], str(other if number > 1900 else (other - 1) % 12 + 1)
    for found in _QUOTED.finditer(question):
        yield found[0], chance.choice(names)


@cache
def _names() -> dict[tuple[str, int, str], list[str]]:
    """Return names of places by their last character ("" for short names), level and province ("" for all)."""
    found: defaultdict[tuple[str, int, str], list[str]] = defaultdict(list)
    for names, short in ((gazetteer().formal, False), (gazetteer().short, True)):
        for name, (place, *_) in names.items():
            for province in (place.province, ""):
                found["" if short else name[-1], place.level, province].append(name)
    return dict(found)


def quoted(texts: Sequence[Written]) -> list[str]:
    """Return names in quotation marks, in any of the texts."""
    return sorted({name for one in texts for name in _QUOTED.findall(one.text)})


def encyclopaedia(folder: Path, most: int, chance: Random) -> Iterator[Reading]:
    """Yield questions of CMRC 2018 and DRCD, the latter in simplified characters, with a window that answers or does not."""
    simplify = OpenCC("t2s").convert
    asked = []
    for name in ("cmrc2018", "drcd"):
        as_is = name != "drcd"
        contexts = {}
        for line in (folder / f"{name}.contexts.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            contexts[row["context_id"]] = row["text"] if as_is else "".join(map(simplify, row["text"]))
        for line in (folder / f"{name}.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            question = row["question"] if as_is else "".join(map(simplify, row["question"]))
            asked.append((question, contexts[row["context_id"]], row["start"], row["start"] + len(row["answer"])))
    chance.shuffle(asked)
    for question, text, start, end in asked[:most]:
        windows = list(_windows(text))
        answering = [(a, b) for a, b in windows if a <= start and end <= b]
        others = [(a, b) for a, b in windows if text[start:end] not in text[a:b]]
        if answering:
            a, b = chance.choice(answering)
            yield Reading(question, text[a:b], ((start - a, end - a),))
        if others and chance.random() < 0.4:
            a, b = chance.choice(others)
            yield Reading(question, text[a:b], ())


def _windows(text: str) -> Iterator[Span]:
    """Yield whole sentences, as many as fit into a window, from every third on."""
    sentences = [found.span() for found in _SENTENCE.finditer(text)]
    for number in range(0, len(sentences), 3):
        ends = [end for _, end in sentences[number:] if end - sentences[number][0] <= _WINDOW]
        yield sentences[number][0], max(ends, default=sentences[number][1])


def encoded(reading: Reading, tokenizer: Tokenizer) -> Example:
    """Return a reading as tokens."""
    passage = tokenizer.encode(reading.passage)
    ids, head = paired(tokenizer.encode(reading.question), passage)
    offsets = np.array(passage.offsets[1:-1][: len(ids) - head - 1])
    within: list[int] = []
    ends: list[Span] = []
    for start, end in reading.spans:
        hit = np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start)) + head if len(offsets) else []
        if len(hit):
            within += hit.tolist()
            ends.append((int(hit[0]), int(hit[-1])))
    first, last = ends[0] if len(ends) == 1 else (0, 0)
    return Example(ids, bool(ends), first, last, within, head)
