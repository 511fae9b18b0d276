"""`make bench`: one workbook through the whole running pipeline, and what it cost.

Prints, as its last line, one JSON object. `wall_s` runs from the moment the upload was answered to
the terminal event at an SSE client; `cpu_s` and `peak_rss_mb` are per service, children included
(the peak is that of the largest process). Nothing here is a gate.

Environment: `ROWS` (1,000,000), `FILE`, `TARGET` (orders), `STRINGS` (inline or shared),
`BAD_SHARE` (0), `WRITERS` (1), `PARSERS` (1), `KEEP_EVENTS` (a file for the stream's messages).
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.road_client import RoadClient
from tests.table_facts import empty_orders, expected_orders, orders_of

from devstack import SluiceOptions, Stack
from devstack.accounting import reset_peaks, snapshot
from sample_data import expected_path, generate_mixed, generate_orders, read_expected
from xlsx_reader import READER_NAME

if TYPE_CHECKING:
    from tests.road_client import Message

WORKBOOKS = Path(".cache/workbooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to import."""

    path: Path
    target: str
    rows: int | None


def workbook() -> Order:
    """Return the workbook to import; a generated one is made once and kept."""
    target = os.environ.get("TARGET", "orders")
    if "FILE" in os.environ:
        return Order(path=Path(os.environ["FILE"]), target=target, rows=None)
    rows = int(os.environ.get("ROWS", "1000000"))
    strings = os.environ.get("STRINGS", "inline")
    bad = float(os.environ.get("BAD_SHARE", "0"))
    path = WORKBOOKS / f"{target}-{rows}-{strings}-{bad:g}.xlsx"
    if not path.exists():
        print(f"generating {path} …", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        _generate(path, target, rows, strings, bad)
    return Order(path=path, target=target, rows=rows)


def _generate(path: Path, target: str, rows: int, strings: Any, bad: float) -> None:
    if target == "orders":
        generate_orders(path, rows, bad_share=bad, strings=strings).write_beside(path)
    else:
        generate_mixed(path, rows, 10, strings=strings)


def run(stack: Stack, order: Order) -> dict[str, Any]:
    """Import once; return the figures."""
    assert stack.gateway is not None
    client = RoadClient(stack.gateway, *stack.login)
    reset_peaks(stack.processes())
    before = snapshot(stack.processes())
    begin_s = time.monotonic()
    job_id = client.upload(order.path, order.target)
    answered_s = time.monotonic()
    messages = client.follow(job_id)
    wall_s = messages[-1].at_s - answered_s
    used = (snapshot(stack.processes()) - before).by_name
    keep_events(messages, answered_s)
    job = client.job(job_id)
    client.close()
    first = next((m for m in messages if m.data.get("data", {}).get("processedRows")), messages[-1])
    return {
        "rows": job["totalRows"],
        "wall_s": round(wall_s, 2),
        "rows_per_s": round(job["processedRows"] / wall_s),
        "upload_s": round(answered_s - begin_s, 2),
        "first_progress_s": round(first.at_s - answered_s, 2),
        "cpu_s": {name: round(use.cpu_s, 2) for name, use in used.items()},
        "peak_rss_mb": {name: round(use.peak_rss_bytes / 2**20, 1) for name, use in used.items()},
        "status": job["status"],
        "exact": exact(stack, order, job_id),
        "reader": READER_NAME,
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }


def exact(stack: Stack, order: Order, job_id: str) -> bool | None:
    """Tell whether the table holds what the generator wrote; None where that is not known."""
    if order.target != "orders" or not expected_path(order.path).exists():
        return None
    found = orders_of(stack.database_url, job_id)
    return found == expected_orders(read_expected(order.path))


def keep_events(messages: list[Message], zero_s: float) -> None:
    path = os.environ.get("KEEP_EVENTS")
    if path:
        lines = [
            json.dumps({"at_s": round(m.at_s - zero_s, 3), "event": m.event, "id": m.id} | m.data)
            for m in messages
        ]
        Path(path).write_text("\n".join(lines) + "\n")


def main() -> int:
    order = workbook()
    options = SluiceOptions(
        writers=int(os.environ.get("WRITERS", "1")), parsers=int(os.environ.get("PARSERS", "1"))
    )
    results = []
    with Stack.ephemeral("bench", sluice=options) as stack:
        for _ in range(int(os.environ.get("RUNS", "1"))):
            if order.target == "orders":
                empty_orders(stack.database_url)
            results.append(run(stack, order))
            print(json.dumps(results[-1]), flush=True)
    if len(results) > 1:
        results.sort(key=lambda figures: figures["wall_s"])
        print("the median run:")
        print(json.dumps(results[len(results) // 2]))
    return 0 if all(figures["exact"] is not False for figures in results) else 1


if __name__ == "__main__":
    sys.exit(main())
