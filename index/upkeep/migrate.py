"""Copy an index from one catalog into another, of a data folder or of a store, without encoding anything again."""

from __future__ import annotations

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
from index.store.words import Learned, learned_from, replace_words, words_of

_IN_ORDER = (  # an item is stored as a reprint of one that was stored before it
    "SELECT d.id, d.origin, d.checksum FROM documents d JOIN items ON document_id = d.id"
    " GROUP BY d.id, d.origin, d.checksum ORDER BY min(items.rowid)"
)
_CONTENT = (  # what has to be the same in both
    "SELECT id, checksum, folder_group, own_group FROM documents ORDER BY id",
    "SELECT id, checksum, coalesce(same_as, '') FROM items ORDER BY id",
    "SELECT item_id, start, checksum FROM passages ORDER BY item_id, start",
    f"SELECT {CORRECTED}, checksum FROM corrections ORDER BY number",
)


class MigrationFailed(IndexingError):
    """The copy is not the same as the original; the message is Chinese."""


def migrate(source: Catalog, target: Catalog, watch: Watch) -> dict[str, int]:
    """Make `target` hold what `source` holds and return its counts; one that was broken off goes on where it stopped.

    Raises Busy if somebody writes to either, MigrationFailed if the copy differs in the end.
    """
    model = source.state("model")
    if count_without_vectors(source, model):
        raise MigrationFailed("有的段落还没有向量：请先运行一次 jianbao sync")
    with source.writing(), target.writing():
        if target.state("model") != model:
            adopt(target, model)
        with source.connect() as db:
            rules, documents, learned = rules_of(db), db.execute(_IN_ORDER).fetchall(), learned_from(db)
        target.regroup(rules)
        there = _checksums(target)
        target.remove(there.keys() - {document_id for document_id, *_ in documents})
        for number, (document_id, origin, check) in enumerate(documents, 1):
            if there.get(document_id) != check:
                _copy(source, target, document_id, origin, model)
            watch(Progress(number, len(documents), 0, 0, 0.0, 0))
        for file, stamp in source.stamps().items():
            target.stamp(file, stamp)
        _copy_rest(source, target, learned)
        if _content(source) != _content(target):
            raise MigrationFailed("两边的内容不一样：请再运行一次；还不一样，请看 jianbao verify")
    return target.counts()


def _copy(source: Catalog, target: Catalog, document_id: str, origin: str, model: str) -> None:
    document = document_of(source, document_id)
    assert document
    stored = vectors_of(source, document.file, model)
    vectors = np.array([np.frombuffer(stored[text], "<f4") for text in embedded_texts(document)], np.float32)
    with source.connect() as db:
        as_read = db.execute("SELECT * FROM as_read WHERE document_id = ?", [document_id]).fetchall()

    def beside(db: WritableConnection) -> None:
        for row in as_read:
            db.execute("INSERT INTO as_read VALUES (?, ?, ?)", list(row))

    target.put(document, origin, model, vectors, beside)


def _copy_rest(source: Catalog, target: Catalog, learned: Learned | None) -> None:
    """Copy the corrections, the collection's words and the folder."""
    with source.connect() as db:
        corrections = db.execute(f"SELECT {CORRECTED}, checksum FROM corrections ORDER BY number").fetchall()
        words = words_of(db, learned.model) if learned else []
    with target.connect() as db, transaction(db):
        db.execute("DELETE FROM corrections")
        for row in corrections:
            db.execute(f"INSERT INTO corrections ({CORRECTED}, checksum) VALUES ({placeholders(row)})", list(row))
        if learned:
            replace_words(db, learned, words)
    target.remember("folder", source.state("folder"))


def _checksums(catalog: Catalog) -> dict[str, int]:
    with catalog.connect() as db:
        return dict(db.execute("SELECT id, checksum FROM documents").fetchall())


def _content(catalog: Catalog) -> list[list[tuple[object, ...]]]:
    with catalog.connect() as db:
        return [[tuple(row) for row in db.execute(statement).fetchall()] for statement in _CONTENT]
