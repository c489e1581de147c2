"""GET /metrics: what Prometheus watches; /healthz and /readyz: whether the process lives, and whether it can answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from answer.answerer import Answerer
from index.errors import IndexingError
from service import VERSION
from service.access.caller import WholeIndex
from service.access.concurrency import ConcurrencyLimit
from service.access.needs import needs

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120)
_SECONDS = Histogram(
    "jianbao_request_seconds", "Seconds from a request to the end of its response", ["route"], buckets=_BUCKETS
)
_REQUESTS = Counter("jianbao_requests", "Requests by route and status", ["method", "route", "status"])
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}
_ASKED_AGAIN = 10.0  # seconds for which it is known that the model answers


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request; `route` is "" where no route was found."""
    route = route or "other"
    _SECONDS.labels(route).observe(seconds)
    _REQUESTS.labels(method if method in _METHODS else "other", route, str(status)).inc()


class _Sizes:
    """What the index holds, counted again when it has changed; and what is going on."""

    def __init__(self, app: FastAPI, limits: Mapping[str, ConcurrencyLimit]) -> None:
        self._app, self._limits = app, limits

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of this moment."""
        answerer: Answerer | None = self._app.state.answerer
        yield InfoMetricFamily(
            "jianbao", "This service", {"version": VERSION, "model": answerer.index.encoder.name if answerer else ""}
        )
        yield GaugeMetricFamily("jianbao_ready", "Whether the index and the model are loaded", int(answerer is not None))
        busy = GaugeMetricFamily("jianbao_working", "Requests that are worked on, and that wait", labels=["work", "state"])
        for work, limit in self._limits.items():
            busy.add_metric([work, "working"], limit.working)
            busy.add_metric([work, "waiting"], limit.queued)
        yield busy
        if answerer:
            held = GaugeMetricFamily("jianbao_held", "What the index holds", labels=["what"])
            for what, count in answerer.index.catalog.counts().items():
                held.add_metric([what], count)
            yield held


def add_metrics(app: FastAPI, limits: Mapping[str, ConcurrencyLimit]) -> None:
    """Add the routes; `limits` count the requests that are worked on."""
    own = CollectorRegistry(auto_describe=False)
    own.register(_Sizes(app, limits))
    asked: dict[str, float] = {}
    asking = threading.Lock()

    @app.get("/metrics", include_in_schema=False)
    @needs("admin", "")
    def metrics() -> Response:
        return Response(generate_latest(REGISTRY) + generate_latest(own), media_type=CONTENT_TYPE_LATEST)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", response_model=None)
    def readyz(index: WholeIndex) -> dict[str, str] | JSONResponse:
        try:
            index.visible_to(frozenset()).refresh()  # as a caller, so that rules of groups are compared, too
            with asking:
                if time.monotonic() - asked.get("at", -_ASKED_AGAIN) >= _ASKED_AGAIN:
                    index.encoder.query(
                        f"就绪 {time.monotonic()}"
                    )  # another one each time: what was encoded once is remembered
                    asked["at"] = time.monotonic()
        except IndexingError:
            return JSONResponse({"status": "unavailable"}, 503, {"Retry-After": "10"})
        return {"status": "ready"}
