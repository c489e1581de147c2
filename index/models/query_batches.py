"""Queries: requested one at a time by many threads, encoded in batches, and cached."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from index.errors import TextRefused

_REMEMBERED = 1000  # cached queries, 1.5 MB; paging, filtering and typing on repeat them
_TOGETHER = 16  # queries in one batch

Vector = npt.NDArray[np.float32]


def vectors_or_refusals(encode: Callable[[Sequence[str]], Vector], texts: Sequence[str]) -> list[Vector | TextRefused]:
    """Return each text's vector, or the error that refused it; a refused text does not fail the others."""
    try:
        return list(encode(texts))
    except TextRefused as error:
        return [error] if len(texts) == 1 else [vectors_or_refusals(encode, [text])[0] for text in texts]


class Queries:
    """Encodes queries as they come: those that wait while a batch runs form the next one; threads share it."""

    def __init__(self, encode: Callable[[Sequence[str]], Vector]) -> None:
        self._encode = encode
        self._known: LRUCache[str, Vector] = LRUCache(_REMEMBERED)
        self._waiting: OrderedDict[str, Future[Vector]] = OrderedDict()
        self._turn, self._busy = threading.Condition(), False

    def vector(self, text: str) -> Vector:
        """Return the vector of a query, `(d,)`; callers must not write to it."""
        with self._turn:
            if (cached := self._known.get(text)) is not None:
                return cached
            mine = self._waiting.setdefault(text, Future())
            while not mine.done():
                if self._busy:
                    self._turn.wait()
                else:
                    self._take_turn()
        return mine.result()

    def forget(self) -> None:
        """Clear the cache; for measuring."""
        with self._turn:
            self._known.clear()

    def _take_turn(self) -> None:
        """Encode a batch of the queries that wait; those that come meanwhile wait for the next turn."""
        batch = [self._waiting.popitem(last=False) for _ in range(min(_TOGETHER, len(self._waiting)))]
        self._busy = True
        self._turn.release()
        outcomes = self._outcomes([text for text, _ in batch])
        self._turn.acquire()
        self._busy = False
        if isinstance(outcomes[0], BaseException) and not isinstance(outcomes[0], TextRefused):
            batch += self._waiting.items()  # the same failure would keep the others waiting as long, then fail them too
            self._waiting.clear()
            outcomes = outcomes[:1] * len(batch)
        for (text, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                self._remember(text, outcome)
                future.set_result(outcome)
        self._turn.notify_all()

    def _outcomes(self, texts: list[str]) -> list[Vector | BaseException]:
        try:
            return [*vectors_or_refusals(self._encode, texts)]
        except BaseException as error:
            return [error] * len(texts)

    def _remember(self, text: str, vector: Vector) -> None:
        vector.flags.writeable = False
        self._known[text] = vector
