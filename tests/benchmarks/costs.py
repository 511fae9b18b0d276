"""`make bench-costs`: what a million rows cost, for docs/operations.md and docs/scaling.md.

CPU seconds, memory and room on disk, the median of RUNS imports (3) of ROWS orders (1,000,000),
written to docs/benchmarks/costs.json; the tables in the documents are made from it. The first
import warms up and does not count.
"""

from __future__ import annotations

import json
import os
import sys
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg
from scripts.scaling_model import COSTS, write_documents
from tests.benchmarks.whole_road import run, workbook
from tests.table_facts import empty_orders

from devstack import SluiceOptions, Stack
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = ("imports.chunks", "imports.results")
_ROOM = """
SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'), pg_total_relation_size('orders'),
       pg_total_relation_size('sluice.chunks')
"""


def room(stack: Stack) -> dict[str, float]:
    """Return the bytes on disk of all that an import adds to, by its name."""
    with psycopg.connect(stack.database_url) as conn:
        found = conn.execute(_ROOM).fetchone()
    assert found is not None
    kept = dict(zip(("WAL", "target's table", "ledger"), map(float, found), strict=True))
    kept["upload"] = _bytes_below(stack.folder / "files", "*")
    for topic in TOPICS:
        kept[topic] = _bytes_below(stack.folder, f"kafka/**/{topic}-[0-9]*/*.log")
    return kept


def _bytes_below(folder: Path, pattern: str) -> float:
    return float(sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()))


def _medians(runs: list[dict[str, Any]], name: str) -> dict[str, float]:
    return {each: round(median(run[name][each] for run in runs), 2) for each in runs[0][name]}


def main() -> int:
    order = workbook()
    runs: list[dict[str, Any]] = []
    with Stack.ephemeral("bench-costs", sluice=SluiceOptions()) as stack:
        for _ in range(int(os.environ.get("RUNS", "3")) + 1):
            empty_orders(stack.database_url)
            before = room(stack)
            figures = run(stack, order)
            after = room(stack)
            runs.append(figures | {"bytes": {name: after[name] - before[name] for name in after}})
            print(json.dumps(runs[-1]), flush=True)
    counted = runs[1:]
    millions = counted[0]["rows"] / 1e6
    per_million = {
        name: {each: round(value / millions, 2) for each, value in _medians(counted, name).items()}
        for name in ("cpu_s", "bytes")
    }
    costs = {
        "taken": SystemClock().now().date().isoformat(),
        "machine": counted[0]["machine"],
        "reader": counted[0]["reader"],
        "rows": counted[0]["rows"],
        "runs": len(counted),
        "rows_per_s": round(median(run["rows_per_s"] for run in counted)),
        "cpu_s_per_million_rows": per_million["cpu_s"],
        "bytes_per_million_rows": per_million["bytes"],
        "peak_rss_mb": _medians(counted, "peak_rss_mb"),
    }
    COSTS.parent.mkdir(exist_ok=True)
    COSTS.write_text(json.dumps(costs, indent=2) + "\n", encoding="utf-8")
    write_documents()
    return 0 if all(run["exact"] for run in counted) else 1


if __name__ == "__main__":
    sys.exit(main())
