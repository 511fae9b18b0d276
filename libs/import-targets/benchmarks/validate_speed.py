"""Measures the CPU that validation costs per million rows of the target `orders`, and of `records`.

Run: `python libs/import-targets/benchmarks/validate_speed.py [rows]`. One core; batches of ten
chunks of 1,000 rows, as a writer coalesces them.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from import_targets import RECORDS, coalesce, load_target, validate
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkMeta, RowsChunked, cells_of
from sluice.job_layout import JobLayout, MappedColumn

if TYPE_CHECKING:
    from import_targets import TargetDefinition

CHUNK_ROWS = 1_000
CHUNKS = 10
DISTINCT_BATCHES = 5
TEXT, NUMBER = CellTag.TEXT, CellTag.NUMBER
KINDS = (NUMBER, TEXT, TEXT, TEXT, NUMBER, NUMBER, TEXT, CellTag.DATE, CellTag.BOOL, TEXT)


def make_row(number: int, pick: random.Random, share_bad: float) -> list[str | None]:
    bad = pick.random() < share_bad
    return [
        str(number),
        f"Nguyễn Văn {number}",
        f"customer{number}@example.com",
        f"SKU-{pick.randrange(10**6):06}",
        "none" if bad else str(pick.randint(1, 999)),
        repr(pick.randint(1, 10**6) / 100),
        pick.choice(("USD", "EUR", "GBP", "VND", "JPY")),
        str(pick.randint(43_000, 46_000)),
        pick.choice("01"),
        "leave at the door" if number % 3 else None,
    ]


def make_chunk(number: int, share_bad: float) -> RowsChunked:
    pick = random.Random(number)  # noqa: S311  (made-up orders, no secret)
    rows = [make_row(number * CHUNK_ROWS + k, pick, share_bad) for k in range(CHUNK_ROWS)]
    tags = [bytes(kind if cell else 0 for cell in column) for kind, column in _by_kind(rows)]
    lines = range(number * CHUNK_ROWS + 2, (number + 1) * CHUNK_ROWS + 2)
    meta = ChunkMeta(
        job_id=UUID(int=1),
        run=1,
        chunk_no=number,
        rows=CHUNK_ROWS,
        first_line=lines[0],
        last_line=lines[-1],
        covered_bytes=0,
        sha256="",
        chunker_version=1,
        date_1904=False,
    )
    return RowsChunked(meta=meta, cells=cells_of(lines, list(zip(*rows, strict=True)), tags))


def _by_kind(rows: list[list[str | None]]) -> list[tuple[CellTag, list[str | None]]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return list(zip(KINDS, columns, strict=True))


def measure(name: str, definition: TargetDefinition, rows: int, share_bad: float) -> None:
    columns = tuple(
        MappedColumn(index=k, header=column.name, field=column.name)
        for k, column in enumerate(ORDERS.columns)
    )
    layout = JobLayout(sheet="1", header_line=1, estimated_rows=rows, columns=columns)
    batches = [
        [make_chunk(batch * CHUNKS + k, share_bad) for k in range(CHUNKS)]
        for batch in range(DISTINCT_BATCHES)
    ]
    times = rows // (CHUNK_ROWS * CHUNKS)
    errors = 0
    start = time.process_time()
    for k in range(times):
        cells = coalesce(batches[k % DISTINCT_BATCHES])
        errors += len(validate(definition, layout, cells, date_1904=False).errors)
    cpu_s = time.process_time() - start
    done = times * CHUNK_ROWS * CHUNKS
    print(f"{name}: {cpu_s / done * 1e6:.2f} CPU s per 1M rows, {errors:,} errors")


ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")

if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    measure("orders, clean", ORDERS, wanted, 0.0)
    measure("orders, 3 % bad quantities", ORDERS, wanted, 0.03)
    measure("records, clean", RECORDS, wanted, 0.0)
