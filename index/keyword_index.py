"""The keyword index: the tokens and words of passages in tantivy's files, which are shared and never change.

tantivy's segments never change: an index begins as links to the files of a saved one, in a folder of its own, and what it
adds stays there. So many processes share one saved index, which none of them writes to.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tantivy

from index.errors import NO_SPACE, ViewsUnusable
from index.scratch import Scratch
from index.segment import Numbers
from index.words import fold, tokens, words

_WRITER_BYTES = 256 * 1024 * 1024  # filled only by a large rebuild, which then has few segments: faster searches
_REWRITTEN = {"meta.json", ".managed.json"}  # the files that say which segments there are

Added = Iterable[tuple[int, str]]  # number, text


class KeywordIndex:
    """Passages' tokens, and their words, by passage number."""

    def __init__(self, saved: Path | None = None) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("number", stored=False, indexed=True, fast=True)
        builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="basic")
        self.schema = builder.build()
        files = list(saved.iterdir()) if saved else []
        try:
            self._own = Scratch()
            for path in files:
                mine = self._own.folder / path.name
                if path.name in _REWRITTEN:
                    mine.write_bytes(path.read_bytes())
                else:
                    mine.symlink_to(path.resolve())
        except OSError as error:
            if saved and not saved.exists():
                raise  # they were taken away for newer ones
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error
        self._index = tantivy.Index(self.schema, path=str(self._own.folder))
        self._indexed = self._all_indexed()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    @property
    def numbers(self) -> Numbers:
        """The passages it holds."""
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), max(1, len(self)), count=False).hits
        return np.array(searcher.fast_field_values("number", [address for _, address in hits]) if hits else [], np.int64)

    def update(self, removed: Iterable[int], added: Added) -> None:
        """Take passages out, then add passages; raise ViewsUnusable if they cannot be written."""
        try:
            writer = self._index.writer(_WRITER_BYTES, 1)
            for number in removed:
                writer.delete_documents_by_query(tantivy.Query.term_query(self.schema, "number", number))
            for number, text in added:
                folded = fold(text)
                pairs, cut = " ".join(tokens(folded)), " ".join(words(folded))
                writer.add_document(tantivy.Document(number=number, text=pairs, words=cut))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            self._indexed = self._all_indexed()
        except (OSError, ValueError) as error:  # tantivy reports a full disk as a ValueError
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error

    def save(self, folder: Path) -> None:
        """Write the view into a folder."""
        for path in self._own.folder.iterdir():
            if path.suffix != ".lock":
                shutil.copyfile(path, folder / path.name)

    def _all_indexed(self) -> int:
        """Return how many passages BM25 and frequencies count: those taken out, too, until their segments are merged."""
        segments = json.loads((self._own.folder / "meta.json").read_bytes())["segments"]
        return sum(segment["max_doc"] for segment in segments)
