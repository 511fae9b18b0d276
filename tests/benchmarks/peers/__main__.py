"""`make bench-peers`: Sluice against what people would take instead, on one file and one table.

Each peer loads the same generated workbook into the same table with its primary key, in a
PostgreSQL of the local stack; what the table then holds is compared with the generator's figures.
`wall_s` of a program is from its start to its end, that of Sluice from the upload's answer to the
terminal event at an SSE client; `cpu_s` is that of all processes, `peak_mb` that of the largest.

Environment: `PEERS` (all; names, by commas), `STRINGS` (inline,shared), `ROWS` (1,000,000),
`RUNS` (3; slow peers once). Results of a million rows go to `docs/benchmarks/peers.json`, where
each replaces the peer's last one; then the table and the plot are made anew.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg
import redis
from tests.benchmarks.peers import kits, report, results
from tests.benchmarks.peers.catalog import BY_NAME, PEERS, SLUICE, Peer
from tests.benchmarks.peers.measure import measure
from tests.benchmarks.whole_road import Order

from devstack import SluiceOptions, Stack
from devstack.locations import cache_folder, project_root
from import_targets import create_table_sql, load_target
from sample_data import generate_orders
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from xlsx_writer import Strings

KEPT_ROWS = 1_000_000
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


def load_all(stack: Stack, peers: list[Peer], orders: dict[Strings, Order]) -> list[results.Entry]:
    entries = []
    for strings, order in orders.items():
        for peer in peers:
            if peer.name != SLUICE:
                kits.command(peer)  # made before the clock runs
            times = 1 if peer.slow else int(os.environ.get("RUNS", "3"))
            runs = []
            for _ in range(times):
                runs.append(measure(stack, peer, order))
                print(f"{peer.name} {strings}: {runs[-1]}", flush=True)
            entries.append(entry(peer, strings, order, runs))
            if order.rows == KEPT_ROWS:
                results.keep(entries[-1:])
    return entries


def yardstick_s() -> float:
    """Return the CPU seconds of a fixed piece of work: a shared machine is not steady."""
    begin_s = time.process_time()
    sum(number * number % 7 for number in range(YARDSTICK_ROUNDS))
    return round(time.process_time() - begin_s, 2)


def entry(peer: Peer, strings: Strings, order: Order, runs: list[dict[str, Any]]) -> results.Entry:
    return {
        "peer": peer.name,
        "strings": strings,
        "rows": order.rows,
        "measured": SystemClock().now().isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "yardstick_s": yardstick_s(),
        "system": f"{platform.system()} {platform.machine()}",
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
    subprocess.run([kits.python(), "-m", "tests.benchmarks.peers.plot"], check=True)


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
    if rows == KEPT_ROWS:
        publish()
    else:
        print(report.table(entries))
    return 0 if all(run["exact"] for each in entries for run in each["runs"]) else 1


if __name__ == "__main__":
    sys.exit(main())
