"""Copy an index from one catalog into another, of a data folder or of a store, without encoding anything again."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from index.errors import IndexingError
from index.progress import Progress, Watch
from index.store.catalog import Catalog
from index.store.connections import placeholders, transaction
from index.store.documents import document_of
from index.store.embeddings import adopt, count_without_vectors, vectors_of
from index.store.groups import rules_of
from index.store.handle import WritableConnection
from index.store.records import CORRECTED, embedded_texts
from index.store.words import learned_from, replace_words, words_of

_IN_ORDER = (
    "SELECT d.id, d.origin FROM documents d LEFT JOIN items ON document_id = d.id"
    " GROUP BY d.id, d.origin ORDER BY min(items.rowid), d.id"
)
_OF_DOCUMENTS = (  # what has to be the same in both: a document's id, then values
    "SELECT id, checksum, folder_group, own_group FROM documents ORDER BY id",
    "SELECT document_id, items.id, checksum, coalesce(same_as, '') FROM items ORDER BY items.id",
    "SELECT document_id, item_id, start, p.checksum FROM passages p JOIN items ON items.id = item_id ORDER BY item_id, start",
    "SELECT document_id, hash, item_id FROM sketches JOIN items ON items.id = item_id ORDER BY hash, item_id",
    "SELECT document_id, checksum FROM as_read ORDER BY document_id",
)
_CORRECTIONS = f"SELECT number, {CORRECTED}, checksum FROM corrections ORDER BY number"


class MigrationFailed(IndexingError):
    """The copy is not the same as the original, or there is nothing to copy yet; the message is Chinese."""


def migrate(source: Catalog, target: Catalog, watch: Watch) -> dict[str, int]:
    """Make `target` hold what `source` holds and return its counts; one that was broken off goes on where it stopped.

    Raises Busy if somebody writes to either, MigrationFailed if the copy differs in the end.
    """
    model = source.state("model")
    with source.writing(), target.writing():
        if count_without_vectors(source, model):
            raise MigrationFailed("有的段落还没有向量：请先运行一次 jianbao sync")
        with source.connect() as db:
            rules, documents = rules_of(db), db.execute(_IN_ORDER).fetchall()
        target.regroup(rules)
        there = _content(target)
        if target.state("model") != model:
            adopt(target, model)
            there = dict.fromkeys(there, ())  # their vectors are gone
        here = _content(source)
        target.remove(there.keys() - here.keys())
        for number, (document_id, origin) in enumerate(documents, 1):
            if there.get(document_id) != here[document_id]:
                _copy(source, target, document_id, origin, model)
            watch(Progress(number, len(documents), 0, 0, 0.0, 0))
        _copy_rest(source, target)
        same = _content(target) == here and _rows(target, _CORRECTIONS) == _rows(source, _CORRECTIONS)
        if not same or target.stamps() != source.stamps() or count_without_vectors(target, model):
            raise MigrationFailed("搬过去的和原来的不一样：请再运行一次；还不一样，请把目标清空再搬，原来的没有动")
    return target.counts()


def _copy(source: Catalog, target: Catalog, document_id: str, origin: str, model: str) -> None:
    """Store a document with its vectors; its rows are then made those of the source, to the letter."""
    document = document_of(source, document_id)
    assert document
    stored = vectors_of(source, document.file, model)
    vectors = np.array([np.frombuffer(stored[text], "<f4") for text in embedded_texts(document)], np.float32)
    record = _rows(source, "SELECT record, checksum, id FROM documents WHERE id = ?", document_id)
    items = _rows(source, "SELECT record, checksum, same_as, id FROM items WHERE document_id = ?", document_id)
    sketches = _rows(
        source, "SELECT hash, item_id FROM sketches JOIN items ON items.id = item_id WHERE document_id = ?", document_id
    )
    as_read = _rows(source, "SELECT document_id, record, checksum FROM as_read WHERE document_id = ?", document_id)

    def beside(db: WritableConnection) -> None:
        db.executemany("UPDATE documents SET record = ?, checksum = ? WHERE id = ?", record)
        db.executemany("UPDATE items SET record = ?, checksum = ?, same_as = ? WHERE id = ?", items)
        db.executemany("DELETE FROM sketches WHERE item_id = ?", [[row[-1]] for row in items])
        db.executemany("INSERT INTO sketches VALUES (?, ?)", sketches)
        db.executemany("INSERT INTO as_read VALUES (?, ?, ?)", as_read)

    target.put(document, origin, model, vectors, beside)


def _copy_rest(source: Catalog, target: Catalog) -> None:
    """Copy the files' stamps, the corrections, the collection's words and the folder."""
    stamps = source.stamps()
    for file in target.stamps().keys() - stamps.keys():
        target.forget(file)
    for file, stamp in stamps.items():
        target.stamp(file, stamp)
    corrections = _rows(source, _CORRECTIONS)
    with source.connect() as db:
        learned = learned_from(db)
        words = words_of(db, learned.model) if learned else []
    with target.connect() as db, transaction(db):
        db.execute("DELETE FROM corrections")
        for row in corrections:
            db.execute(f"INSERT INTO corrections (number, {CORRECTED}, checksum) VALUES ({placeholders(row)})", row)
        if learned:
            replace_words(db, learned, words)
    target.remember("folder", source.state("folder"))


def _content(catalog: Catalog) -> dict[str, Any]:
    """Return for each document what has to be the same in both."""
    found: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    for number, statement in enumerate(_OF_DOCUMENTS):
        for document_id, *values in _rows(catalog, statement):
            found[document_id].append((number, *values))
    return dict(found)


def _rows(catalog: Catalog, statement: str, *parameters: str) -> list[tuple[Any, ...]]:
    with catalog.connect() as db:
        return [tuple(row) for row in db.execute(statement, parameters).fetchall()]
