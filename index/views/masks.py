"""Masks over passage numbers that both views search within: passages that meet conditions, or are visible to a caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from threading import Lock

import numpy as np
from cachetools import LRUCache

from index.arrays import Mask, both
from index.retrieval import Within
from index.store.changes import position
from index.store.conditions import test_of
from index.store.groups import Groups, rules_as_kept
from index.store.handle import Connection
from index.store.passages import last_number

_REMEMBERED = 32  # cached masks, a byte for each passage; the first search with a wide filter takes 0.5 s at a million

_Masks = LRUCache[tuple[object, ...], tuple[int, Mask]]  # each with the change of the catalog that it was made at


class Filters:
    """Caches the masks of recent conditions, until the catalog changes, and of recent callers; threads may share it."""

    def __init__(self) -> None:
        self._of_conditions: _Masks = LRUCache(_REMEMBERED)
        self._of_callers: _Masks = LRUCache(_REMEMBERED)
        self._lock = Lock()

    def allowed(self, db: Connection, within: Within, groups: Groups = None) -> Mask | None:
        """Return the passages that a search is limited to, None: all; `db` shows what the access groups may see."""
        mask = self._meeting(db, within.conditions, groups) if within.conditions else None
        if within.naming:
            mask = both(mask, _naming(db, within.naming))
        return _without(mask, _naming(db, within.elsewhere), last_number(db) + 1) if within.elsewhere else mask

    def _meeting(self, db: Connection, conditions: tuple[tuple[str, str], ...], groups: Groups) -> Mask:
        lineage, change, _ = position(db)
        key = (lineage, groups, conditions)
        made_at, mask = self._known(self._of_conditions, key)
        if mask is None or made_at != change:
            return self._keep(self._of_conditions, key, change, matching(db, dict(conditions)))
        return mask

    def visible(self, db: Connection, groups: Groups) -> Mask | None:
        """Return which passages are visible to these access groups, None if all are; `db` shows what they may see.

        The first call takes as long as a wide filter; later ones read only the changes, since numbers are never reused.
        """
        if groups is None:
            return None
        lineage, change, _ = position(db)
        key = (lineage, groups, rules_as_kept(db))
        made_at, mask = self._known(self._of_callers, key)
        if mask is None:
            return self._keep(self._of_callers, key, change, matching(db, {}))
        if made_at < change:
            return self._keep(self._of_callers, key, change, _caught_up(db, mask, made_at))
        return mask

    def _known(self, masks: _Masks, key: tuple[object, ...]) -> tuple[int, Mask | None]:
        with self._lock:
            return masks.get(key, (0, None))

    def _keep(self, masks: _Masks, key: tuple[object, ...], change: int, mask: Mask) -> Mask:
        with self._lock:
            masks[key] = change, mask
        return mask


def _caught_up(db: Connection, mask: Mask, made_at: int) -> Mask:
    """Return a mask with the passages added since a change and without those removed."""
    new = "SELECT number FROM passages JOIN items ON items.id = item_id WHERE change > ? AND same_as IS NULL"
    numbers = np.fromiter((row[0] for row in db.execute(new, [made_at])), np.int64)
    grown = np.zeros(max(len(mask), int(numbers.max(initial=0)) + 1), bool)
    grown[: len(mask)] = mask
    grown[numbers] = True
    gone = db.execute("SELECT number FROM removed WHERE change > ?", [made_at])
    grown[[row[0] for row in gone if row[0] < len(grown)]] = False
    return grown


def _without(mask: Mask | None, excluded: Mask, size: int) -> Mask:
    """Return a mask, None: all of so many passages, without those that another mask includes."""
    left = np.ones(size, bool) if mask is None else mask.copy()
    excluded = excluded[: len(left)]
    left[: len(excluded)] &= ~excluded
    return left


def matching(db: Connection, conditions: Mapping[str, str]) -> Mask:
    """Return which passages meet all conditions (see `test_of`), as a mask over their numbers."""
    where, values = test_of(conditions)
    found = "SELECT number FROM documents JOIN items ON document_id = documents.id CROSS JOIN passages ON item_id ="
    rows = db.execute(  # an item also meets them where a reprint of it does
        f"{found} items.id WHERE same_as IS NULL AND {where} UNION ALL {found} same_as WHERE same_as IS NOT NULL AND {where}",
        values * 2,
    )
    numbers = np.fromiter((row[0] for row in rows), np.int64)
    mask = np.zeros(int(numbers.max(initial=0)) + 1, bool)
    mask[numbers] = True
    return mask


def _naming(db: Connection, places: Collection[str]) -> Mask:
    """Return the passages of items that name one of these regions or a part of one, as a mask over their numbers."""
    masks = [matching(db, {"region": place}) for place in places]
    mask = np.zeros(max(map(len, masks), default=0), bool)
    for one in masks:
        mask[: len(one)] |= one
    return mask
