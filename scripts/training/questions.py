"""The written questions that the encoder and the reader learn from, with the texts that they are about.

    python -m scripts.training.questions DATA

DATA holds `written` and `pool` (texts, and the questions of the first two briefs) and the sets that are measured with.
Those of the third brief are in questions/written.jsonl.gz, each with the id of its text, where it stands in it, and a hash;
questions/judged.jsonl.gz has 800 searches in everyday words with twelve results each, graded by reading them.
Prints how many questions there are of each kind, and how many texts were left out because they are measured with.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE, JUDGED = (Path(__file__).with_name("questions") / f"{name}.jsonl.gz" for name in ("written", "judged"))
MEASURED = ("topic_rural", "ncp", "rgb_zh", "crud_news")  # of the last only texts with titles
APART = 12
KINDS = ("everyday", "fact", "keys", "spoken", "more")
_PASSAGE = 260  # characters of a text around an answer
_OPENING = 320  # characters of a text that a search is for
_SENTENCE = 18  # characters from which a sentence is not a common one
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what was asked of it; spans are offsets in `text`."""

    title: str
    text: str
    asked: dict[str, str]  # kind → question; "near" is one that the text does not answer
    spans: dict[str, tuple[Span, ...]]  # kind → where it is answered


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage that it is for."""

    kind: str
    query: str
    passage: str


def written(data: Path) -> Iterator[Written]:
    """Yield all texts with their questions; a text that is not the one that was read is an error."""
    texts = {row["id"]: row for row in _rows(data / "written" / "texts.jsonl")}
    for row in _rows(data / "written" / "questions.jsonl"):
        text = texts[row["id"]]
        shift = len(text["title"]) + 1 if text["title"] else 0  # the answer is counted in title and text
        spans = {}
        if "start" in row:
            spans["fact"] = ((row["start"] - shift, row["start"] - shift + len(row["answer"])),)
        if "spans" in row:
            spans["more"] = tuple((start - shift, end - shift) for start, end in row["spans"])
        asked = {"more" if kind == "long" else kind: row[kind] for kind in (*KINDS, "near", "long") if kind in row}
        yield Written(text["title"], text["text"], asked, spans)
    sources = {
        "pool": {row["_id"]: row for row in _rows(data / "pool" / "pool.jsonl.gz")},
        "briefs": {row["_id"]: row for row in _rows(data / "cctv_briefs" / "corpus.jsonl")},
    }
    for row in _rows(FILE):
        source = sources[row["source"]][row["id"]]
        text = source["text"][row["start"] : row["end"]]
        if digest(text) != row["sha256"]:
            raise ValueError(f"{row['id']} is not the text that was read")
        title = source["text"][slice(*row["title_at"])] if "title_at" in row else source["title"]
        spans = {"fact": (tuple(row["answer"]),), "more": tuple(map(tuple, row.get("spans", ())))}
        yield Written(title, text, {kind: row[kind] for kind in (*KINDS, "near") if kind in row}, spans)


@dataclass(frozen=True, slots=True)
class Judged:
    """A search, and passages that were found for it with their grades: 3 just this, 2 a precedent, 1 related, 0 not."""

    query: str
    grades: dict[str, int]  # by the `digest` of the passage with its context line


def judged() -> Iterator[Judged]:
    """Yield the searches whose first twelve results were judged by reading them."""
    for row in _rows(JUDGED):
        yield Judged(row["query"], {passage: grade for _, passage, grade in row["results"]})


def digest(text: str) -> str:
    """Return what a text is known by: the first 12 digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def unmeasured(data: Path) -> tuple[list[Written], list[Written], int]:
    """Return the texts of which no sentence is measured with: to learn from, and apart; and how many were left out.

    Nothing is trained on those apart (one in APART): weights are chosen and checked on them.
    """
    measured = _measured(data)
    everything = list(written(data))
    kept = [one for one in everything if measured.isdisjoint(_sentences(one.text))]
    apart = {one.text for one in kept if zlib.crc32(one.text.encode()) % APART == 0}
    learned = [one for one in kept if one.text not in apart]
    return learned, [one for one in kept if one.text in apart], len(everything) - len(kept)


def pairs(texts: list[Written]) -> Iterator[Pair]:
    """Yield each question with its passage: the answer's surroundings, or the opening of the text."""
    for one in texts:
        for kind in KINDS:
            if query := one.asked.get(kind):
                spans = one.spans.get("fact" if kind == "spoken" else kind, ())
                passage = around(one.text, spans[0]) if spans and spans[0][0] >= 0 else one.text[:_OPENING]
                yield Pair(kind, query, f"{one.title}\n{passage}".strip())


def around(text: str, span: Span) -> str:
    """Return whole sentences around a span."""
    begin, end = max(0, span[0] - _PASSAGE // 2), span[1] + _PASSAGE // 2
    first = max(text.rfind(mark, 0, begin) + 1 for mark in "。\n") if begin else 0
    last = text.find("。", span[1], end)
    return text[first : last + 1 if last >= 0 else end].strip()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _sentences(text: str) -> set[str]:
    parts = (re.sub(r"\s", "", part) for part in re.split(r"[。！？；\n]", text))
    return {part for part in parts if len(part) >= _SENTENCE}


def _measured(data: Path) -> set[str]:
    return {
        sentence
        for name in MEASURED
        for row in _rows(data / name / "corpus.jsonl")
        if row.get("title") or name != "crud_news"
        for sentence in _sentences(row["text"])
    }


def main() -> None:
    """Count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    learned, apart, left_out = unmeasured(parser.parse_args().data)
    print(f"{left_out} texts left out because they are measured with")
    for name, texts in {"to learn from": learned, "apart": apart}.items():
        kinds = Counter(pair.kind for pair in pairs(texts)) | {"near": sum("near" in one.asked for one in texts)}
        print(f"{len(texts)} texts {name}: {dict(kinds)}")


if __name__ == "__main__":
    main()
