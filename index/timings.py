"""How long the stages of a search take, for monitoring: one Prometheus histogram for the process."""

from __future__ import annotations

from contextlib import AbstractContextManager

from prometheus_client import Histogram

_SECONDS = Histogram(
    "jianbao_stage_seconds", "Seconds that a stage of a search or an answer took", ["stage"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)  # fmt: skip


def stage(name: str) -> AbstractContextManager[object]:
    """Return a context manager that times a block: encode, catch_up, dense, keyword, look, results, read or write."""
    return _SECONDS.labels(name).time()
