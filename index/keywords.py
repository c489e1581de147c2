"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75); and which words a passage holds.

tantivy's segments never change either: a view begins as links to the files of a saved one, in a folder of its own, and
what it adds stays there. So many processes share one saved view, which none of them writes to.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from copy import copy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.errors import NO_SPACE, ViewsUnusable
from index.fusion import total_rarity
from index.scratch import Scratch
from index.segment import Numbers, Scores
from index.vectors import Mask, both, masked
from index.words import asked_tokens, fold, same_number, tokens, words

_WRITER_BYTES = 256 * 1024 * 1024  # filled only by a large rebuild, which then has few segments: faster searches
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
        self._seen: Mask | None = None

    def within(self, seen: Mask) -> KeywordView:
        """Return the view as it is searched by a caller who may see these passages."""
        view = copy(self)
        view._seen = seen
        return view

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
        except (OSError, ValueError) as error:  # tantivy reports a full disk as a ValueError
            raise ViewsUnusable(f"{NO_SPACE}（{error}）") from error

    def save(self, folder: Path) -> None:
        """Write the view into a folder."""
        for path in self._own.folder.iterdir():
            if path.suffix != ".lock":
                shutil.copyfile(path, folder / path.name)

    def search(self, query: str, k: int, allowed: Mask | None = None) -> Scores:
        """Return the numbers and BM25 scores of the `k` best passages, best first, among `allowed` if given."""
        return self.best(self._matching(_terms(query)), k, allowed)

    def best(self, matching: tantivy.Query, k: int, allowed: Mask | None) -> Scores:
        """Return the `k` passages that match best, with their scores."""
        allowed = both(self._seen, allowed)
        left = len(self) if allowed is None else int(allowed.sum())
        if allowed is None or left <= _FEW:
            return self._found(matching, k, None if allowed is None else np.flatnonzero(allowed))
        depth = max(k, k * len(self) // left * 2)
        while True:
            numbers, scores = self._found(matching, depth)
            met = masked(allowed, numbers)
            if met.sum() >= k or len(numbers) < depth:
                return numbers[met][:k], scores[met][:k]
            depth *= 4

    def scores(self, query: str, numbers: Numbers) -> npt.NDArray[np.float32]:
        """Return the BM25 of each of these passages, given in ascending order, 0 where it shares no token."""
        return self.among(self._matching(_terms(query)), numbers)

    def rarity(self, query: str) -> float:
        """Return the sum of the inverse document frequencies of a query's tokens."""
        return total_rarity(list(self.frequencies(query).values()), len(self))

    def frequencies(self, query: str) -> dict[str, int]:
        """Return how many passages hold each of a query's tokens; some may still be counted that were taken out.

        To a caller who may see no passage that holds a token, none does.
        """
        searcher = self._index.searcher()
        counts = {term: int(searcher.doc_freq("text", term)) for term in _terms(query)}
        if self._seen is None:
            return counts
        return {term: count if count and len(self.best(self._term(term), 1, None)[0]) else 0 for term, count in counts.items()}

    def among(self, matching: tantivy.Query, numbers: Numbers) -> npt.NDArray[np.float32]:
        """Return how well each of these passages, in ascending order, matches, 0 where it does not."""
        found, values = self._found(matching, len(numbers), numbers)
        scores = np.zeros(len(numbers), np.float32)
        scores[np.searchsorted(numbers, found)] = values
        return scores

    def _found(self, matching: tantivy.Query, k: int, among: Numbers | None = None) -> Scores:
        if not k or not len(self) or (among is not None and not len(among)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if among is not None:
            narrow = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self.schema, "number", among.tolist()), 0.0)
            matching = tantivy.Query.boolean_query([(tantivy.Occur.Must, narrow), (tantivy.Occur.Must, matching)])
        searcher = self._index.searcher()
        hits = searcher.search(matching, k, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return np.array(numbers, np.int64), np.array([score for score, _ in hits], np.float32)

    def _matching(self, terms: Iterable[str]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term(term)) for term in terms])

    def _term(self, term: str) -> tantivy.Query:
        if len(term) == 1 and not term.isascii():  # a lone Han: the pairs it is part of
            return tantivy.Query.regex_query(self.schema, "text", f"{term}.?|.{term}")
        forms = [tantivy.Query.term_query(self.schema, "text", form, "freq") for form in same_number(term)]
        return forms[0] if len(forms) == 1 else tantivy.Query.disjunction_max_query(forms)


def _terms(query: str) -> list[str]:
    return asked_tokens(query)[:_MOST_TOKENS]
