"""Open what the settings describe: catalog, encoder, index, answerer. Each function imports its libraries only when called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.errors import CatalogUnusable
from index.progress import Tell
from index.store.groups import Rules, are_kept, misplaced
from service.audit.acts import record
from service.settings import UPLOADED, Settings

if TYPE_CHECKING:
    from answer.answerer import Answerer
    from index.models.encoder import Encoder
    from index.models.reader import Reader
    from index.search.index import SearchIndex
    from index.store.catalog import Catalog


def open_catalog(settings: Settings) -> Catalog:
    """Open the catalog of a data folder; raise CatalogUnusable if there is none."""
    from index.store.catalog import Catalog

    if not settings.store and not Catalog.is_in(settings.data):
        raise CatalogUnusable(f"{settings.data.resolve()} 里还没有索引：请先运行 jianbao sync 文件夹")
    return new_catalog(settings)


def new_catalog(settings: Settings) -> Catalog:
    """Open the catalog of the settings; make one if there is none."""
    from index.store.catalog import Catalog

    if not settings.store:
        return Catalog(settings.data)
    try:
        from index.oceanbase.catalog import SharedCatalog
    except ModuleNotFoundError as error:
        raise CatalogUnusable("JIANBAO_STORE 要装两个包：pip install 'jianbao[oceanbase]'") from error
    return SharedCatalog(settings.data, settings.store, settings.store_password)


def configured_rules(settings: Settings) -> Rules | None:
    """Return the folders of each access group, its upload folder included; None leaves the catalog's rules unchanged."""
    if settings.groups is None:
        return None
    return {group: [*folders, f"{UPLOADED}/{group}"] for group, folders in settings.groups.items()}


def keep_groups(catalog: Catalog, settings: Settings, tell: Tell) -> None:
    """Bring the access groups of a catalog in line with the settings and with what its documents state.

    Raises Busy or CatalogUnusable where that fails.
    """
    rules = configured_rules(settings)
    with catalog.connect() as db:
        up_to_date = (rules is None or are_kept(db, rules)) and not misplaced(db, rules)
    if not up_to_date:
        tell("文件的分组有变化，正在更新……")
        with catalog.writing():
            catalog.regroup(rules)
        record(settings, tell, "groups", rules=rules)


def open_encoder(settings: Settings, tell: Tell) -> Encoder:
    """Open the encoder of the settings; convert the bundled model first if that has not been done."""
    from index.models.encoder import Encoder

    encoder = Encoder(settings.encoder, settings.cache, settings.encoder_model, settings.encoder_key)
    encoder.prepare(tell)
    return encoder


def open_index(settings: Settings, tell: Tell, reader: Reader | None = None) -> SearchIndex:
    """Open the index of the settings and bring it up to date with its catalog; raise an IndexingError."""
    from index.models.reader import Reader
    from index.models.reranker import Reranker
    from index.search.index import SearchIndex

    reranker = Reranker(settings.reranker) if settings.reranker else None
    catalog = open_catalog(settings)
    catalog.rules = configured_rules(settings)
    reader = reader or Reader(settings.cache, tell)
    index = SearchIndex(catalog, open_encoder(settings, tell), tell, reranker, reader, settings.rescored)
    index.refresh()
    return index


def open_answerer(settings: Settings, tell: Tell) -> Answerer:
    """Open the answerer over the index of the settings."""
    from answer.answerer import Answerer
    from answer.language_model import ChatModel
    from index.models.reader import Reader

    chat = ChatModel(settings.llm_url, settings.llm_model, settings.llm_key) if settings.llm_url else None
    reader = Reader(settings.cache, tell)
    return Answerer(open_index(settings, tell, reader), reader, chat)
