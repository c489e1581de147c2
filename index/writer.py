"""Write documents into the catalog with their vectors: in batches for the encoder, one transaction a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from index.catalog import Catalog
from index.encoder import Encoder, Vectors
from index.stored import Stamp, embedded_text
from ingest.document import Document

_BATCH = 64  # passages encoded together; a few seconds of work, so that progress moves and a stop loses little


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing of an index is."""

    files: int
    total_files: int
    passages_encoded: int
    file: str = ""


Watch = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Watch and say nothing."""


class Writer:
    """Collects documents until a batch of passages is full, encodes those without a vector, stores each document."""

    def __init__(self, catalog: Catalog, encoder: Encoder, total: int, watch: Watch) -> None:
        self.catalog = catalog
        self._encoder, self._total, self._watch = encoder, total, watch
        self._pending: list[tuple[Document, Stamp]] = []
        self._waiting = self._encoded = self._files = 0
        if not catalog.counts()["passages"] and catalog.state("model") != encoder.fingerprint:
            catalog.adopt(encoder.fingerprint)  # nothing to keep serving: serve this model's vectors as they come

    def watch_file(self, file: str) -> None:
        """Report that this file's turn has come."""
        self._files += 1
        self._watch(Progress(self._files, self._total, self._encoded, file))

    def put(self, document: Document, stamp: Stamp) -> None:
        """Take a document in; it is stored with the batch that it fills."""
        self._pending.append((document, stamp))
        self._waiting += sum(len(item.passages) for item in document.items)
        if self._waiting >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Encode and store what is pending: one call of the encoder, one transaction a document."""
        texts = [_texts(document) for document, _ in self._pending]
        model = self._encoder.fingerprint
        known: dict[str, bytes] = {}
        for document, _ in self._pending:
            known |= self.catalog.vectors_of(document.file, model)
        new = list(dict.fromkeys(text for some in texts for text in some if text not in known))
        vectors = dict(zip(new, self._encode(new), strict=True))
        vectors |= {text: np.frombuffer(vector, "<f4") for text, vector in known.items()}
        for (document, stamp), some in zip(self._pending, texts, strict=True):
            self.catalog.put(document, stamp, model, np.array([vectors[text] for text in some], np.float32))
        self._pending.clear()
        self._waiting = 0

    def finish(self) -> None:
        """Encode what only another model has encoded, then serve this model's vectors."""
        while todo := self.catalog.without_vectors(self._encoder.fingerprint, _BATCH):
            vectors = np.array(self._encode([text for _, text in todo]))
            self.catalog.add_vectors(self._encoder.fingerprint, [number for number, _ in todo], vectors)
        if self.catalog.state("model") != self._encoder.fingerprint:
            self.catalog.adopt(self._encoder.fingerprint)

    def _encode(self, texts: list[str]) -> list[Vectors]:
        vectors: list[Vectors] = []
        for start in range(0, len(texts), _BATCH):
            vectors += list(self._encoder.passages(texts[start : start + _BATCH]))
            self._encoded += len(texts[start : start + _BATCH])
            self._watch(Progress(self._files, self._total, self._encoded))
        return vectors


def _texts(document: Document) -> list[str]:
    return [
        embedded_text(passage.context, document.text[passage.start : passage.end])
        for item in document.items
        for passage in item.passages
    ]
