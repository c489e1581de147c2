"""A query, analysed once when it arrives; retrieval, rescoring, highlights, answers and cases all read the result."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from index.arrays import Vectors
from index.text.words import ASKING, DROPPED, RUN, asked_tokens, fold, words
from ingest.facts.mentions import Mention, mentions_in

LONGEST_ASKED = 200  # characters that are cut into words and runs; a longer query is a pasted text
MOST_TOKENS = 256  # a longer query is a pasted document, whose first tokens suffice
YEAR = r"(?<!\d)(?:19|20)\d\d(?=年)"


@dataclass(frozen=True)
class Query:
    """The text of a query and what is derived from it; each property is computed once, at first use."""

    text: str
    encode: Callable[[str], Vectors] | None = field(default=None, repr=False, compare=False)

    def about(self, text: str) -> Query:
        """Return a query of another text with the same encoder; itself if the text is the same."""
        return self if text == self.text else replace(self, text=text)

    def encoded(self) -> Query:
        """Return the query with its vector computed; encoding is slow, so call this before a transaction begins."""
        _ = self.vector
        return self

    @cached_property
    def vector(self) -> Vectors:
        """Its vector, `(d,)`, L2-normalised; raise ModelUnavailable."""
        assert self.encode, "a query that is searched by meaning needs an encoder"
        return self.encode(self.text)

    @cached_property
    def folded(self) -> str:
        """The folded text (see index.text.words)."""
        return fold(self.text)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The tokens for BM25, each once, without question words."""
        return tuple(asked_tokens(self.folded)[:MOST_TOKENS])

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words, each once, without question words."""
        return tuple(word for word in dict.fromkeys(words(self.folded[:LONGEST_ASKED])) if not ASKING.fullmatch(word))

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The stretches of one script between spaces, punctuation and question words."""
        return tuple(run[0] for run in RUN.finditer(DROPPED.sub(" ", self.folded[:LONGEST_ASKED])))

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The mentions of places, each with the places it may mean."""
        return tuple(mentions_in(self.text))

    @cached_property
    def places(self) -> frozenset[str]:
        """The full names of all places that the mentions may mean."""
        return frozenset(place.name for mention in self.mentions for place in mention.places)

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that the query names, as 2024."""
        return frozenset(re.findall(YEAR, self.text))
