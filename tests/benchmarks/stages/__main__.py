"""`make bench-stages`: each stage of the road alone, and the whole, in CPU s for a million rows.

Each stage runs in a process of its own, on the same workbook and the real code: what it needs is
made beforehand and not measured. The server's CPU seconds stand beside the client's. Results are
medians of `RUNS`, kept in docs/benchmarks/stages.json. Nothing here is a gate.

Environment: `ROWS` (1,000,000), `STRINGS` (inline or shared), `RUNS` (3), `STAGES` (all; names with
commas between them, `whole` among them), `ADD_RUNS`, and what services are told
(`SLUICE_READER=python` …).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from tests.benchmarks.raw_results import keep_results, medians, with_earlier_runs
from tests.benchmarks.stages.inputs import FILE, ORDERS, parser_settings
from tests.benchmarks.stages.meter import SERVERS
from tests.benchmarks.stages.one import STAGES, TOGETHER
from tests.benchmarks.whole_road import run as run_whole
from tests.benchmarks.whole_road import workbook
from tests.table_facts import empty_orders

from devstack import SluiceOptions, Stack
from import_targets import create_table_sql, load_target
from parser.domain.chunk_policy import CHUNKER_VERSION, policy_of
from sluice.db.migrate import migrate
from xlsx_reader import READER_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.whole_road import Order

    from devstack.endpoints import Part

WHOLE = "whole"
SERVER_OF: dict[str, Part] = {
    "produce": "kafka",
    "consume": "kafka",
    "validate": "postgres",
    "copy": "postgres",
    "ledger": "postgres",
    "write": "postgres",
}
IDENTITY = ("stage", "rows", "strings", "reader", "chunk_rows")
Runs = dict[str, list[dict[str, float]]]


def main() -> int:
    asked = os.environ.get("STAGES", "")
    names = asked.split(",") if asked else [*STAGES, WHOLE]
    order, runs = workbook(), int(os.environ.get("RUNS", "3"))
    found = _alone([name for name in names if name != WHOLE], order, runs)
    if WHOLE in names:
        found[WHOLE] = _whole(order, runs)
    results = [_result(name, order, figures) for name, figures in found.items()]
    keep_results("stages", results, IDENTITY)
    print(table(results))
    return 0


def _alone(names: Sequence[str], order: Order, runs: int) -> Runs:
    """Measure each stage, each time in turn: what disturbs the machine meets them all."""
    parts = {SERVER_OF[name] for name in names if name in SERVER_OF}
    found: Runs = {name: [] for name in names}
    if not names:
        return found
    with Stack.ephemeral("bench-stages", parts=parts) as stack:
        if "postgres" in parts:
            migrate(stack.database_url)
            with psycopg.connect(stack.database_url, autocommit=True) as conn:
                conn.execute(create_table_sql(load_target(ORDERS)))
        for _ in range(runs):
            for name in names:
                found[name].append(_measure(stack, name, order))
                print(json.dumps({"stage": name} | found[name][-1]), flush=True)
    return found


def _measure(stack: Stack, name: str, order: Order) -> dict[str, float]:
    server = SERVER_OF.get(name)
    pids = {p.service: p.pid for p in stack.processes() if p.service == server}
    env = {
        **os.environ,
        **stack.endpoints.environment(),
        FILE: str(order.path.absolute()),
        SERVERS: json.dumps(pids),
        "ROWS": str(order.rows),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.stages.one", name],
        cwd=Path(__file__).parents[3],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _whole(order: Order, runs: int) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    with Stack.ephemeral("bench", sluice=SluiceOptions()) as stack:
        for _ in range(runs):
            empty_orders(stack.database_url)
            once = run_whole(stack, order)
            assert once["exact"] is not False, once
            print(json.dumps({"stage": WHOLE} | once), flush=True)
            million = 1_000_000 / once["rows"]
            figures = {f"{name}_cpu_s": s * million for name, s in once["cpu_s"].items()}
            cpu_s = sum(figures.values())
            peaks = {f"{name}_peak_mb": mb for name, mb in once["peak_rss_mb"].items()}
            wall = {"wall_s": once["wall_s"] * million, "cpu_s": cpu_s}
            found.append(wall | figures | peaks)
    return found


def _result(name: str, order: Order, runs: list[dict[str, float]]) -> dict[str, Any]:
    what = {
        "stage": name,
        "rows": order.rows,
        "strings": os.environ.get("STRINGS", "inline"),
        "reader": READER_NAME,
        "chunk_rows": policy_of(CHUNKER_VERSION, parser_settings().chunk_rows).rows,
    }
    runs = with_earlier_runs("stages", what, IDENTITY, runs)
    return what | {"median": medians(runs), "runs": runs}


def table(results: Sequence[dict[str, Any]]) -> str:
    """Return the stages as a table for people."""
    lines = [f"{'stage':18} {'client':>8} {'server':>8} {'wall':>8}   per 1M rows"]
    for result in results:
        name, figures = result["stage"], result["median"]
        if name == WHOLE:
            lines += _whole_lines(figures)
            continue
        server_s = sum(figures.get(f"{part}_cpu_s", 0.0) for part in ("kafka", "postgres"))
        label = f"= {name}" if name in TOGETHER else name
        lines.append(
            f"{label:18} {figures['client_cpu_s']:8.2f} {server_s:8.2f} {figures['wall_s']:8.2f}"
            f"   {TOGETHER.get(name, '')}".rstrip()
        )
    return "\n".join(lines)


def _whole_lines(figures: dict[str, float]) -> list[str]:
    used = {
        name.removesuffix("_cpu_s"): seconds
        for name, seconds in figures.items()
        if name.endswith("_cpu_s") and seconds >= 0.05
    }
    shares = ", ".join(f"{name} {seconds:.2f}" for name, seconds in used.items())
    return [f"{WHOLE:18} {figures['cpu_s']:8.2f} {'':8} {figures['wall_s']:8.2f}", f"  {shares}"]


if __name__ == "__main__":
    sys.exit(main())
