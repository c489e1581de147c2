"""The two views together: opened from what was saved, caught up with the catalog, saved again when they are far behind."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index import snapshot
from index.catalog import Catalog
from index.encoded import changed_after, changes_after
from index.errors import CatalogUnusable
from index.keywords import KeywordView
from index.segment import Segment
from index.snapshot import Snapshot
from index.stored import embedded_text
from index.vectors import VectorView

# What was saved is replaced when more than this share of it has changed; until then catching up takes a second at most.
_LAG = 0.01
_LOG = logging.getLogger("jianbao")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Views:
    """Both views in one state of the catalog."""

    lineage: str
    change: int  # the change of the catalog that they have reached
    base: int  # the change at which they were saved, 0 if they were not
    model: str
    vectors: VectorView
    keywords: KeywordView


def current_views(catalog: Catalog, views: Views | None, tell: Tell) -> Views:
    """Return the views as the catalog is now: those given if nothing has changed, else a later state of them.

    Views given are not changed, but for the keywords, which know no earlier state.
    """
    lineage, change = catalog.change()
    if views and (views.lineage, views.change) == (lineage, change):
        return views
    saved = saved_views(catalog)
    if views is None or views.lineage != lineage or (saved and saved.change > views.base):
        views = _opened(saved, tell) or Views(lineage, 0, 0, "", VectorView(), KeywordView())
    return _caught_up(catalog, views)


def saved_views(catalog: Catalog) -> Snapshot | None:
    """Return the newest saved views of the catalog; whether they are whole is seen when they are opened."""
    lineage, change = catalog.change()
    saved = snapshot.newest(catalog.path.parent)
    return saved if saved and saved.lineage == lineage and saved.change <= change else None


def unsaved(catalog: Catalog) -> int:
    """Return how many passages have come, gone or changed since the views were saved."""
    saved = saved_views(catalog)
    return changed_after(catalog, saved.change if saved else 0)


def are_behind(catalog: Catalog, base: int) -> bool:
    """Tell whether views that were saved at a change should be saved anew."""
    return changed_after(catalog, base) > catalog.counts()["passages"] * _LAG


def save(catalog: Catalog, views: Views, tell: Tell) -> None:
    """Save views; the caller holds the writer's lock. If they cannot be saved, that is logged: they are made anew each time."""
    before = views.vectors.clusters
    if len(views.vectors) > 100_000:
        tell(f"正在保存 {len(views.keywords)} 个段落的索引，可能要几分钟……")

    def write(folder: Path) -> None:
        for name in ("vectors", "keywords"):
            (folder / name).mkdir()
        views.vectors.merged().clustered(before).save(folder / "vectors")
        views.keywords.save(folder / "keywords")

    try:
        snapshot.publish(catalog.path.parent, views.lineage, views.change, views.model, write)
    except (OSError, RuntimeError) as error:  # FAISS reports a full disk as a RuntimeError
        _LOG.warning("索引没有存下，下次启动要重新生成，会慢一些：%s", error)


def rebuild(catalog: Catalog, tell: Tell) -> Views:
    """Make the views anew from the catalog and save them; the caller holds the writer's lock."""
    lineage, _ = catalog.change()
    views = _caught_up(catalog, Views(lineage, 0, 0, "", VectorView(), KeywordView()))
    save(catalog, views, tell)
    return views


def _opened(saved: Snapshot | None, tell: Tell) -> Views | None:
    if saved is None:
        return None
    if file := snapshot.damage(saved):
        tell(f"存下的索引已损坏（{file}），正在由目录库重新生成……")
        return None
    vectors = VectorView(Segment.load(saved.folder / "vectors"))
    return Views(saved.lineage, saved.change, saved.change, saved.model, vectors, KeywordView(saved.folder / "keywords"))


def _caught_up(catalog: Catalog, views: Views) -> Views:
    with changes_after(catalog, views.lineage, views.change) as changes:
        try:
            views.keywords.update(changes.removed, ((n, embedded_text(context, text)) for n, context, text in changes.texts))
        except (OSError, ValueError) as error:  # tantivy reports a full disk as a ValueError
            raise CatalogUnusable(f"临时文件夹写不了，索引跟不上目录库：{error}") from error
        vectors = views.vectors.changed(changes.removed, changes.vectors)
        return Views(changes.lineage, changes.last, views.base, changes.model, vectors, views.keywords)
