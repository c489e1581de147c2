"""How far the saved views are behind the catalog, counted without opening them."""

from __future__ import annotations

from index.store.catalog import Catalog
from index.store.snapshot import last_saved

# Saved views are replaced when more than this share of the passages has changed; up to it catching up takes a second at most.
_LAG = 0.01


def unsaved(catalog: Catalog) -> int:
    """Return how many passages have been added, removed or changed since the views were saved."""
    lineage, change = catalog.change()
    saved = last_saved(catalog.path.parent, lineage)
    return _changed_after(catalog, saved if saved <= change else 0)


def are_behind(catalog: Catalog, base: int) -> bool:
    """Tell whether views saved at the change `base` should be saved again."""
    return _changed_after(catalog, base) > catalog.counts()["passages"] * _LAG


def _changed_after(catalog: Catalog, change: int) -> int:
    """Return how many passages were added, removed or changed after a change of the catalog."""
    with catalog.connect() as db:
        tables = ("passages", "removed") if change else ("passages",)
        return sum(db.execute(f"SELECT count(*) FROM {table} WHERE change > ?", [change]).fetchone()[0] for table in tables)
