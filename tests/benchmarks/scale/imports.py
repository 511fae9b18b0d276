"""Imports of some files, at once or one after the other, and what they took."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.commit_times import commits_of
from tests.benchmarks.scale.monitor import READER, Monitor
from tests.benchmarks.sse.delays import commit_delays, spread_ms
from tests.road_client import RoadClient
from tests.table_facts import empty_orders, ledger_of

from devstack.accounting import reset_peaks, snapshot
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.road_client import Message

    from devstack import Stack


@dataclass(frozen=True, slots=True)
class Imported:
    """One import: when its upload was answered, and what its viewer was told."""

    job_id: str
    answered_s: float
    messages: Sequence[Message]

    @property
    def ended_s(self) -> float:
        return self.messages[-1].at_s


def measured(stack: Stack, paths: Sequence[Path], *, at_once: bool) -> dict[str, Any]:
    """Import files into the empty table, watched by a viewer each; return the figures."""
    empty_orders(stack.database_url)
    # To sign in takes 0.2 CPU s, which is not what is measured
    clients = [RoadClient(stack.gateway, *stack.login) for _ in paths]
    reset_peaks(stack.processes())
    before, begin_s = snapshot(stack.processes()), time.monotonic()
    with Monitor(stack) as monitor, ThreadPoolExecutor(len(paths)) as threads:
        if at_once:
            done = list(threads.map(_import, clients, paths))
        else:
            done = [_import(client, path) for client, path in zip(clients, paths, strict=True)]
    used = (snapshot(stack.processes()) - before).by_name
    peaks = {name: round(use.peak_rss_bytes / 2**20) for name, use in used.items()}
    wall_s = max(each.ended_s for each in done) - min(each.answered_s for each in done)
    rows = _written_rows(stack, done)
    return {
        "rows": rows,
        "wall_s": round(wall_s, 2),
        "rows_per_s": round(rows / wall_s),
        "with_upload_s": round(max(each.ended_s for each in done) - begin_s, 2),
        "total_cpu_s": round(sum(use.cpu_s for use in used.values()), 2),
        "cpu_s": {name: round(use.cpu_s, 2) for name, use in used.items()},
        "peak_mb": peaks | {READER: round(monitor.reader_peak_mb)},
        "largest_lag": monitor.largest_lag,
        "commit_to_client_ms": _delays(stack, done),
    }


def _import(client: RoadClient, path: Path) -> Imported:
    job_id = client.upload(path, "orders")
    answered_s = time.monotonic()
    messages = client.follow(job_id)
    client.close()
    assert messages[-1].event == "completed", messages[-1]
    return Imported(job_id, answered_s, messages)


def _written_rows(stack: Stack, done: Sequence[Imported]) -> int:
    """Return the rows that the imports have written; all that their files have, or it raises."""
    written = 0
    for each in done:
        _, rows, inserted, failed = ledger_of(stack.database_url, each.job_id)
        assert (inserted, failed) == (rows, 0), each.job_id
        assert each.messages[-1].data["data"]["totalRows"] == rows, each.job_id
        written += rows
    return written


def _delays(stack: Stack, done: Sequence[Imported]) -> dict[str, float]:
    offset_s = SystemClock().now().timestamp() - time.monotonic()
    commits = commits_of(stack.database_url, [each.job_id for each in done])
    found: list[float] = []
    for each in done:
        told = [m for m in each.messages if "processedRows" in m.data.get("data", {})]
        seen = {
            "at_s": [message.at_s + offset_s for message in told],
            "rows": [message.data["data"]["processedRows"] for message in told],
        }
        found += commit_delays(commits[each.job_id], seen)
    return spread_ms(found)
