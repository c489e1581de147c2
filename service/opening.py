"""What the settings say, opened: encoder, index, answerer. Their libraries are loaded only when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import upkeep
from service.printing import tell
from service.settings import Settings

if TYPE_CHECKING:
    from answer.answerer import Answerer
    from index.encoder import Encoder, Tell
    from index.search import SearchIndex


def open_index(settings: Settings) -> SearchIndex:
    """Open the index of the settings, caught up with its catalog; raise an IndexingError."""
    from index.reranker import Reranker
    from index.search import SearchIndex

    reranker = Reranker(settings.reranker) if settings.reranker else None
    catalog = upkeep.open_catalog(settings)
    catalog.rules = upkeep.rules_of(settings)
    index = SearchIndex(catalog, opened_encoder(settings), tell, reranker)
    index.refresh()
    return index


def open_answerer(settings: Settings) -> Answerer:
    """Open what answers from the index of the settings."""
    from answer.answerer import Answerer
    from answer.chat import ChatModel
    from index.reader import Reader

    chat = ChatModel(settings.llm_url, settings.llm_model, settings.llm_key) if settings.llm_url else None
    return Answerer(open_index(settings), Reader(settings.cache, tell), chat)


def opened_encoder(settings: Settings, tell: Tell = tell) -> Encoder:
    """Return the encoder of the settings; the bundled model is converted if it has not been."""
    from index.encoder import Encoder

    encoder = Encoder(settings.encoder, settings.cache, settings.encoder_model, settings.encoder_key)
    encoder.prepare(tell)
    return encoder
