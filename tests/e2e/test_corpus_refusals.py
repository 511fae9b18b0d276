"""Every file of the corpus that is refused: what its answer takes of the running services."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.table_facts import unfinished_jobs

from devstack.accounting import peak_rss_bytes
from sample_data.corpus import CASES, Case, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.road_client import RoadClient

    from devstack import Stack

log = logging.getLogger(__name__)
MOST_GROWTH_MB = 64
MIB = 1 << 20
SERVICES = ("progress-gateway", "upload-api")
"""The two that a file passes through until it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What one refusal took."""

    ms: int
    peaks_mb: dict[str, float]


def pids_of(stack: Stack) -> dict[str, int]:
    by_name = {process.name: process.pid for process in stack.processes()}
    found = {name: by_name[name] for name in SERVICES}
    return {name: pid for name, pid in found.items() if pid is not None}


def reset_peaks(pids: dict[str, int]) -> dict[str, float]:
    """Let the peaks start again from what is resident now; return that in MB."""
    for pid in pids.values():
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # proc(5)
    return peaks_mb(pids)


def peaks_mb(pids: dict[str, int]) -> dict[str, float]:
    return {name: peak_rss_bytes(pid) / MIB for name, pid in pids.items()}


def refused(case: Case, must: Refused, client: RoadClient, path: Path) -> int:
    """Upload a case that must be refused; return the milliseconds to its answer."""
    case.write(path)
    began = time.perf_counter()
    answer = client.post_file(path, case.target, **({"sheet": case.sheet} if case.sheet else {}))
    took_ms = round((time.perf_counter() - began) * 1000)
    path.unlink()
    body = answer.json()
    assert (answer.status_code, body["code"]) == (must.status, must.code), (case.name, body)
    assert must.place in body["detail"], case.name
    return took_ms


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_refusal_costs_little_memory_and_leaves_nothing(
    stack: Stack, client: RoadClient, leftovers: Callable[[], list[str]], tmp_path: Path
) -> None:
    for service in SERVICES:
        stack.restart(service)
    files_before = set((stack.folder / "files").iterdir())
    pids = pids_of(stack)
    idle = reset_peaks(pids)
    refusals: dict[str, Refusal] = {}
    for case in CASES:
        if isinstance(case.must, Refused):
            reset_peaks(pids)
            took_ms = refused(case, case.must, client, tmp_path / "case.xlsx")
            refusals[case.name] = Refusal(ms=took_ms, peaks_mb=peaks_mb(pids))
    for service in SERVICES:
        growth = {name: each.peaks_mb[service] - idle[service] for name, each in refusals.items()}
        tell_largest(f"{service}, MB over idle ({idle[service]:.0f} MB)", growth)
        assert max(growth.values()) <= MOST_GROWTH_MB
    tell_largest("ms", {name: each.ms for name, each in refusals.items()})
    assert pids == pids_of(stack)
    assert leftovers() == []
    # Files of imports that ended before may go meanwhile, as their retention says
    assert set((stack.folder / "files").iterdir()) <= files_before
    assert unfinished_jobs(stack.database_url) == 0


def tell_largest(what: str, found: dict[str, float] | dict[str, int]) -> None:
    largest = sorted(found.items(), key=lambda item: item[1], reverse=True)[:5]
    log.info("%s: %s", what, "; ".join(f"{figure:.1f} {name}" for name, figure in largest))
