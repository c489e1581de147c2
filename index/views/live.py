"""Views kept up to date with their catalog: opened, brought to the state being read, saved if they had to be made."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import TypeVar

from index.errors import Busy, CatalogUnusable, Superseded, ViewsUnusable
from index.models.encoder import Encoder
from index.progress import Tell
from index.store.catalog import Catalog
from index.store.changes import history, position
from index.store.embeddings import encoded_sample
from index.store.handle import WritableConnection
from index.store.snapshot import damage, saved_views
from index.store.unsaved import are_behind
from index.timings import stage
from index.views.both import Views, current_views, save

_TURNS = 5  # tries to find catalog and views in one state before a new history begins; after twice as many a search fails
_PATIENCE = 1.0  # seconds to wait for a thread that brings the views up to date, before the earlier ones are used
Found = TypeVar("Found")
_LOG = logging.getLogger("jianbao")


class CurrentViews:
    """The views of one catalog; threads may share it, and wait a second at most for each other."""

    def __init__(self, catalog: Catalog, encoder: Encoder, tell: Tell, opened: Callable[[WritableConnection], None]) -> None:
        self._catalog, self._encoder, self._tell, self._opened = catalog, encoder, tell, opened
        self._views: Views | None = None
        self._refreshing = threading.Lock()
        self._warned = ""  # the last warning, which is logged once, not at every search

    def in_one_state(self, read: Callable[[WritableConnection, Views], Found]) -> Found:
        """Call `read` with the catalog and views in one state and return its result; repeat it if they move on meanwhile."""
        for turn in count(1):
            with suppress(Superseded), self._catalog.reading() as db:
                lineage, change, model = position(db)
                views = self._current(db, lineage, change, model)
                if views.lineage != lineage or views.change <= change:  # else another thread has moved them further
                    found = read(db, views)
                    now = self._views
                    if turn >= _TURNS or now is None or now is views or now.keywords is not views.keywords:
                        return found
            if turn == _TURNS:
                self._begin_anew()
            elif turn > 2 * _TURNS:
                raise CatalogUnusable("目录库比索引旧，可能换回了旧的副本：请运行 jianbao rebuild")
        raise AssertionError

    @property
    def views(self) -> Views:
        """The views as they are; opened at first use."""
        if self._views is None:
            self.in_one_state(lambda db, views: None)
        assert self._views
        return self._views

    def _begin_anew(self) -> None:
        """Begin a new history, so that no views match: the catalog is older than they are, so an older copy took its place."""
        with suppress(Busy), self._catalog.writing():
            self._catalog.renew()

    def _current(self, db: WritableConnection, lineage: str, change: int, model: str) -> Views:
        """Return views at the state that `db` reads or later; earlier ones if another thread takes too long to update them."""
        views = self._views
        if views and views.lineage == lineage and views.change >= change:
            return views
        usable = views is not None and history(views.lineage) == history(lineage)
        if self._refreshing.acquire(timeout=_PATIENCE if usable else -1):
            try:
                with stage("catch_up"):
                    self._advance(db, lineage, change, model)
            finally:
                self._refreshing.release()
        views = self._views
        if views is None or history(views.lineage) != history(lineage):
            raise CatalogUnusable("索引刚换过，还没有打开：请稍后再试")
        return views

    def _advance(self, db: WritableConnection, lineage: str, change: int, model: str) -> None:
        views = self._views
        if views and history(views.lineage) != history(lineage):
            views = self._views = None  # their passage numbers now mean other passages
        if not self._accepts(model) or (views and views.lineage == lineage and views.change >= change):
            return
        if views is None:
            self._encoder.check(encoded_sample(self._catalog, self._encoder.fingerprint))
        try:
            self._views = current_views(db, self._catalog, views, self._tell)
        except ViewsUnusable as error:
            if views is None:
                raise
            self._warn(str(error))
        self._opened(db)
        if views is None and self._views:
            self._save(db, self._views)

    def _save(self, db: WritableConnection, views: Views) -> None:
        """Save views that had to be made, unless another process is writing or has saved them, or nobody can write."""
        if not are_behind(self._catalog, views.base):
            return
        with suppress(Busy, CatalogUnusable, ViewsUnusable, Superseded), self._catalog.saving():
            saved = saved_views(self._catalog.path.parent, views.lineage, views.change)
            if saved and saved.change > views.base and not damage(saved):
                return
            if save(self._catalog, views, self._tell):
                self._views = current_views(db, self._catalog, None, self._tell)

    def _accepts(self, model: str) -> bool:
        """Tell whether vectors of a model can be searched; raise CatalogUnusable if they cannot and no others are open."""
        if model in ("", self._encoder.fingerprint):
            return True
        message = "索引是用另一个模型建的：请先运行 jianbao sync，再重新启动服务"
        if self._views is None:
            raise CatalogUnusable(message)
        self._warn(f"{message}；在那之前查到的是换模型以前的内容")
        return False

    def _warn(self, message: str) -> None:
        if message != self._warned:
            _LOG.warning("%s", message)
            self._warned = message
