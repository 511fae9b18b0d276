"""The metrics that several processes have; each service adds its own, docs/metrics.md lists all."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from weakref import WeakSet

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from sluice import tracing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric
    from psycopg_pool import ConnectionPool

    from sluice.db.pool import Connection

Stage: TypeAlias = Literal[
    "upload",  # from the first byte of the request to its answer
    "queue",  # from the job's row to the claim of a parser
    "parse",  # from the claim to the manifest
    "produce",  # from a record in the queue to the brokers' acknowledgement
    "validate",  # of a batch, before its transaction
    "write",  # of a batch, from the gate to the COMMIT
    "commit",  # of a batch, the COMMIT alone
    "fold",  # of one fact
    "publish",  # of the snapshots that are untold, to Redis
    "settle",  # of a job's end
]

STAGE_S = Histogram(
    "sluice_stage_duration_seconds",
    "How long each stage of the road takes",
    ["stage"],
    buckets=(
        *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
        *(1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600),
    ),
)
BUILD = Gauge(
    "sluice_build_info",
    "1; what runs: the service, its version, which reader of workbooks and encoder of rows it has",
    ["service", "version", "reader", "encoder"],
)
SPANS = Counter("sluice_trace_spans_total", "Spans: exported, or lost on the way", ["outcome"])
NONE: Final = "none"


def tell_build(service: str, *, reader: str = NONE, encoder: str = NONE) -> None:
    """Say what runs; once, at the start."""
    # When each counter was made would be one more series for each of ours
    disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs
    BUILD.labels(service, version("sluice"), reader, encoder).set(1)


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """Measure one passage of a stage, however it ends; a span, where what is in hand is traced."""
    with STAGE_S.labels(name).time(), tracing.within(name):
        yield


def took(name: Stage, seconds: float) -> None:
    """Note one passage that was measured elsewhere; the clocks of two machines may differ."""
    STAGE_S.labels(name).observe(max(0.0, seconds))


class PoolMetrics(Collector):
    """What the connection pools of this process tell of themselves, when they are asked."""

    def __init__(self) -> None:
        self._pools: WeakSet[ConnectionPool[Connection]] = WeakSet()

    def watch(self, pool: ConnectionPool[Connection]) -> None:
        self._pools.add(pool)

    def collect(self) -> Iterator[Metric]:
        stats = [pool.get_stats() for pool in self._pools if not pool.closed]

        def total(name: str) -> int:
            return sum(each.get(name, 0) for each in stats)

        connections = GaugeMetricFamily(
            "sluice_database_pool_connections",
            "Connections to PostgreSQL in pools: lent, idle, and as many as there may be",
            labels=["state"],
        )
        idle = total("pool_available")
        connections.add_metric(["lent"], max(0, total("pool_size") - idle))
        connections.add_metric(["idle"], idle)
        connections.add_metric(["limit"], total("pool_max"))
        yield connections
        yield GaugeMetricFamily(
            "sluice_database_pool_waiting",
            "Callers that wait for a connection",
            total("requests_waiting"),
        )
        yield CounterMetricFamily(
            "sluice_database_pool_wait_seconds",
            "How long callers have waited for connections, in all",
            total("requests_wait_ms") / 1000,
        )
        yield CounterMetricFamily(
            "sluice_database_pool_failures",
            "Times that no connection came in time",
            total("requests_errors"),
        )


POOLS = PoolMetrics()
REGISTRY.register(POOLS)
