"""Measures the undo of an import of `orders`, with the writer killed once in the middle of it.

Run: `python services/writer/benchmarks/undo_speed.py [rows] [writers]`.
It starts real servers of its own, fills the table as writers do (10,000 rows and their ledger
entries in one transaction), starts the writers, asks for the undo, and kills the one that works on
it once half of the rows are reversed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg

from devstack import ServiceSpec, Stack
from import_targets import create_table_sql, load_target
from sluice.db.migrate import migrate
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from import_targets import TargetDefinition

ORDERS = Path(__file__).parents[3] / "targets" / "orders.yaml"
BATCH = 10_000
LONGEST_S = 300.0
FILL = """
INSERT INTO orders (order_id, customer_name, email, sku, quantity, unit_price, currency, ordered_at,
                    shipped, note, sluice_job, sluice_line)
SELECT k, 'Customer ' || k %% 5000, 'customer' || k || '@example.com', 'SKU-' || k %% 999999,
       1 + k %% 999, k %% 100000 / 100.0, 'USD', date '2024-01-01' + k %% 700, k %% 2 = 0,
       CASE WHEN k %% 3 = 0 THEN 'leave at the door' END, %(job)s, k + 2
  FROM generate_series(%(first)s::int, %(last)s::int) AS k
"""
LEDGER = """
INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, inserted, first_line, last_line,
                           covered_bytes, sha256)
SELECT %(job)s, k / 1000, 'written', 1, 1000, 1000, k + 2, k + 1001, 1, ''
  FROM generate_series(%(first)s::int, %(last)s::int, 1000) AS k
"""


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    writers = int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004 - the second argument
    job_id = uuid4()
    with Stack.ephemeral("bench-undo", parts={"postgres", "kafka", "redis"}) as stack:
        settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": stack.kafka_bootstrap})
        create_topics(settings, topic_specs(settings))
        migrate(stack.database_url)
        with psycopg.connect(stack.database_url, autocommit=True) as conn:
            _fill(conn, job_id, rows)
            stack.add([_writer(stack, number) for number in range(writers)])
            _measure(conn, job_id)


def _fill(conn: psycopg.Connection[Any], job_id: UUID, rows: int) -> None:
    definition: TargetDefinition = load_target(ORDERS)
    conn.execute(create_table_sql(definition))
    conn.execute("INSERT INTO sluice.users (username) VALUES ('b')")
    conn.execute(
        """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
               file_name, file_url, file_size_bytes, file_sha256, status)
           SELECT %s, user_id, 'orders', %s, 'insert', '{}', 'f', 'file:///f', 1, '', 'completed'
             FROM sluice.users""",
        [job_id, json.dumps(definition.to_json())],
    )
    for first in range(0, rows, BATCH):
        values = {"job": job_id, "first": first, "last": min(first + BATCH, rows) - 1}
        with conn.transaction():
            conn.execute(LEDGER, values)
            conn.execute(FILL, values)


def _writer(stack: Stack, number: int) -> ServiceSpec:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return ServiceSpec(
        name=f"writer-{number}",
        ports=(port,),
        argv=(sys.executable, "-m", "writer"),
        env={**stack.endpoints.environment(), "SLUICE_METRICS_PORT": "{port}"},
        ready="http://127.0.0.1:{port}/readyz",
    )


def _measure(conn: psycopg.Connection[Any], job_id: UUID) -> None:
    conn.execute(
        "INSERT INTO sluice.undos (job_id, requested_by)"
        " SELECT job_id, owner_id FROM sluice.jobs WHERE job_id = %s",
        [job_id],
    )
    started_s, collected_s, killed_s, on_s, at_death = time.perf_counter(), 0.0, 0.0, 0.0, 0
    while (now_s := time.perf_counter() - started_s) < LONGEST_S:
        row = conn.execute(
            "SELECT state, collected, total, reversed, worker FROM sluice.undos"
        ).fetchone()
        state, collected, total, done, worker = row or ("gone", False, 0, 0, None)
        if collected and not collected_s:
            collected_s = now_s
            print(f"collected {total:,} rows after {now_s:.1f} s")
        if worker and total and done > total / 2 and not killed_s:
            os.kill(int(worker.split(":")[2]), signal.SIGKILL)
            killed_s, at_death = now_s, done
            print(f"killed after {now_s:.1f} s with {done:,} rows reversed")
        if killed_s and not on_s and done > at_death + BATCH:
            on_s = now_s
            print(f"taken over {now_s - killed_s:.1f} s later")
        if state == "done":
            print(f"done after {now_s:.1f} s: {done:,} of {total:,} reversed")
            break
        time.sleep(0.02)
    print("left in the table:", *(conn.execute("SELECT count(*) FROM orders").fetchone() or ()))


if __name__ == "__main__":
    main()
