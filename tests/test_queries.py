"""Queries of many threads: encoded together, remembered, and failing no more than they must."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from index.encoder import Vectors
from index.errors import ModelUnavailable, TextRefused
from index.queries import Queries


def until_they_wait(queries: Queries, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(queries._waiting) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_queries_that_come_together_are_encoded_together() -> None:
    calls: list[list[str]] = []
    first, go = threading.Event(), threading.Event()

    def encode(texts: object) -> Vectors:
        calls.append(list(texts))  # type: ignore[call-overload]
        first.set()
        go.wait(10)
        return np.array([[float(text)] for text in calls[-1]], np.float32)

    queries, found = Queries(encode), {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: float(queries.vector(str(n))[0])})) for n in range(9)]
    threads[0].start()
    first.wait(10)
    for thread in threads[1:]:
        thread.start()
    until_they_wait(queries, 8)
    go.set()
    for thread in threads:
        thread.join(10)
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
    first, go = threading.Event(), threading.Event()

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

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(30)]
    threads[0].start()
    first.wait(10)
    for thread in threads[1:]:
        thread.start()
    until_they_wait(queries, 29)
    go.set()
    for thread in threads:
        thread.join(10)
    assert sorted(failed) == list(range(30)) and len(calls) == 1


def test_a_query_that_is_refused_takes_no_other_with_it() -> None:
    def encode(texts: object) -> Vectors:
        if "bad" in texts:  # type: ignore[operator]
            raise TextRefused("不接受")
        return np.array([[float(text)] for text in texts], np.float32)  # type: ignore[attr-defined]

    one, bad, two = Queries(encode)._outcomes(["1", "bad", "2"])
    assert isinstance(bad, TextRefused) and [one, two] == [1, 2]
