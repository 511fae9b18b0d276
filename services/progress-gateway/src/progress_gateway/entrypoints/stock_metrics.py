"""What the settler that leads tells of the whole: unfinished jobs, what waits, who is behind.

One process tells it, so that nothing is counted twice; what is too old is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sluice.background import PeriodicThread
from sluice.db.pool import connection_of
from sluice.errors import Outage
from sluice.job_status import TERMINAL_STATUSES, JobStatus
from sluice.ops.stock import take_stock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client.core import Metric
    from psycopg_pool import ConnectionPool

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.ops.lag import ConsumerLag, GroupTopic
    from sluice.ops.stock import Stock

EVERY_S = 5.0
TOO_OLD_S = 60.0
UNFINISHED = tuple(sorted(set(JobStatus) - TERMINAL_STATUSES))
HALTABLE = ("writer",)


class StockMetrics(Collector):
    """Shows what was noted last; nothing of it once it is older than `TOO_OLD_S`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stock: tuple[float, Stock] | None = None
        self._lags: tuple[float, Mapping[GroupTopic, int]] | None = None

    def note_stock(self, stock: Stock) -> None:
        self._stock = self._clock.monotonic_s(), stock

    def note_lags(self, lags: Mapping[GroupTopic, int]) -> None:
        self._lags = self._clock.monotonic_s(), lags

    def forget(self) -> None:
        """Another process tells it from now on."""
        self._stock = self._lags = None

    def collect(self) -> Iterator[Metric]:
        oldest_s = self._clock.monotonic_s() - TOO_OLD_S
        stock = self._stock[1] if self._stock and self._stock[0] > oldest_s else None
        lags = self._lags[1] if self._lags and self._lags[0] > oldest_s else {}
        yield from _of_jobs(stock)
        yield from _of_waits(stock)
        lag = GaugeMetricFamily(
            "sluice_consumer_lag_records",
            "Records that a consumer group has not finished",
            labels=["group", "topic"],
        )
        for (group, topic), records in lags.items():
            lag.add_metric([group, topic], records)
        yield lag


def _of_jobs(stock: Stock | None) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("sluice_jobs", "Unfinished jobs by status", labels=["status"])
    still = GaugeMetricFamily(
        "sluice_job_standstill_seconds",
        "For so long an unfinished job that is to go on has not moved; of all the longest",
    )
    if stock is not None:
        for status in UNFINISHED:
            jobs.add_metric([status.value], stock.jobs.get(status.value, 0))
        still.add_metric([], stock.standstill_s)
    yield jobs
    yield still


def _of_waits(stock: Stock | None) -> Iterator[Metric]:
    records = GaugeMetricFamily("sluice_outbox_records", "Facts that wait to be published")
    age = GaugeMetricFamily("sluice_outbox_oldest_seconds", "For so long the oldest of them waits")
    letters = GaugeMetricFamily(
        "sluice_dead_letters", "Dead letters that want an operator, by class", labels=["code"]
    )
    halted = GaugeMetricFamily(
        "sluice_consumers_halted",
        "1 while all consumers of a kind stand still for an operator",
        labels=["consumer"],
    )
    if stock is not None:
        records.add_metric([], stock.outbox_records)
        age.add_metric([], stock.outbox_oldest_s)
        for code, count in stock.letters.items():
            letters.add_metric([code], count)
        for consumer in HALTABLE:
            halted.add_metric([consumer], float(consumer in stock.halts))
    yield from (records, age, letters, halted)


class StockTaker(PeriodicThread):
    """Takes stock beside the settler, while that leads."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        lag: ConsumerLag,
        shown: StockMetrics,
        leads: Callable[[], bool],
    ) -> None:
        super().__init__("stock-taker", EVERY_S)
        self._pool = pool
        self._lag = lag
        self._shown = shown
        self._leads = leads

    def turn(self) -> None:
        """Take stock once; what cannot be asked keeps its last answer for a while."""
        if not self._leads():
            self._shown.forget()
            return
        away: Outage | None = None
        try:
            self._shown.note_lags(self._lag.read())
        except Outage as outage:
            away = outage
        with connection_of(self._pool) as conn:
            self._shown.note_stock(take_stock(conn))
        if away is not None:
            raise away
