"""A tantivy index of the tokens and words of passages, in files that processes share.

tantivy's segments never change: an index begins as links to the files of a saved one, in a folder of its own, where it
writes all new segments. So many processes share one saved index, and none of them writes to it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.arrays import Floats, Numbers, Scores
from index.errors import NO_SPACE, ViewsUnusable
from index.text.words import fold, tokens, words
from index.views.scratch import Scratch

_WRITER_BYTES = 256 * 1024 * 1024  # filled only by a large rebuild, which so makes few segments: faster searches
_BITS = 20  # queries run at once; sums of this many powers of two are exact in float32
_REWRITTEN = {"meta.json", ".managed.json"}  # the files that list the segments: copied, not linked


class TantivyIndex:
    """Tokens and words of passages by passage number; threads may search it while one updates it."""

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
                raise  # a writer has replaced them with newer ones
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error
        self._index = tantivy.Index(self.schema, path=str(self._own.folder))
        self.indexed = self._count_indexed()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    @property
    def numbers(self) -> Numbers:
        """The numbers of the passages in the index."""
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), max(1, len(self)), count=False).hits
        return np.array(searcher.fast_field_values("number", [address for _, address in hits]) if hits else [], np.int64)

    def update(self, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> None:
        """Remove passages, then add passages, number and text; raise ViewsUnusable if they cannot be written."""
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
            self.indexed = self._count_indexed()
        except (OSError, ValueError) as error:  # tantivy reports a full disk as a ValueError
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        for path in self._own.folder.iterdir():
            if path.suffix != ".lock":
                shutil.copyfile(path, folder / path.name)

    def document_frequency(self, token: str) -> int:
        """Return how many of the `indexed` passages contain a token."""
        return int(self._index.searcher().doc_freq("text", token))

    def token(self, token: str) -> tantivy.Query:
        """Return a query for the passages that contain a token."""
        return tantivy.Query.term_query(self.schema, "text", token, "freq")

    def pairs_with(self, character: str) -> tantivy.Query:
        """Return a query for the passages that contain a token with this character."""
        return tantivy.Query.regex_query(self.schema, "text", f"{character}.?|.{character}")

    def word(self, word: str) -> tantivy.Query:
        """Return a query for the passages that contain a word."""
        return tantivy.Query.term_query(self.schema, "words", word, "basic")

    def weighted(self, weights: Mapping[str, float]) -> list[tantivy.Query]:
        """Return for each word a query for the passages that contain it, scored with its weight."""
        return [tantivy.Query.const_score_query(self.word(word), weight) for word, weight in weights.items()]

    def search(self, query: tantivy.Query, k: int, among: Numbers | None = None) -> Scores:
        """Return the `k` passages that match best with their scores, best first, `among` these if given."""
        if not k or not len(self) or (among is not None and not len(among)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if among is not None:
            narrow = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self.schema, "number", among.tolist()), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, narrow), (tantivy.Occur.Must, query)])
        searcher = self._index.searcher()
        hits = searcher.search(query, k, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return np.array(numbers, np.int64), np.array([score for score, _ in hits], np.float32)

    def scores(self, query: tantivy.Query, numbers: Numbers) -> Floats:
        """Return the score of each of these passages, numbers ascending, 0 where it does not match."""
        matching, values = self.search(query, len(numbers), numbers)
        scores = np.zeros(len(numbers), np.float32)
        scores[np.searchsorted(numbers, matching)] = values
        return scores

    def matches(self, queries: Sequence[tantivy.Query], numbers: Numbers) -> npt.NDArray[np.float32]:
        """Return which of these queries each passage, numbers ascending, matches: `(n, queries)` of 0 and 1."""
        matched = np.zeros((len(numbers), len(queries)), np.float32)
        for first in range(0, len(queries), _BITS):
            batch = queries[first : first + _BITS]
            each = [tantivy.Query.const_score_query(query, float(1 << bit)) for bit, query in enumerate(batch)]
            sums = self.scores(any_of(each), numbers).astype(np.int64)
            matched[:, first : first + len(batch)] = (sums[:, None] >> np.arange(len(batch))) & 1
        return matched

    def _count_indexed(self) -> int:
        """Count the passages in tantivy's BM25 and frequencies: removed ones too, until their segments are merged."""
        segments = json.loads((self._own.folder / "meta.json").read_bytes())["segments"]
        return sum(segment["max_doc"] for segment in segments)


def any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return a query for passages that match any of the queries; their scores are added."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])
