"""GET /metrics for Prometheus; /healthz: the process lives; /readyz: it can answer."""

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
from service.access.needs import needs, public

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120)
_SECONDS = Histogram(
    "jianbao_request_seconds", "Seconds from a request to the end of its response", ["route"], buckets=_BUCKETS
)
_REQUESTS = Counter("jianbao_requests", "Requests by route and status", ["method", "route", "status"])
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}
_ASKED_AGAIN = 10.0  # seconds for which one successful check of the model counts


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request; `route` is "" where no route matched."""
    route = route or "other"
    _SECONDS.labels(route).observe(seconds)
    _REQUESTS.labels(method if method in _METHODS else "other", route, str(status)).inc()


class _Sizes:
    """Gauges: the sizes of the index, counted again when it has changed, and the requests under way."""

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
            sizes = GaugeMetricFamily("jianbao_held", "What the index holds", labels=["what"])
            for what, count in answerer.index.catalog.counts().items():
                sizes.add_metric([what], count)
            yield sizes


def add_metrics(app: FastAPI, limits: Mapping[str, ConcurrencyLimit]) -> None:
    """Add the routes; `limits` know the requests under way, by kind of work."""
    own = CollectorRegistry(auto_describe=False)
    own.register(_Sizes(app, limits))
    asked: dict[str, float] = {}
    asking = threading.Lock()

    @app.get("/metrics", include_in_schema=False)
    @needs("admin", "")
    def metrics() -> Response:
        return Response(generate_latest(REGISTRY) + generate_latest(own), media_type=CONTENT_TYPE_LATEST)

    @app.get("/healthz")
    @public
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", response_model=None)
    @public
    def readyz(index: WholeIndex) -> dict[str, str] | JSONResponse:
        try:
            index.visible_to(frozenset()).refresh()  # as for a caller, so that access group rules are compared, too
            with asking:
                if time.monotonic() - asked.get("at", -_ASKED_AGAIN) >= _ASKED_AGAIN:
                    index.encoder.query(f"就绪 {time.monotonic()}")  # a new text each time: the encoder remembers earlier ones
                    asked["at"] = time.monotonic()
        except IndexingError:
            return JSONResponse({"status": "unavailable"}, 503, {"Retry-After": "10"})
        return {"status": "ready"}
