"""Items printed more than once: the first is searched, the others are stored as further places where it is printed.

A reprint has nearly the same title and text, and the numbers and regions of one of the two are all among the other's: last
year's report of the same words and other figures is an item of its own.
"""

from __future__ import annotations

import re
import zlib
from difflib import SequenceMatcher

from index.store.handle import WritableConnection
from index.store.records import load_item
from ingest.document import Document, Item

_SHINGLE = 8  # characters; long enough that two texts share few by chance
_SKETCH = 8  # smallest hashes kept; texts alike in four fifths of their shingles share about six
_SHARED = 3
_ALIKE = 0.8  # Jaccard index of the shingles
_TITLES_ALIKE = 0.6  # of difflib's ratio; reprints often shorten the title
_LONG = 80  # characters; a shorter item is a reprint only if it is the same to the letter
_SHORTEST = 30  # characters; shorter ones are formulas that many issues repeat
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def link_reprint(db: WritableConnection, item_id: str, document: Document, item: Item) -> None:
    """Mark a stored item as a reprint if a similar one is indexed; else store its sketch to compare later items with."""
    text = _words(document.text[item.start : item.end])
    if len(text) < _SHORTEST:
        return
    parts = _shingles(text) if len(text) >= _LONG else {text}
    sketch = sorted(zlib.crc32(part.encode()) for part in parts)[:_SKETCH]
    marks = ",".join("?" * len(sketch))
    candidates = db.execute(
        "SELECT item_id FROM sketches JOIN items ON items.id = item_id JOIN documents d ON d.id = document_id"
        f" JOIN documents own ON own.id = ? WHERE hash IN ({marks})"
        " AND (d.folder_group, d.own_group) = (own.folder_group, own.own_group)"  # else one could be visible, the other not
        " GROUP BY item_id HAVING count(*) >= ? ORDER BY count(*) DESC",
        [document.id, *sketch, min(_SHARED, len(sketch))],
    ).fetchall()
    for (candidate,) in candidates:
        row = db.execute(
            "SELECT i.record, i.checksum, d.text FROM items i JOIN documents d ON d.id = document_id WHERE i.id = ?",
            [candidate],
        ).fetchone()
        other = load_item(row[0], row[1])
        if _is_reprint(item, text, other, _words(row[2][other.start : other.end])):
            db.execute("UPDATE items SET same_as = ? WHERE id = ?", [candidate, item_id])
            return
    db.executemany("INSERT INTO sketches VALUES (?, ?)", [(number, item_id) for number in sketch])


def promote_reprints(db: WritableConnection, document_id: str, change: int) -> None:
    """Before a document is removed, let a reprint of each of its items take the item's place, in views too."""
    reprints = db.execute(
        "SELECT i.same_as, i.id FROM items i JOIN items o ON o.id = i.same_as"
        " WHERE o.document_id = ? AND i.document_id <> ? ORDER BY i.rowid DESC",
        [document_id, document_id],
    ).fetchall()
    for gone, heir in dict(reprints).items():
        db.execute("UPDATE items SET same_as = ? WHERE same_as = ?", [heir, gone])
        db.execute("UPDATE items SET same_as = NULL WHERE id = ?", [heir])
        db.execute("DELETE FROM sketches WHERE item_id = ?", [heir])
        db.execute("UPDATE sketches SET item_id = ? WHERE item_id = ?", [heir, gone])
        db.execute("UPDATE passages SET change = ? WHERE item_id = ?", [change, heir])


def _is_reprint(item: Item, text: str, other: Item, other_text: str) -> bool:
    shingles, others = _shingles(text), _shingles(other_text)
    if len(shingles & others) < _ALIKE * len(shingles | others):
        return False
    titles = SequenceMatcher(None, item.title, other.title, autojunk=False).ratio()
    return (
        titles >= _TITLES_ALIKE
        and _nested(set(_NUMBER.findall(text)), set(_NUMBER.findall(other_text)))
        and _nested({region.name for region in item.regions}, {region.name for region in other.regions})
    )


def _nested(these: set[str], those: set[str]) -> bool:
    return these <= those or those <= these


def _shingles(text: str) -> set[str]:
    return {text[start : start + _SHINGLE] for start in range(len(text) - _SHINGLE + 1)}


def _words(text: str) -> str:
    return re.sub(r"[\W_]", "", text)
