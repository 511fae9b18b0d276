"""Measures a writer on chunks of `orders` that lie ready in Kafka: rows/s, CPU s and memory.

Run: `python services/writer/benchmarks/write_speed.py [rows] [mode] [bad %]`.
It starts real servers of its own, encodes and produces all chunks first, then starts one writer.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psutil
import psycopg

from devstack import ServiceSpec, Stack
from import_targets import create_table_sql, load_target
from sluice.db.migrate import migrate
from sluice.events import rows_chunked
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkMeta, RowsChunked, cells_of, content_sha256
from sluice.job_layout import JobLayout, MappedColumn
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from import_targets import TargetDefinition

ORDERS = Path(__file__).parents[3] / "targets" / "orders.yaml"
CHUNK_ROWS = 1_000
TEXT, NUMBER = CellTag.TEXT, CellTag.NUMBER
KINDS = (NUMBER, TEXT, TEXT, TEXT, NUMBER, NUMBER, TEXT, CellTag.DATE, CellTag.BOOL, TEXT)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    mode = sys.argv[2] if len(sys.argv) > 2 else "insert"  # noqa: PLR2004 - the second argument
    bad_share = float(sys.argv[3]) / 100 if len(sys.argv) > 3 else 0.0  # noqa: PLR2004 - the third
    job_id = uuid4()
    with Stack.ephemeral("bench-writer", parts={"postgres", "kafka", "redis"}) as stack:
        settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": stack.kafka_bootstrap})
        create_topics(settings, topic_specs(settings))
        migrate(stack.database_url)
        _insert_job(stack.database_url, job_id, mode)
        _produce(settings, job_id, rows, bad_share)
        _measure(stack, job_id, rows)


def _insert_job(url: str, job_id: UUID, mode: str) -> None:
    definition = load_target(ORDERS)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(create_table_sql(definition))
        owner = conn.execute(
            "INSERT INTO sluice.users (username) VALUES ('b') RETURNING user_id"
        ).fetchone()
        conn.execute(
            """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
                   file_name, file_url, file_size_bytes, file_sha256)
               VALUES (%s, %s, 'orders', %s, %s, %s, 'f', 'file:///f', 1, '\\x00')""",
            [job_id, *(owner or ()), json.dumps(definition.to_json()), mode, layout_of(definition)],
        )


def layout_of(definition: TargetDefinition) -> str:
    """Return the layout of a sheet that has the target's columns in order."""
    columns = tuple(
        MappedColumn(index=index, header=column.name, field=column.name)
        for index, column in enumerate(definition.columns)
    )
    layout = JobLayout(sheet="orders", header_line=1, estimated_rows=0, columns=columns)
    return layout.model_dump_json(by_alias=True)


def _produce(settings: KafkaSettings, job_id: UUID, rows: int, bad_share: float) -> None:
    producer = RecordProducer(settings, "bench")
    pick = random.Random(1)  # noqa: S311 - made-up orders
    for chunk_no, start in enumerate(range(0, rows, CHUNK_ROWS)):
        table = [row_of(k, pick, bad_share) for k in range(start, start + CHUNK_ROWS)]
        chunk = chunk_of(job_id, chunk_no, start, table)
        key = rows_chunked.record_key(job_id, chunk_no)
        producer.send_raw(rows_chunked.TOPIC, key, rows_chunked.encode(chunk.meta, chunk.cells), [])
    if not producer.flush(60):
        raise SystemExit("the broker does not take the chunks")


def chunk_of(job_id: UUID, chunk_no: int, start: int, table: list[list[str | None]]) -> RowsChunked:
    """Return a chunk of the rows from number `start` on."""
    columns = list(zip(*table, strict=True))
    tags = [
        bytes(kind if cell else 0 for cell in column)
        for kind, column in zip(KINDS, columns, strict=True)
    ]
    cells = cells_of(range(start + 2, start + CHUNK_ROWS + 2), columns, tags)
    meta = ChunkMeta(
        job_id=job_id,
        run=1,
        chunk_no=chunk_no,
        rows=CHUNK_ROWS,
        first_line=start + 2,
        last_line=start + CHUNK_ROWS + 1,
        covered_bytes=300 * CHUNK_ROWS,
        sha256=content_sha256(cells),
        chunker_version=1,
        date_1904=False,
    )
    return RowsChunked(meta=meta, cells=cells)


def row_of(number: int, pick: random.Random, bad_share: float) -> list[str | None]:
    """Return a made-up order."""
    return [
        str(number),
        f"Customer {number % 5000}",
        f"customer{number}@example.com",
        f"SKU-{pick.randrange(10**6):06}",
        "none" if pick.random() < bad_share else str(pick.randint(1, 999)),
        repr(pick.randint(1, 10**6) / 100),
        pick.choice(("USD", "EUR", "GBP")),
        str(pick.randint(43_000, 46_000)),
        pick.choice("01"),
        "leave at the door" if number % 3 else None,
    ]


def _measure(stack: Stack, job_id: UUID, rows: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    writer = ServiceSpec(
        name="writer",
        ports=(port,),
        argv=(sys.executable, "-m", "writer"),
        env={**stack.endpoints.environment(), "SLUICE_METRICS_PORT": "{port}"},
        ready="http://127.0.0.1:{port}/readyz",
    )
    stack.add([writer])
    process = psutil.Process(
        next(p.pid for p in stack.processes() if p.service == "writer" and p.pid)
    )
    at_start = process.cpu_times()
    started_s, first_rows, first_s = time.perf_counter(), 0, 0.0
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        while True:
            found = conn.execute(
                "SELECT coalesce(sum(rows), 0) FROM sluice.chunks WHERE job_id = %s", [job_id]
            ).fetchone()
            written, now_s = int(found[0]) if found else 0, time.perf_counter()
            if written and not first_s:
                first_rows, first_s = written, now_s
            if written >= rows or now_s - started_s > 300:  # noqa: PLR2004 - a bound
                break
            time.sleep(0.02)
    cpu = process.cpu_times()
    million = 1_000_000 / rows
    user_s, system_s = cpu.user - at_start.user, cpu.system - at_start.system
    print(f"rows/s after the first: {(rows - first_rows) / (now_s - first_s):,.0f}")
    print(
        f"writer CPU s per 1M rows: {(user_s + system_s) * million:.2f}"
        f" (system {system_s * million:.2f}); resident {process.memory_info().rss / 2**20:.0f} MB"
    )


if __name__ == "__main__":
    main()
