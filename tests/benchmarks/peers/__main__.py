"""`make bench-peers`: Sluice against what people would take instead, on one file and one table.

Each peer loads the same generated workbook into the same table with its primary key, in a
PostgreSQL of the local stack; what the table then holds is compared with the generator's figures.
`wall_s` of a program is from its start to its end, that of Sluice from the upload's answer to the
terminal event at an SSE client; `cpu_s` is that of all processes, `peak_mb` that of the largest.

Environment: `PEERS` (all; names, by commas), `STRINGS` (inline,shared), `ROWS` (1,000,000),
`RUNS` (3, of slow peers 1), `RESULTS` (a folder for the raw results of a trial). Results of a
million rows go to `docs/benchmarks/peers.json`, where each replaces the peer's last one; then the
table and the plot are made anew. Fewer rows are printed and not kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg
import redis
from tests.benchmarks.peers import kits, report
from tests.benchmarks.peers.catalog import BY_NAME, PEERS, SLUICE, Peer
from tests.benchmarks.peers.measure import measure
from tests.benchmarks.raw_results import ROOT, keep_results, read_results, results_path
from tests.benchmarks.whole_road import Order

from devstack import SluiceOptions, Stack
from devstack.locations import cache_folder, project_root
from import_targets import create_table_sql, load_target
from sample_data import generate_orders

if TYPE_CHECKING:
    from tests.benchmarks.peers.figures import Entry

    from xlsx_writer import Strings

KEPT_ROWS = 1_000_000
PICTURE = ROOT / "docs" / "pictures" / "peers.svg"
YARDSTICK_ROUNDS = 5_000_000


def workbook(rows: int, strings: Strings) -> Order:
    """Return the workbook, made once and kept, and read so that the system has it in memory."""
    path = cache_folder() / "workbooks" / f"orders-{rows}-{strings}-0.xlsx"
    if not path.exists():
        print(f"generating {path} …", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        generate_orders(path, rows, strings=strings).write_beside(path)
    path.read_bytes()
    return Order(path=path, target="orders", rows=rows)


def chosen() -> list[Peer]:
    names = [name for name in os.environ.get("PEERS", "").split(",") if name]
    if unknown := set(names) - BY_NAME.keys():
        raise SystemExit(f"no such peers: {unknown}; there are {', '.join(BY_NAME)}")
    return [peer for peer in PEERS if not names or peer.name in names]


def load_all(stack: Stack, peers: list[Peer], orders: dict[Strings, Order]) -> list[Entry]:
    entries = []
    for strings, order in orders.items():
        for peer in peers:
            if peer.name != SLUICE:
                kits.command(peer)  # made before the clock runs
            times = int(os.environ.get("RUNS", "1" if peer.slow else "3"))
            runs = []
            for _ in range(times):
                runs.append(measure(stack, peer, order))
                print(f"{peer.name} {strings}: {runs[-1]}", flush=True)
            entries.append(entry(peer, strings, order, runs))
            if order.rows == KEPT_ROWS:
                keep_results("peers", entries[-1:], ("peer", "strings"))
    return entries


def yardstick_s() -> float:
    """Return the CPU seconds of a fixed piece of work: a shared machine is not steady."""
    begin_s = time.process_time()
    sum(number * number % 7 for number in range(YARDSTICK_ROUNDS))
    return round(time.process_time() - begin_s, 2)


def entry(peer: Peer, strings: Strings, order: Order, runs: list[dict[str, Any]]) -> Entry:
    return {
        "peer": peer.name,
        "strings": strings,
        "rows": order.rows,
        "yardstick_s": yardstick_s(),
        "versions": kits.versions(peer),
        "runs": runs,
    }


def prepare(stack: Stack) -> None:
    """Make the table that Sluice would, and let Redis drop nothing, as BullMQ asks for."""
    definition = load_target(project_root() / "targets" / "orders.yaml")
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(create_table_sql(definition).encode())
    with redis.Redis.from_url(stack.redis_url) as client:
        client.config_set("maxmemory", "2gb")
        client.config_set("maxmemory-policy", "noeviction")


def publish() -> None:
    """Make the table and the plot anew from what is kept."""
    report.main()
    plot = [str(kits.python()), "-m", "tests.benchmarks.peers.plot"]
    subprocess.run([*plot, str(results_path("peers")), str(PICTURE)], check=True)


def main() -> int:
    rows = int(os.environ.get("ROWS", str(KEPT_ROWS)))
    kinds: list[Strings] = os.environ.get("STRINGS", "inline,shared").split(",")  # type: ignore[assignment]
    orders = {strings: workbook(rows, strings) for strings in kinds}
    programs = [peer for peer in chosen() if peer.name != SLUICE]
    entries = []
    if programs:
        with Stack.ephemeral("peers", parts=("postgres", "redis")) as stack:
            prepare(stack)
            entries += load_all(stack, programs, orders)
    if len(programs) < len(chosen()):
        with Stack.ephemeral("peers", sluice=SluiceOptions()) as stack:
            entries += load_all(stack, [BY_NAME[SLUICE]], orders)
    if rows != KEPT_ROWS:
        print(report.table(entries))
    elif "RESULTS" in os.environ:
        print(report.table(read_results("peers")))
    else:
        publish()
    return 0 if all(run["exact"] for each in entries for run in each["runs"]) else 1


if __name__ == "__main__":
    sys.exit(main())
