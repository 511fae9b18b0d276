"""Measures the roads into a table, without Kafka: rows/s, and CPU s of writer and PostgreSQL.

Run: `python services/writer/benchmarks/write_roads.py [rows] [case …]`.
In one run, for machines are noisy: 3 % bad rows of eight kinds (duplicates in the file among
them), a clean insert, the same rows twice more as upserts over themselves, the staging road, and a
dry run.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from write_speed import ORDERS, chunk_of, layout_of, row_of

from devstack import Stack
from import_targets import create_table_sql, load_target
from sluice.clock import SystemClock
from sluice.db.migrate import migrate
from sluice.settings import DatabaseSettings
from writer.adapters.import_target import TargetValidation
from writer.adapters.postgres_rejected import RejectedRows
from writer.adapters.postgres_session import PostgresSession
from writer.domain.batching import ChunkInHand, JobBatch
from writer.write_batch import BatchWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluice.events.rows_chunked import RowsChunked

CHUNK_ROWS = 1_000
BATCH_CHUNKS = 10
EVERY = 33
Row = list[str | None]


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured; `afresh`: into an empty table."""

    name: str
    mode: str
    afresh: bool = True
    bad: bool = False
    dry_run: bool = False


CASES = (
    Case("3 % bad", "insert", bad=True),
    Case("clean", "insert"),
    Case("upsert", "upsert", afresh=False),
    Case("upsert", "upsert", afresh=False),
    Case("staging", "skip_existing"),
    Case("dry run", "skip_existing", dry_run=True),
)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    named = set(sys.argv[2:])
    with Stack.ephemeral("bench-roads", parts={"postgres"}) as stack:
        migrate(stack.database_url)
        with psycopg.connect(stack.database_url, autocommit=True) as conn:
            table = create_table_sql(load_target(ORDERS))
            conn.execute(table)
            _measure(conn, stack, rows // 10, Case("warming up", "insert", bad=True))
            for case in [case for case in CASES if not named or case.name in named]:
                if case.afresh:
                    conn.execute("DROP TABLE orders")
                    conn.execute(table)
                _measure(conn, stack, rows, case)


def _measure(
    conn: psycopg.Connection[tuple[object, ...]], stack: Stack, rows: int, case: Case
) -> None:
    job_id = uuid4()
    _insert_job(conn, job_id, case)
    chunks = list(_chunks(job_id, rows, bad=case.bad))
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": stack.database_url})
    session = PostgresSession(settings)
    writer = BatchWriter(session, TargetValidation(), RejectedRows(100_000), SystemClock())
    conn.execute("CHECKPOINT")
    server_s, own_s, started_s = _server_s(), time.process_time(), time.perf_counter()
    for start in range(0, len(chunks), BATCH_CHUNKS):
        group = chunks[start : start + BATCH_CHUNKS]
        batch = writer.prepare(JobBatch(job_id, tuple(ChunkInHand(chunk, ()) for chunk in group)))
        if batch is None:
            raise SystemExit("the job is unknown")
        writer.write(batch)
    took_s = time.perf_counter() - started_s
    own_s, server_s = time.process_time() - own_s, _server_s() - server_s
    session.close()
    sums = conn.execute(
        """SELECT sum(inserted), sum(updated), sum(skipped), sum(failed)
             FROM sluice.chunks WHERE job_id = %s""",
        [job_id],
    ).fetchone()
    million = 1_000_000 / rows
    print(
        f"{case.name:10}"
        f" {rows / took_s:9,.0f} rows/s; CPU s per 1M rows: writer {own_s * million:5.2f},"
        f" PostgreSQL {server_s * million:5.2f}; inserted, updated, skipped, failed: "
        + ", ".join(f"{n:,}" for n in sums or ())
    )


def _server_s() -> float:
    """Return the CPU seconds of this run's PostgreSQL, with its ended children."""
    total = 0.0
    for process in psutil.process_iter(["name", "ppid", "cmdline"]):
        mine = process.info["name"] in {"postgres", "postgresql"}
        if mine and "bench-roads" in " ".join(process.info["cmdline"] or ()):
            tree = [process, *process.children(recursive=True)]
            for each in tree:
                try:
                    times = each.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                total += times.user + times.system
                if each is process:
                    total += times.children_user + times.children_system
    return total


def _insert_job(conn: psycopg.Connection[tuple[object, ...]], job_id: UUID, case: Case) -> None:
    definition = load_target(ORDERS)
    owner = conn.execute(
        "INSERT INTO sluice.users (username) VALUES (%s) RETURNING user_id", [str(job_id)]
    ).fetchone()
    conn.execute(
        """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
               file_name, file_url, file_size_bytes, file_sha256, dry_run)
           VALUES (%s, %s, 'orders', %s, %s, %s, 'f', 'file:///f', 1, '\\x00', %s)""",
        [
            job_id,
            *(owner or ()),
            json.dumps(definition.to_json()),
            case.mode,
            layout_of(definition),
            case.dry_run,
        ],
    )


def _chunks(job_id: UUID, rows: int, *, bad: bool) -> Iterator[RowsChunked]:
    pick = random.Random(1)  # noqa: S311 - made-up orders
    for chunk_no, start in enumerate(range(0, rows, CHUNK_ROWS)):
        table = [row_of(k, pick, 0.0) for k in range(start, start + CHUNK_ROWS)]
        if bad:
            for k in range(start, start + CHUNK_ROWS):
                if k % EVERY == 0:
                    _spoil(table[k - start], k)
        yield chunk_of(job_id, chunk_no, start, table)


def _spoil(row: Row, number: int) -> None:
    """Make one of eight mistakes."""
    column, text = (
        (0, str(max(0, number - 40))),
        (1, None),
        (2, "no address"),
        (3, "no sku!"),
        (4, "none"),
        (4, "0"),
        (6, "XXX"),
        (7, "-5"),
    )[number // EVERY % 8]
    row[column] = text


if __name__ == "__main__":
    main()
