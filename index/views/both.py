"""The two views together: opened as last saved, caught up with the catalog, saved again by a writer when far behind."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from index.arrays import Mask
from index.errors import ViewsUnusable
from index.progress import Tell
from index.store import snapshot
from index.store.catalog import Catalog
from index.store.changes import position
from index.store.embeddings import changes_after
from index.store.handle import WritableConnection
from index.store.records import embedded_text
from index.store.snapshot import saved_views
from index.store.unsaved import are_behind
from index.views.keywords import KeywordView
from index.views.segment import EXACT_UP_TO, Segment
from index.views.vectors import VectorView

_LOG = logging.getLogger("jianbao")


@dataclass(frozen=True, slots=True)
class Views:
    """Both views at one state of the catalog."""

    lineage: str
    change: int  # the change of the catalog that they have reached
    base: int  # the change at which they were saved, 0 if never
    model: str
    vectors: VectorView
    keywords: KeywordView

    def within(self, seen: Mask | None) -> Views:
        """Return the views as searched by a caller to whom these passages are visible; None: all."""
        if seen is None:
            return self
        return replace(self, vectors=self.vectors.within(seen), keywords=self.keywords.within(seen))


def current_views(db: WritableConnection, catalog: Catalog, views: Views | None, tell: Tell) -> Views:
    """Return the views at the state of the catalog that `db` reads, caught up from the given or the saved ones.

    The given views are not changed, except the keyword view, which is updated in place and keeps no earlier state.
    """
    lineage, change, _ = position(db)
    if views and (views.lineage, views.change) == (lineage, change):
        return views
    data = catalog.path.parent
    reusable = views if views and views.lineage == lineage else None
    saved = saved_views(data, lineage, change)
    if reusable and not (saved and saved.change > reusable.base):
        try:
            return _caught_up(db, reusable)
        except ViewsUnusable:  # the files they were opened from may be gone
            if saved is None or saved.change < reusable.base:
                raise
    if (opened := _opened(data, lineage, change, tell)) is None and reusable and saved:
        opened = replace(reusable, base=saved.change)  # the saved views are damaged, the open ones are not
    return _caught_up(db, opened or _none(db))


def save(catalog: Catalog, views: Views, tell: Tell) -> bool:
    """Save views and return whether that worked; if not, each start remakes them. The caller holds the writer's lock."""
    before = views.vectors.clusters
    if len(views.vectors) > EXACT_UP_TO:
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
        return False
    return True


def save_if_behind(catalog: Catalog, tell: Tell) -> None:
    """Save the views again if they are damaged or too much has changed since; the caller holds the writer's lock."""
    saved = saved_views(catalog.path.parent, *catalog.change())
    if not are_behind(catalog, saved.change if saved else 0) and not (saved and snapshot.damage(saved)):
        return
    try:
        with catalog.reading() as db:
            views = current_views(db, catalog, None, tell)
    except ViewsUnusable as error:  # the catalog still has everything
        tell(str(error))
    else:
        save(catalog, views, tell)


def rebuild(catalog: Catalog, tell: Tell) -> Views:
    """Make the views from the catalog alone and save them; raise ViewsUnusable. The caller holds the writer's lock."""
    catalog.touch()  # so that running servers look for the new views
    with catalog.reading() as db:
        views = _caught_up(db, _none(db))
    if not save(catalog, views, tell):
        raise ViewsUnusable("索引没有存下：请检查磁盘空间和权限")
    catalog.touch()  # a server may have looked before they were saved
    return views


def _opened(data: Path, lineage: str, change: int, tell: Tell) -> Views | None:
    """Open the newest saved views up to a change; None if there are none or they are damaged."""
    while saved := saved_views(data, lineage, change):
        try:
            if not (file := snapshot.damage(saved)):
                vectors = VectorView(Segment.load(saved.folder / "vectors"))
                keywords = KeywordView(saved.folder / "keywords")
                return Views(saved.lineage, saved.change, saved.change, saved.model, vectors, keywords)
        except (OSError, RuntimeError, ValueError) as error:
            file = str(error)
        if saved == saved_views(data, lineage, change):  # else a writer has just replaced them with newer ones
            tell(f"存下的索引已损坏（{file}），由目录库重新生成……")
            break
    return None


def _none(db: WritableConnection) -> Views:
    return Views(position(db)[0], 0, 0, "", VectorView(), KeywordView())


def _caught_up(db: WritableConnection, views: Views) -> Views:
    changes = changes_after(db, views.lineage, views.change)
    views.keywords.update(changes.removed, ((n, embedded_text(context, text)) for n, context, text in changes.texts))
    vectors = views.vectors.changed(changes.removed, changes.vectors)
    return Views(changes.lineage, changes.last, views.base, changes.model, vectors, views.keywords)
