"""Suggestions while somebody types: titles, places, contributors and words of the collection, also by pinyin initials."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from cachetools import LRUCache

from index.store.catalog import Catalog
from index.store.groups import Groups
from index.store.words import frequent_words
from index.text.words import fold, words
from ingest.facts.gazetteer import gazetteer

SuggestionKind = Literal["word", "region", "contributor", "title"]
_MOST_TITLES = 50_000  # the newest; scanning all of them takes some milliseconds
_TITLES_SHOWN = 4  # of eight, while there is something shorter to suggest
_SHORTEST_INITIALS = 2  # letters; a single one matches a twentieth of everything
_QUOTED = re.compile(r"“([^“”，。、！？]{3,10})”")  # what an office has a name for: “共富工坊”
_CALLERS = 8  # cached suggestions, one for each set of visible documents
_FEWEST = 2  # passages that contain a word worth suggesting


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that can be searched for."""

    text: str
    kind: SuggestionKind


@dataclass(frozen=True, slots=True)
class _Entry:
    suggestion: Suggestion
    folded: str
    initials: str


class Suggestions:
    """The suggestions of one catalog, gathered again when it has changed; threads may share it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._state: tuple[str, int] = ("", 0)
        self._entries: list[_Entry] = []
        self._gathering = threading.Lock()

    def of(self, typed: str, most: int = 8) -> list[Suggestion]:
        """Return what begins with the typed text, then titles that contain it; letters also match initials of pinyin."""
        folded = fold(typed).strip()
        if not folded:
            return []
        letters = folded if folded.isascii() and folded.isalpha() and len(folded) >= _SHORTEST_INITIALS else "\n"
        begun: dict[str, Suggestion] = {}
        inside: dict[str, Suggestion] = {}
        for entry in self._current():
            if entry.folded.startswith(folded) or entry.initials.startswith(letters):
                begun.setdefault(entry.suggestion.text, entry.suggestion)
            elif entry.suggestion.kind == "title" and folded in entry.folded:
                inside.setdefault(entry.suggestion.text, entry.suggestion)
        found = [one for one in (begun | inside).values() if one.text != typed.strip()]
        titles = [one for one in found if one.kind == "title"]
        short = [one for one in found if one.kind != "title"]
        return [*short[: most - min(len(titles), _TITLES_SHOWN)], *titles][:most]

    def _current(self) -> list[_Entry]:
        state = self._catalog.change()
        if state != self._state and self._gathering.acquire(blocking=False):  # other threads use the earlier ones
            try:
                if state != self._state:
                    self._entries, self._state = list(_gathered(self._catalog)), state
            finally:
                self._gathering.release()
        return self._entries


class AllSuggestions:
    """Suggestions for callers to whom different documents are visible, cached for the last few; threads may share it."""

    def __init__(self) -> None:
        self._kept: LRUCache[Groups, Suggestions] = LRUCache(_CALLERS)
        self._lock = threading.Lock()

    def visible_in(self, catalog: Catalog) -> Suggestions:
        """Return the suggestions from the documents visible in a catalog."""
        with self._lock:
            kept = self._kept.get(catalog.groups)
            if kept is None:
                kept = self._kept[catalog.groups] = Suggestions(catalog)
            return kept


def _gathered(catalog: Catalog) -> Iterator[_Entry]:
    """Yield everything that can be suggested: the most frequent words and names first, the newest titles first."""
    with catalog.connect() as db:
        for name, _ in db.execute("SELECT name, count(*) AS items FROM regions GROUP BY name ORDER BY items DESC"):
            yield _entry(_own_name(name), "region")
        for name, _ in db.execute("SELECT name, count(*) AS items FROM contributors GROUP BY name ORDER BY items DESC"):
            yield _entry(name, "contributor")
        titles = db.execute(
            "SELECT json_extract(items.record, '$.title') FROM items JOIN documents ON documents.id = document_id"
            " WHERE same_as IS NULL ORDER BY date DESC, items.rowid LIMIT ?",
            [_MOST_TITLES],
        ).fetchall()
        # Words are learned from all documents: a caller who may not see all gets only those in visible titles.
        visible_words = None if catalog.groups is None else {word for (title,) in titles for word in words(fold(title))}
        learned = frequent_words(db, _FEWEST)
    terms = Counter(term for (title,) in titles for term in _QUOTED.findall(title))
    yield from (_entry(term, "word") for term, _ in terms.most_common())
    suggested = (word for word in learned if visible_words is None or word in visible_words)
    yield from (_entry(word, "word") for word in suggested if not word[0].isascii() and word[0] not in "一二三四五六七八九十")
    yield from (_entry(title, "title") for (title,) in titles)


def _own_name(region: str) -> str:
    """Return 临安区 of 浙江省杭州市临安区: what people type."""
    formal = gazetteer().formal
    own = (region[at:] for at in range(len(region)) if any(p.name == region for p in formal.get(region[at:], ())))
    return next(own, region)


def _entry(text: str, kind: SuggestionKind) -> _Entry:
    return _Entry(Suggestion(text, kind), fold(text), "".join(map(_initial, text)))


@cache
def _initial(character: str) -> str:
    from pypinyin import Style, lazy_pinyin

    initials: list[str] = lazy_pinyin(character, style=Style.FIRST_LETTER, strict=False)
    return initials[0][:1].lower()
