"""The written questions that the encoder and the reader learn from, with the texts that they are about.

    python -m scripts.training.questions DATA

DATA holds `written` and `pool` (texts, and the questions of the first two briefs) and the sets that are measured with.
Those of the third and fourth brief are in questions/{written,asked}.jsonl.gz, each with the id of its text, where it stands
in it, and a hash; questions/tables.jsonl.gz has documents with tables, written for this, with questions about their cells;
questions/judged.jsonl.gz has searches in everyday words with their results, graded by reading them.
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

FOLDER = Path(__file__).with_name("questions")
MEASURED = ("topic_rural", "ncp", "rgb_zh", "crud_news")  # of the last only texts with titles
APART = 12
SEARCHES = ("everyday", "keys")  # kinds of questions for a text as a whole
KINDS = (*SEARCHES, "fact", "spoken", "more", "asked")  # kinds that a text answers
NEAR = "near"  # the kind of a question that its text seems to answer, but does not
_SENTENCE = 18  # characters from which a sentence is not a common one
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a text, of KINDS or NEAR, and where the text answers it, as offsets; none: not at all, or as a whole."""

    kind: str
    question: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what was asked of it."""

    title: str
    text: str
    asked: tuple[Asked, ...]

    def first(self, kind: str) -> Asked | None:
        """Return the first question of a kind."""
        return next((one for one in self.asked if one.kind == kind), None)


def written(data: Path) -> Iterator[Written]:
    """Yield all texts with their questions; a text that is not the one that was read is an error."""
    texts = {row["id"]: row for row in _rows(data / "written" / "texts.jsonl")}
    for row in _rows(data / "written" / "questions.jsonl"):
        text = texts[row["id"]]
        shift = len(text["title"]) + 1 if text["title"] else 0  # the answer is counted in title and text
        at = row.get("start", -1) - shift
        answers = {
            "answer": ((at, at + len(row.get("answer", ""))),),
            "spans": tuple((start - shift, end - shift) for start, end in row.get("spans", ())),
        }
        if "long" in row:
            row["more"] = row["long"]
        yield Written(text["title"], text["text"], _asked(row, answers))
    sources = {
        "pool": {row["_id"]: row for row in _rows(data / "pool" / "pool.jsonl.gz")},
        "briefs": {row["_id"]: row for row in _rows(data / "cctv_briefs" / "corpus.jsonl")},
        "written": texts,
    }
    for name in ("written", "asked", "tables"):
        for row in _rows(FOLDER / f"{name}.jsonl.gz"):
            title, text = (row["title"], row["text"]) if "text" in row else _read_text(row, sources[row["source"]][row["id"]])
            answers = {"answer": (tuple(row.get("answer", ())),), "spans": tuple(map(tuple, row.get("spans", ())))}
            more = (
                Asked("asked" if spans else NEAR, question, tuple(map(tuple, spans)))
                for question, spans in row.get("asked", ())
            )
            yield Written(title, text, (*_asked(row, answers), *more))


def _read_text(row: dict[str, Any], source: dict[str, Any]) -> tuple[str, str]:
    """Return the title and the text that a row asks about, from where it stands; raise ValueError if it is another."""
    text = source["text"][row["start"] : row["end"]]
    if digest(text) != row["sha256"]:
        raise ValueError(f"{row['id']} is not the text that was read")
    return source["text"][slice(*row["title_at"])] if "title_at" in row else source["title"], text


def _asked(row: dict[str, Any], answers: dict[str, tuple[Span, ...]]) -> tuple[Asked, ...]:
    """Return the questions of a row; a fact in spoken form has the fact's answer."""
    places = {"fact": "answer", "spoken": "answer", "more": "spans"}
    held = {name: tuple(span for span in spans if span and span[0] >= 0) for name, spans in answers.items()}  # not in the title
    return tuple(
        Asked(kind, row[kind], held.get(places.get(kind, ""), ())) for kind in (*SEARCHES, *places, NEAR) if kind in row
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A search, and passages that were found for it with their grades: 3 just this, 2 a precedent, 1 related, 0 not."""

    query: str
    grades: dict[str, int]  # by the `digest` of the passage with its context line


def judged() -> Iterator[Judged]:
    """Yield the searches whose first twelve results were judged by reading them."""
    for row in _rows(FOLDER / "judged.jsonl.gz"):
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
        print(f"{len(texts)} texts {name}: {dict(Counter(asked.kind for one in texts for asked in one.asked))}")


if __name__ == "__main__":
    main()
