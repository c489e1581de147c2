"""The keyword view: BM25 over character pairs, through tantivy (k1 1.2, b 0.75)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import tantivy

from index.fusion import total_rarity
from index.vectors import Scores
from index.words import tokens

_WRITER_BYTES = 64 * 1024 * 1024
_MOST_TOKENS = 256  # of one query; longer ones are pasted documents, whose first tokens say enough


class KeywordView:
    """Passage numbers by BM25 of the tokens they share with a query."""

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("number", stored=False, indexed=True, fast=True)
        builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def update(self, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> None:
        """Take passages out, then add passages as (number, text)."""
        writer = self._index.writer(_WRITER_BYTES, 1)
        for number in removed:
            writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "number", number))
        for number, text in added:
            writer.add_document(tantivy.Document(number=number, text=" ".join(tokens(text))))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, query: str, k: int, allowed: npt.NDArray[np.int64] | None = None) -> Scores:
        """Return the numbers and BM25 scores of the `k` best passages, best first, among `allowed` if given."""
        terms = _terms(query)
        if not terms or not len(self) or (allowed is not None and not len(allowed)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        matching = tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term(term)) for term in terms])
        if allowed is not None:
            among = tantivy.Query.term_set_query(self._schema, "number", allowed.tolist())
            narrow = tantivy.Query.const_score_query(among, 0.0)
            matching = tantivy.Query.boolean_query([(tantivy.Occur.Must, narrow), (tantivy.Occur.Must, matching)])
        searcher = self._index.searcher()
        hits = searcher.search(matching, k, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return np.array(numbers, np.int64), np.array([score for score, _ in hits], np.float32)

    def _term(self, term: str) -> tantivy.Query:
        if len(term) == 1 and not term.isascii():  # a lone Han: the pairs it is part of
            return tantivy.Query.regex_query(self._schema, "text", f"{term}.?|.{term}")
        return tantivy.Query.term_query(self._schema, "text", term, "freq")

    def rarity(self, query: str) -> float:
        """Return the sum of the inverse document frequencies of a query's tokens."""
        searcher = self._index.searcher()
        return total_rarity([int(searcher.doc_freq("text", term)) for term in _terms(query)], len(self))


def _terms(query: str) -> list[str]:
    return list(dict.fromkeys(tokens(query)))[:_MOST_TOKENS]
