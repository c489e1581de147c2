"""Write documents with their vectors into the catalog: batches for the encoder, one transaction for each document."""

from __future__ import annotations

import time

import numpy as np

from index.arrays import Vectors
from index.errors import ModelUnavailable, TextRefused
from index.models.encoder import Encoder
from index.models.query_batches import vectors_or_refusals
from index.progress import Progress, Watch
from index.store.catalog import Beside, Catalog, nothing
from index.store.embeddings import (
    add_vectors,
    adopt,
    count_without_vectors,
    encoded_sample,
    length_of_vectors,
    vectors_of,
    without_vectors,
)
from index.store.records import Stamp, embedded_texts
from index.sync.vocabulary import learn
from ingest.document import Document

_BATCH = 128  # passages encoded at a time: a few seconds of work, so that progress moves and a stop loses little


class Writer:
    """Collects documents until a batch of passages is full, encodes those without a vector, stores each document."""

    def __init__(self, catalog: Catalog, encoder: Encoder, total: int, watch: Watch) -> None:
        self.catalog = catalog
        self._encoder, self._total, self._watch = encoder, total, watch
        self._pending: list[tuple[Document, str, Beside]] = []
        self._ended: list[tuple[str, Stamp, set[str]]] = []
        self._ids: dict[str, set[str]] = {}
        self._seconds = 0.0
        self._refused: dict[str, str] = {}  # texts that the encoder has no vector for, and why
        self.warnings: list[dict[str, str]] = []
        self._waiting = self._encoded = self._left = self._files = self._pages = 0
        if not catalog.counts()["passages"] and catalog.state("model") != encoder.fingerprint:
            adopt(catalog, encoder.fingerprint)  # nothing to keep serving: serve this model's vectors as they come

    def count(self, files: int = 0, pages: int = 0) -> None:
        """Report that more files or pages are done."""
        self._files += files
        self._pages += pages
        self._watch(Progress(self._files, self._total, self._pages, self._encoded, self._seconds, self._left))

    def put(self, document: Document, origin: str, beside: Beside = nothing) -> None:
        """Add a document read from a file to the batch, and what is written with it; all are stored when the batch is full."""
        self.keep(document.id, origin)
        self._pending.append((document, origin, beside))
        self._waiting += sum(len(item.passages) for item in document.items)
        if self._waiting >= _BATCH:
            self.flush()

    def keep(self, document_id: str, origin: str) -> None:
        """Keep a document of a file that is already stored just as it was read."""
        self._ids.setdefault(origin, set()).add(document_id)

    def close(self, origin: str, stamp: Stamp) -> bool:
        """End a file: once its documents are stored, remove those it no longer contains; return whether there are any."""
        ids = self._ids.pop(origin, set())
        fewer = bool(self.catalog.documents_of(origin) - ids)
        self._ended.append((origin, stamp, ids))
        if not self._pending:
            self.flush()
        return fewer

    def flush(self) -> None:
        """Encode and store the pending documents: one transaction for each."""
        texts = [embedded_texts(document) for document, _, _ in self._pending]
        model = self._encoder.fingerprint
        stored: dict[str, bytes] = {}
        for document, _, _ in self._pending:
            stored |= vectors_of(self.catalog, document.file, model)
        new = list(dict.fromkeys(text for passages in texts for text in passages if text not in stored))
        vectors = dict(zip(new, self._encode(new), strict=True))
        vectors |= {text: np.frombuffer(vector, "<f4") for text, vector in stored.items()}
        for (document, origin, beside), passages in zip(self._pending, texts, strict=True):
            encoded = np.array([vectors[text] for text in passages], np.float32)
            self.catalog.put(document, origin, model, encoded, beside)
            self._warn(document.file, passages)
        for origin, stamp, ids in self._ended:
            self.catalog.remove(self.catalog.documents_of(origin) - ids)
            self.catalog.stamp(origin, stamp)
        self._pending.clear()
        self._ended.clear()
        self._waiting = 0

    def finish(self) -> None:
        """Encode what only another model has encoded, then serve this model's vectors."""
        self._left = count_without_vectors(self.catalog, self._encoder.fingerprint)
        while todo := without_vectors(self.catalog, self._encoder.fingerprint, _BATCH):
            vectors = np.array(self._encode([text for _, text in todo]))
            add_vectors(self.catalog, self._encoder.fingerprint, [number for number, _ in todo], vectors)
            self._warn("（重新编码）", [text for _, text in todo])
        if self.catalog.state("model") != self._encoder.fingerprint:
            adopt(self.catalog, self._encoder.fingerprint)
        try:
            learn(self.catalog, self._encoder.fingerprint, self._encode)
        except ModelUnavailable as error:  # all documents are in; words are learned next time
            self.warnings.append({"file": "（词汇）", "message": f"意思相近的词没有学完，下次同步再学：{error}"})

    def _encode(self, texts: list[str]) -> list[Vectors]:
        """Encode; a text that the encoder refuses gets a zero vector, so that keyword search at least finds it."""
        if texts and not self._encoded:
            self._encoder.check(encoded_sample(self.catalog, self._encoder.fingerprint))
        vectors: list[Vectors | TextRefused] = []
        for start in range(0, len(texts), _BATCH):
            began = time.monotonic()
            vectors += vectors_or_refusals(self._encoder.passages, texts[start : start + _BATCH])
            self._seconds += time.monotonic() - began
            self._encoded += len(texts[start : start + _BATCH])
            self._left = max(0, self._left - _BATCH)
            self.count()
        length = next((len(vector) for vector in vectors if not isinstance(vector, TextRefused)), None)
        length = length or length_of_vectors(self.catalog, self._encoder.fingerprint)
        for text, vector in zip(texts, vectors, strict=True):
            if isinstance(vector, TextRefused):
                if not length:
                    raise vector  # no text has a vector, so the dimension is unknown
                self._refused[text] = str(vector)
        return [np.zeros(length, np.float32) if isinstance(vector, TextRefused) else vector for vector in vectors]

    def _warn(self, file: str, texts: list[str]) -> None:
        if reasons := [self._refused[text] for text in texts if text in self._refused]:
            message = f"{len(reasons)} 段没有向量，只能按字词查到：{reasons[0]}"
            self.warnings.append({"file": file, "message": message})
