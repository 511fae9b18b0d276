"""The stock is told by the settler that leads, and by none once it is old."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from progress_gateway.entrypoints.stock_metrics import TOO_OLD_S, StockMetrics
from sluice.ops.lag import GroupTopic
from sluice.ops.stock import Stock

STOCK = Stock(
    jobs={"pending": 2},
    standstill_s=3.5,
    outbox_records=4,
    outbox_oldest_s=5.5,
    letters={"TIMEOUT": 6},
    halts={"writer": "too many"},
)
LAGS = {GroupTopic("sluice-writer", "imports.chunks"): 7}


class HandClock:
    """Stands until it is moved."""

    at_s = 1000.0

    def monotonic_s(self) -> float:
        return self.at_s

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


def test_a_stock_is_shown_until_it_is_old_or_another_leads() -> None:
    clock, registry = HandClock(), CollectorRegistry()
    shown = StockMetrics(clock)
    registry.register(shown)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert value("sluice_jobs", status="pending") is None
    shown.note_stock(STOCK)
    shown.note_lags(LAGS)
    assert value("sluice_jobs", status="pending") == 2
    assert value("sluice_jobs", status="processing") == 0
    assert value("sluice_job_standstill_seconds") == 3.5
    assert value("sluice_dead_letters", code="TIMEOUT") == 6
    assert value("sluice_consumers_halted", consumer="writer") == 1
    assert value("sluice_outbox_oldest_seconds") == 5.5
    lag = {"group": "sluice-writer", "topic": "imports.chunks"}
    assert value("sluice_consumer_lag_records", **lag) == 7
    clock.at_s += TOO_OLD_S
    assert value("sluice_jobs", status="pending") is None
    assert value("sluice_consumer_lag_records", **lag) is None
    shown.note_stock(STOCK)
    shown.forget()
    assert value("sluice_outbox_records") is None
