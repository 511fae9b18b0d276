"""Reads how the whole road does, for operators: processes, lag, pace, jobs, dead letters."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from psycopg.rows import dict_row

from sluice.db.pool import connection_of
from sluice.db.statements import statement
from sluice.errors import Outage
from sluice.ops.lag import ConsumerLag
from sluice.ops.stock import take_stock
from sluice.processes import read_processes
from upload_api.adapters.postgres_halts import list_halts
from upload_api.domain.road_health import (
    LetterClass,
    Part,
    Standings,
    letter_classes,
    open_streams,
    service_parts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from psycopg_pool import ConnectionPool

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.ops.lag import GroupTopic
    from sluice.ops.stock import Stock
    from sluice.processes import Process
    from upload_api.settings import UploadApiSettings

PACKAGE = "upload_api"
GOOD_FOR_S = 2.0
"""However many pages ask, the parts are asked once in this time."""
AWAY_FOR_S = 10.0
"""Brokers that did not answer are not asked again at once: each time costs their 5 s."""
PACE_STEP_S = 5
PACE_SPAN_S = 300


class LagReader(Protocol):
    """Knows how far consumer groups are behind."""

    def read(self) -> Mapping[GroupTopic, int]:
        """Return it by group and topic; blocks for some seconds, raises `Outage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How everything does at one moment."""

    at: datetime
    parts: list[Part]
    lags: Mapping[str, int] | None
    """Records that wait, by topic; None while the brokers do not answer."""
    stock: Stock
    pace: list[dict[str, Any]]
    letters: list[LetterClass]
    halts: list[dict[str, Any]]
    open_streams: int | None


class RoadFacts:
    """Asks everybody, one caller at a time; the others are given the same answer."""

    def __init__(
        self,
        settings: UploadApiSettings,
        pool: ConnectionPool[Connection],
        clock: Clock,
        lag: Callable[[UploadApiSettings], LagReader] = ConsumerLag,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._clock = clock
        self._make_lag = lag
        self._lag: LagReader | None = None
        self._lock = threading.Lock()
        self._standings = Standings()
        self._known: tuple[float, Overview] | None = None
        self._lags: tuple[float, Mapping[str, int] | None, str] = (0.0, None, "")

    def read(self) -> Overview:
        """Return how everything does, not older than two seconds.

        Raises:
            Outage: PostgreSQL is away.
        """
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._known is not None and now_s - self._known[0] < GOOD_FOR_S:
                return self._known[1]
            overview = self._read()
            self._known = (self._clock.monotonic_s(), overview)
            return overview

    def _read(self) -> Overview:
        processes, redis_fault = self._processes()
        lags, kafka_fault = self._waiting_records()
        try:
            stock, pace, letters, halts = self._rows()
        except Outage as outage:
            self._standings.part("postgresql", outage.reason, self._clock.monotonic_s())
            raise
        faults = {"kafka": kafka_fault, "postgresql": "", "redis": redis_fault}
        now_s = self._clock.monotonic_s()
        rests_on = [self._standings.part(name, fault, now_s) for name, fault in faults.items()]
        return Overview(
            at=self._clock.now(),
            parts=service_parts(processes) + rests_on,
            lags=lags,
            stock=stock,
            pace=pace,
            letters=letters,
            halts=[halt for halt in halts if halt["resumed_at"] is None],
            open_streams=open_streams(processes),
        )

    def _processes(self) -> tuple[Sequence[Process] | None, str]:
        url = self._settings.redis_url
        if url is None:
            return None, "SLUICE_REDIS_URL is not set"
        try:
            return read_processes(url.get_secret_value()), ""
        except Outage as outage:
            return None, outage.reason

    def _waiting_records(self) -> tuple[Mapping[str, int] | None, str]:
        until_s, lags, fault = self._lags
        if self._clock.monotonic_s() < until_s:
            return lags, fault
        try:
            self._lag = self._lag or self._make_lag(self._settings)
            found, fault = self._lag.read(), ""
            lags = {key.topic: waiting for key, waiting in found.items()}
        except Outage as outage:
            lags, fault = None, outage.reason
        good_for_s = AWAY_FOR_S if fault else 0.0
        self._lags = (self._clock.monotonic_s() + good_for_s, lags, fault)
        return lags, fault

    def _rows(
        self,
    ) -> tuple[Stock, list[dict[str, Any]], list[LetterClass], list[dict[str, Any]]]:
        values = {"step_s": PACE_STEP_S, "span_s": PACE_SPAN_S}
        with connection_of(self._pool) as conn:
            with conn.cursor(row_factory=dict_row) as cursor:
                pace = cursor.execute(statement(PACKAGE, "pace_of_rows"), values).fetchall()
            letters = conn.execute(statement(PACKAGE, "letters_by_hour")).fetchall()
            return take_stock(conn), pace, letter_classes(letters), list_halts(conn)
