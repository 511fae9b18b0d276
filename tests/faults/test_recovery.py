"""How soon work goes on when the only writer, or the only parser, was killed.

Run by `make test-faults LONG=1`; figures are printed, what is asserted about time means "stuck".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faults.fault_catalog import CATALOG
from tests.faults.fault_plan import FaultMoment, RunPlan
from tests.faults.fault_report import percentile, seconds
from tests.faults.fault_run import run_plan
from tests.faults.fault_world import FaultWorld, fault_world
from tests.faults.workbooks import ImportPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.long_faults, pytest.mark.timeout(1200)]

STUCK_S = 60.0
KILLS = 8


@pytest.fixture(scope="module")
def lonely_world() -> Iterator[FaultWorld]:
    """One writer and one parser: nobody else can go on for them."""
    with fault_world("fault-lonely", writers=1, parsers=1) as lonely:
        yield lonely


@pytest.mark.parametrize("service", ["writer", "parser"])
def test_work_goes_on_soon_after_a_kill(
    lonely_world: FaultWorld, books: Path, service: str
) -> None:
    standstills_s: list[float] = []
    for seed in range(KILLS):
        moment = FaultMoment(
            fault=CATALOG[f"kill -9 {service}"], at_share=0.2 + 0.05 * seed, duration_s=0, seed=seed
        )
        book = ImportPlan(kind="orders", rows=20_000, seed=100 + seed, first_id=seed * 20_000 + 1)
        report = run_plan(lonely_world, RunPlan(seed=seed, imports=[book], faults=[moment]), books)
        assert report.verdict.wrong == []
        standstills_s += [
            done.standstill_s for done in report.faults if done.recovery_s is not None
        ]
    print(f"\nkill -9 of the only {service}, {len(standstills_s)} times: the ledger stood still for"
          f" {seconds(percentile(standstills_s, 50))} (p50),"
          f" {seconds(percentile(standstills_s, 95))} (p95)")  # fmt: skip
    assert standstills_s
    assert max(standstills_s) < STUCK_S
