"""Make catalogs of any size from real passages, so that clusters, words and their frequencies stay realistic.

Each synthetic passage mixes a real one with one of its ten nearest neighbours: its vector lies on the line between theirs, with
noise in proportion to their distance; its sentences are taken from both in turn. Four passages make an item, five items a
document. The first document gets vectors from the real encoder, since an index checks that its encoder agrees with stored ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Vectors
from index.evaluate import corpus_catalog, read_lines
from index.models.encoder import Encoder
from index.progress import silent
from index.store.catalog import Catalog
from index.store.embeddings import adopt, changes_after
from index.store.records import embedded_text
from index.sync.vocabulary import learn
from ingest.document import Document, Item, Passage, Region
from ingest.facts.figure_context import with_context
from ingest.facts.figures import find_figures
from ingest.facts.gazetteer import gazetteer

_PASSAGES, _ITEMS = 4, 5  # per item, per document
_NOISE = 0.7  # share of the distance; it makes the tenth neighbour of a query about as close as among real passages
_COUNTIES = [f"浙江省{city}市{letter}县" for city in "甲乙丙丁戊己庚辛壬癸" for letter in "一二三四五六七八九"]
HIDDEN = "内部"  # access group of a third of the documents
_KINDS = ("bulletin", "news", "other")


def real_passages(folders: list[Path], data: Path, encoder: Encoder) -> tuple[list[str], Vectors]:
    """Return passages of BEIR folders with their vectors, `(n, d)`; what is encoded is kept below `data`."""
    texts: list[str] = []
    rows: list[bytes] = []
    for folder in folders:
        catalog = corpus_catalog(folder, data, read_lines(folder / "corpus.jsonl"), encoder, silent)
        with catalog.reading() as db:
            changes = changes_after(db, "", 0)
            known = dict(changes.vectors)
            for number, _, text in changes.texts:
                if number in known:
                    texts.append(text)
                    rows.append(known[number])
    return texts, np.stack([np.frombuffer(row, "<f4") for row in rows])


def fill(catalog: Catalog, passages: int, texts: list[str], vectors: Vectors, encoder: Encoder, facts: bool = False) -> None:
    """Put so many made passages into an empty catalog; with `facts` items have three real counties and their figures."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    near = index.search(vectors, 11)[1][:, 1:]
    chance = np.random.default_rng(1)
    adopt(catalog, encoder.fingerprint)
    each = _PASSAGES * _ITEMS
    for number in range(passages // each):
        first = chance.integers(len(texts), size=each)
        second = near[first, chance.integers(near.shape[1], size=each)]
        between = vectors[first] + chance.random((each, 1), np.float32) * (vectors[second] - vectors[first])
        apart = np.linalg.norm(vectors[second] - vectors[first], axis=1, keepdims=True)
        between += chance.standard_normal(between.shape, np.float32) * apart * (_NOISE / np.sqrt(vectors.shape[1]))
        between /= np.linalg.norm(between, axis=1, keepdims=True)
        document = _document(number, [_mixed(texts[a], texts[b]) for a, b in zip(first, second, strict=True)], chance, facts)
        if number == 0:
            spans = [(p.context, document.text[p.start : p.end]) for item in document.items for p in item.passages]
            between = encoder.passages([embedded_text(*span) for span in spans])
        catalog.put(document, document.file, encoder.fingerprint, between.astype(np.float32))
    learn(catalog, encoder.fingerprint, lambda words: list(encoder.passages(words)))


def _mixed(one: str, other: str) -> str:
    pairs = zip_longest(_sentences(one)[::2], _sentences(other)[1::2], fillvalue="")
    return "".join(sentence for pair in pairs for sentence in pair) or one


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^。！？\n]*[。！？\n]?", text)[:-1]


def _document(number: int, texts: list[str], chance: np.random.Generator, facts: bool) -> Document:
    day = f"{2005 + number % 20}-{chance.integers(1, 13):02}-{chance.integers(1, 29):02}"
    items = tuple(_items(texts, chance, facts))
    kind = _KINDS[min(2, int(chance.exponential(0.7)))]
    document = Document(
        file=f"{number // 1000:03}/{number:06}.txt",
        kind=kind,
        title=f"第{number}期",
        text="".join(texts),
        date=day,
        items=items,
        group="" if number % 3 else HIDDEN,
    )
    return replace(document, items=tuple(_with_figures(document, item) for item in items)) if facts else document


def _with_figures(document: Document, item: Item) -> Item:
    found = tuple(find_figures(document.text, item.start, item.end))
    return replace(item, figures=with_context(document, item, found, item.regions))


def _items(texts: list[str], chance: np.random.Generator, facts: bool) -> Iterator[Item]:
    end = 0
    for start in range(0, len(texts), _PASSAGES):
        passages, county = [], _COUNTIES[min(len(_COUNTIES) - 1, int(chance.exponential(15)))]
        begin = end
        for text in texts[start : start + _PASSAGES]:
            passages.append(Passage(end, end + len(text), context=texts[start][:20]))
            end += len(text)
        named = chance.choice(_real_counties(), 3, replace=False) if facts else [county]
        places = tuple(Region(str(name), begin, begin + 1) for name in named)
        yield Item(texts[start][:20], begin, end, "市县交流", (county[-4:],), regions=places, passages=tuple(passages))


@cache
def _real_counties() -> list[str]:
    return sorted({place.name for places in gazetteer().formal.values() for place in places if place.level == 3})
