"""One load of one workbook: what it took, and whether the table holds what it must."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from tests.benchmarks.peers.catalog import FILE, SLUICE, Kit
from tests.benchmarks.peers.kits import command
from tests.benchmarks.whole_road import run as run_sluice
from tests.table_facts import empty_orders, expected_orders

from devstack.accounting import snapshot
from sample_data import read_expected
from sample_data.bad_orders import ORDER_COLUMNS

if TYPE_CHECKING:
    from tests.benchmarks.peers.catalog import Peer
    from tests.benchmarks.whole_road import Order

    from devstack import Stack

LAUNCHER = str(Path(__file__).with_name("launch.py"))
_FACTS = """
SELECT count(*), count(DISTINCT order_id), coalesce(sum(quantity), 0),
       coalesce(sum(unit_price), 0), min(ordered_at), max(ordered_at)
  FROM orders
"""
_CONTENT = f"""
SELECT sum(hashtextextended(ROW({", ".join(ORDER_COLUMNS)})::text, 0)),
       count(*) FILTER (WHERE strpos(concat(customer_name, email, sku, note), U&'\\FFFD') > 0)
  FROM orders
"""
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_LOOK_S, _ENDS_WITHIN_S = 0.02, 10.0


def measure(stack: Stack, peer: Peer, order: Order) -> dict[str, Any]:
    """Load once into the empty table; return the figures of that run."""
    empty_orders(stack.database_url)
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    taken = _of_sluice(stack, order) if peer.name == SLUICE else _of_program(stack, peer, order)
    return {
        "wall_s": round(taken["wall_s"], 2),
        "cpu_s": {name: round(cpu_s, 2) for name, cpu_s in taken["cpu_s"].items()},
        "peak_mb": {name: round(peak, 1) for name, peak in taken["peak_mb"].items()},
        **table_facts(stack.database_url, order),
    }


def _of_sluice(stack: Stack, order: Order) -> dict[str, Any]:
    begin_s = time.process_time()
    figures = run_sluice(stack, order)
    client_s = time.process_time() - begin_s
    return {
        "wall_s": figures["wall_s"],
        "cpu_s": figures["cpu_s"] | {"client": client_s},
        "peak_mb": figures["peak_rss_mb"],
    }


def _of_program(stack: Stack, peer: Peer, order: Order) -> dict[str, Any]:
    argv = [str(order.path) if part == FILE else part for part in command(peer)]
    environment = os.environ | {"PEER_DATABASE_URL": stack.database_url}
    if peer.kit is Kit.NODE:
        environment["PEER_REDIS_URL"] = stack.redis_url
    before = snapshot(stack.processes())
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        launcher = [sys.executable, "-I", "-S", LAUNCHER, str(report)]
        subprocess.run([*launcher, *argv], env=environment, check=True)
        took = json.loads(report.read_text(encoding="utf-8"))
    _wait_for_backends(stack.database_url)
    used = (snapshot(stack.processes()) - before).by_name
    cpu_s, peak_mb = {"client": took["cpu_s"]}, {"client": took["peak_mb"]}
    for name in ("postgres", "redis") if peer.kit is Kit.NODE else ("postgres",):
        cpu_s[name] = used[name].cpu_s
        peak_mb[name] = used[name].peak_rss_bytes / 2**20
    return {"wall_s": took["wall_s"], "cpu_s": cpu_s, "peak_mb": peak_mb}


def _wait_for_backends(database_url: str) -> None:
    """Wait until the load's backends have ended: only then are their seconds counted."""
    deadline_s = time.monotonic() + _ENDS_WITHIN_S
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < deadline_s:
            row = connection.execute(_OTHERS).fetchone()
            if row == (0,):
                return
            time.sleep(_LOOK_S)
    raise RuntimeError("the program has ended, and its connections to PostgreSQL have not")


def table_facts(database_url: str, order: Order) -> dict[str, Any]:
    """Return whether the generator's figures are met, and more of what the rows hold.

    `content` is a sum over all cells of all rows: the same for two loads only when they are the
    same. A damaged row has the sign that stands for a letter that could not be decoded.
    """
    with psycopg.connect(database_url) as connection:
        facts = connection.execute(_FACTS).fetchone()
        content = connection.execute(_CONTENT).fetchone()
    assert content is not None
    return {
        "exact": facts == expected_orders(read_expected(order.path)),
        "content": str(content[0]),
        "damaged_rows": content[1],
    }
