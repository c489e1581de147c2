"""Queries of many threads: encoded together, remembered, and failing no more than they must."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

import numpy as np
import pytest

from index.arrays import Vectors
from index.errors import ModelUnavailable, TextRefused
from index.models.query_batches import Queries


def ask_behind_one(queries: Queries, ask: Callable[[int], object], count: int, started: Event, go: Event) -> None:
    """Ask 0, and while its encoding is held up, all up to `count`; let go once they wait, and return when all are answered."""
    threads = [Thread(target=ask, args=(n,)) for n in range(count)]
    threads[0].start()
    started.wait(10)
    for thread in threads[1:]:
        thread.start()
    deadline = time.monotonic() + 10
    while len(queries._waiting) < count - 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    go.set()
    for thread in threads:
        thread.join(10)


def test_queries_that_come_together_are_encoded_together() -> None:
    calls: list[list[str]] = []
    first, go = Event(), Event()

    def encode(texts: object) -> Vectors:
        calls.append(list(texts))  # type: ignore[call-overload]
        first.set()
        go.wait(10)
        return np.array([[float(text)] for text in calls[-1]], np.float32)

    queries, found = Queries(encode), {}
    ask_behind_one(queries, lambda n: found.update({n: float(queries.vector(str(n))[0])}), 9, first, go)
    assert found == {n: float(n) for n in range(9)}
    assert calls[0] == ["0"] and len(calls) == 2
    assert queries.vector("5")[0] == 5 and len(calls) == 2  # remembered


def test_a_query_that_fails_does_not_stop_the_next() -> None:
    troubles = [ModelUnavailable("没有")]

    def encode(texts: object) -> Vectors:
        if troubles:
            raise troubles.pop()
        return np.ones((1, 1), np.float32)

    queries = Queries(encode)
    with pytest.raises(ModelUnavailable):
        queries.vector("问")
    assert queries.vector("问") == 1


def test_those_that_wait_behind_a_server_that_is_gone_do_not_wait_for_it_too() -> None:
    calls: list[object] = []
    first, go = Event(), Event()

    def encode(texts: object) -> Vectors:
        calls.append(texts)
        first.set()
        go.wait(10)
        raise ModelUnavailable("连不上")

    queries, failed = Queries(encode), []

    def ask(n: int) -> None:
        try:
            queries.vector(str(n))
        except ModelUnavailable:
            failed.append(n)

    ask_behind_one(queries, ask, 30, first, go)
    assert sorted(failed) == list(range(30)) and len(calls) == 1


def test_a_query_that_is_refused_takes_no_other_with_it() -> None:
    def encode(texts: object) -> Vectors:
        if "bad" in texts:  # type: ignore[operator]
            raise TextRefused("不接受")
        return np.array([[float(text)] for text in texts], np.float32)  # type: ignore[attr-defined]

    one, bad, two = Queries(encode)._outcomes(["1", "bad", "2"])
    assert isinstance(bad, TextRefused) and [one, two] == [1, 2]
