"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75).

tantivy's segments never change either: a view begins as links to the files of a saved one, in a folder of its own, and
what it adds stays there. So many processes share one saved view, which none of them writes to.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import tantivy

from index.errors import NO_SPACE, ViewsUnusable
from index.fusion import total_rarity
from index.segment import Numbers, Scores
from index.vectors import Mask, masked
from index.words import tokens

_WRITER_BYTES = 64 * 1024 * 1024
_MOST_TOKENS = 256  # of one query; longer ones are pasted documents, whose first tokens say enough
# A filter that leaves up to this many passages is part of the query; a wider one is applied to the hits, as many as it takes.
_FEW = 5_000
_REWRITTEN = {"meta.json", ".managed.json"}  # the files that say which segments there are

Added = Iterable[tuple[int, str]]  # number, text


class KeywordView:
    """Passage numbers by BM25 of the tokens they share with a query."""

    def __init__(self, saved: Path | None = None) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("number", stored=False, indexed=True, fast=True)
        builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        try:
            self._own = TemporaryDirectory(prefix="jianbao-", ignore_cleanup_errors=True)
        except OSError as error:
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error
        for path in saved.iterdir() if saved else ():
            mine = Path(self._own.name) / path.name
            if path.name in _REWRITTEN:
                shutil.copyfile(path, mine)
            else:
                mine.symlink_to(path.resolve())
        self._index = tantivy.Index(self._schema, path=self._own.name)

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
                writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "number", number))
            for number, text in added:
                writer.add_document(tantivy.Document(number=number, text=" ".join(tokens(text))))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
        except (OSError, ValueError) as error:  # tantivy reports a full disk as a ValueError
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error

    def save(self, folder: Path) -> None:
        """Write the view into a folder."""
        for path in Path(self._own.name).iterdir():
            if path.suffix != ".lock":
                shutil.copyfile(path, folder / path.name)

    def search(self, query: str, k: int, allowed: Mask | None = None) -> Scores:
        """Return the numbers and BM25 scores of the `k` best passages, best first, among `allowed` if given."""
        if allowed is None:
            return self._found(query, k)
        left = int(allowed.sum())
        if left <= _FEW:
            return self._found(query, k, np.flatnonzero(allowed))
        depth = k * len(self) // left * 2
        while True:
            numbers, scores = self._found(query, depth)
            met = masked(allowed, numbers)
            if met.sum() >= k or len(numbers) < depth:
                return numbers[met][:k], scores[met][:k]
            depth *= 4

    def scores(self, query: str, numbers: Numbers) -> npt.NDArray[np.float32]:
        """Return the BM25 of each of these passages, given in ascending order, 0 where it shares no token."""
        found, bm25 = self._found(query, len(numbers), numbers)
        scores = np.zeros(len(numbers), np.float32)
        scores[np.searchsorted(numbers, found)] = bm25
        return scores

    def rarity(self, query: str) -> float:
        """Return the sum of the inverse document frequencies of a query's tokens."""
        searcher = self._index.searcher()
        return total_rarity([int(searcher.doc_freq("text", term)) for term in _terms(query)], len(self))

    def _found(self, query: str, k: int, among: Numbers | None = None) -> Scores:
        terms = _terms(query)
        if not terms or not k or not len(self) or (among is not None and not len(among)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        matching = tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term(term)) for term in terms])
        if among is not None:
            narrow = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "number", among.tolist()), 0.0)
            matching = tantivy.Query.boolean_query([(tantivy.Occur.Must, narrow), (tantivy.Occur.Must, matching)])
        searcher = self._index.searcher()
        hits = searcher.search(matching, k, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return np.array(numbers, np.int64), np.array([score for score, _ in hits], np.float32)

    def _term(self, term: str) -> tantivy.Query:
        if len(term) == 1 and not term.isascii():  # a lone Han: the pairs it is part of
            return tantivy.Query.regex_query(self._schema, "text", f"{term}.?|.{term}")
        return tantivy.Query.term_query(self._schema, "text", term, "freq")


def _terms(query: str) -> list[str]:
    return list(dict.fromkeys(tokens(query)))[:_MOST_TOKENS]
