"""What the catalog returns: passages with their item and document, stamps, changes; and records as JSON."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any

from index.errors import DAMAGED, CatalogUnusable
from index.store.groups import PUBLIC
from ingest.document import Date, Document, Doubt, Figure, Item, Measure, Passage, Region


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file has changed since it was indexed."""

    size: int
    mtime_ns: int
    sha256: str
    reading: int = 0  # ingest.READING when it was read
    same_as: str = ""  # the file of which it is a copy, or ""
    reason: str = ""  # why it could not be read, or ""
    stated: str = PUBLIC  # access groups that any part of it states, as a label: it takes all of them to open it


STAMPED = "file, size, mtime_ns, sha256, reading, same_as, reason, stated"  # the columns of a file and its stamp
SPAN = 'item_id, start, "end", role, context'  # the columns of which a passage has its checksum
CORRECTED = "document_id, kind, words, before, value, made_by, made_when, undone_by, undone_when"  # likewise a correction


@dataclass(frozen=True, slots=True)
class Changes:
    """What views have to apply after a change: removals first, then additions."""

    lineage: str
    last: int  # the change that views have reached once these are applied
    model: str  # whose vectors these are
    removed: list[int]  # also passages that are added again in another form
    texts: Iterable[tuple[int, str, str]]  # of the added passages, numbers ascending: number, context, text
    vectors: Iterable[tuple[int, bytes]]  # likewise: number, vector as little-endian float32; some may have none yet


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage in the catalog with its item and document."""

    passage: Passage
    item_id: str
    item: Item
    document: Document

    @property
    def id(self) -> str:
        """Name the passage by its place: item and character span."""
        return f"{self.item_id}-{self.passage.start}-{self.passage.end}"

    @property
    def text(self) -> str:
        """The passage's own words."""
        return self.document.text[self.passage.start : self.passage.end]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages retrieved for a question, best first, and how usual its words are."""

    passages: tuple[StoredPassage, ...]
    frequencies: Mapping[str, int]  # the question's tokens → how many passages contain each
    counted: int  # passages in which these are counted


def embedded_text(context: str, text: str) -> str:
    """Return what is encoded for a passage: its context line, then its text."""
    return f"{context}\n{text}" if context else text


def embedded_texts(document: Document) -> list[str]:
    """Return what is encoded for each of a document's passages, in their order."""
    passages = (passage for item in document.items for passage in item.passages)
    return [embedded_text(passage.context, document.text[passage.start : passage.end]) for passage in passages]


def checksum(*parts: str) -> int:
    """Return a CRC-32, which shows whether stored text is still the same."""
    return zlib.crc32("\0".join(parts).encode())


def _check(expected: int, *parts: str) -> None:
    if checksum(*parts) != expected:
        raise CatalogUnusable(DAMAGED)


def dump(record: Mapping[str, Any]) -> str:
    """Return a record as JSON."""
    return json.dumps(record, ensure_ascii=False)


def record_of(document: Document) -> str:
    """Return the fields of a document without its file, text and items, JSON."""
    return dump({k: v for k, v in asdict(document).items() if k not in ("file", "text", "items")})


def item_record(item: Item) -> str:
    """Return the fields of an item without its passages, JSON."""
    return dump({k: v for k, v in asdict(item).items() if k != "passages"})


_NESTED = {"regions": Region, "mentioned": Region, "dates": Date, "figures": Figure, "measures": Measure, "doubts": Doubt}


def _tuples(record: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(record)
    for name, values in fields.items():
        if name in _NESTED:
            fields[name] = tuple(_NESTED[name](**value) for value in values)
        elif isinstance(values, list):
            fields[name] = tuple(tuple(value) if isinstance(value, list) else value for value in values)
    return fields


def load_item(record: str, check: int, passages: Iterable[Passage] = ()) -> Item:
    """Return the item of a record; raise CatalogUnusable if its checksum is not `check`."""
    _check(check, record)
    return Item(**_tuples(record), passages=tuple(passages))


def load_document(file: str, text: str, record: str, check: int, items: tuple[Item, ...] = ()) -> Document:
    """Return the document of a record; raise CatalogUnusable if its checksum is not `check`."""
    _check(check, file, text, record)
    return Document(file=file, text=text, items=items, **_tuples(record))


def dump_as_read(document: Document) -> str:
    """Return all of a document but its file and text, JSON."""
    items = [{"record": item_record(item), "passages": [astuple(p) for p in item.passages]} for item in document.items]
    return dump({"record": record_of(document), "items": items})


def load_as_read(file: str, text: str, record: str, check: int) -> Document:
    """Return the document that `dump_as_read` made a record of; raise CatalogUnusable if its checksum is not `check`."""
    _check(check, record)
    whole = json.loads(record)
    items = tuple(Item(**_tuples(i["record"]), passages=tuple(Passage(*p) for p in i["passages"])) for i in whole["items"])
    return Document(file=file, text=text, items=items, **_tuples(whole["record"]))
