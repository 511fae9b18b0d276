"""The workbooks of the fault runs, and every row that must be in PostgreSQL after each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Literal

import psycopg

from sample_data import bad_lines, generate_orders, iter_orders
from xlsx_writer import SheetLayout, StreamingWorkbook

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["orders", "records", "inserts", "upserts", "long texts"]
KINDS: tuple[Kind, ...] = ("orders", "records", "inserts", "upserts")
Row = tuple[object, ...]

LONG_TEXTS, LARGE_FILE = "long texts", "a large file"
LARGE_FILE_ROWS = 45_000
"""Some 3 MB of workbook: several blocks of a body."""
LONG_TEXT_CHARS = 4_000
LONG_TEXT_ROWS = 10_000
"""Together more than the 30 MiB of shared strings that are kept in memory."""
REPEATED = 0.1
FIRST_LINE = 2

_ORDERS = """
    SELECT sluice_line, order_id::text, customer_name, email, sku, quantity::text,
           unit_price::text, currency, ordered_at::text, shipped::text, note
      FROM orders WHERE sluice_job = %s ORDER BY sluice_line"""
_RECORDS = """
    SELECT sluice_line, data->>'order_id', data->>'customer_name', data->>'email', data->>'sku',
           data->>'quantity', data->>'unit_price', data->>'currency', data->>'ordered_at',
           data->>'shipped', data->>'note'
      FROM sluice.records WHERE sluice_job = %s ORDER BY sluice_line"""
_KEYS = "SELECT sluice_line, key, value, pieces FROM {} WHERE sluice_job = %s ORDER BY sluice_line"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """One workbook of a run; everything about it follows from these."""

    kind: Kind
    rows: int
    seed: int
    bad_share: float = 0.0
    first_id: int = 1

    @property
    def target(self) -> str:
        return {
            "orders": "orders", "records": "records", "inserts": "fault_inserts",
            "upserts": "fault_upserts", "long texts": "fault_inserts",
        }[self.kind]  # fmt: skip

    @property
    def name(self) -> str:
        """The file's name; no two imports of a run share one."""
        return f"{self.kind.replace(' ', '-')}-{self.rows}-{self.seed}.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What must become of a workbook: the rows of the table, the rejected lines."""

    rows: list[Row]
    rejected: list[int]
    total_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the table has too little or too much of."""

    lost: int = 0
    doubled: int = 0
    examples: tuple[str, ...] = field(default=())


def make(plan: ImportPlan, folder: Path) -> Path:
    """Write the workbook, unless it is there."""
    path = folder / plan.name
    if path.exists():
        return path
    if plan.kind in {"orders", "records"}:
        generate_orders(
            path, plan.rows, bad_share=plan.bad_share, seed=plan.seed, start_id=plan.first_id
        )
        return path
    strings: Literal["inline", "shared"] = "shared" if plan.kind == "long texts" else "inline"
    layout = SheetLayout(header=("key", "value", "pieces"))
    with StreamingWorkbook(path, strings=strings, compresslevel=1, layout=layout) as workbook:
        for row in key_rows(plan):
            workbook.write_row(list(row))
    return path


def key_rows(plan: ImportPlan) -> Iterator[tuple[int, str, int]]:
    """Yield the rows: some keys come again later, bad rows have keys of their own."""
    rng = Random(plan.seed)
    is_long = plan.kind == "long texts"
    keys = list(range(plan.first_id, plan.first_id + plan.rows))
    for at in range(plan.rows):
        # digits that do not compress: a part that inflates a hundredfold would be refused
        value = f"{plan.seed}-{at}" + (rng.randbytes(LONG_TEXT_CHARS // 2).hex() if is_long else "")
        if rng.random() < plan.bad_share:
            yield keys[at], value, 0
        elif at and rng.random() < REPEATED and not is_long:
            yield keys[rng.randrange(at)], value, 1 + at % 100
        else:
            yield keys[at], value, 1 + at % 100


def expected(plan: ImportPlan) -> Contents:
    """Return what the import of a workbook must leave."""
    return _expected_orders(plan) if plan.target in {"orders", "records"} else _expected_keys(plan)


def _expected_orders(plan: ImportPlan) -> Contents:
    bad = {line for line, _ in bad_lines(plan.seed, plan.rows, plan.bad_share)}
    orders = islice(iter_orders(plan.seed, start_id=plan.first_id), plan.rows)
    rows: list[Row] = [
        (
            line, str(o.order_id), o.customer_name, o.email, o.sku, str(o.quantity),
            f"{o.unit_price:.2f}", o.currency, o.ordered_at.isoformat(), str(o.shipped).lower(),
            o.note,
        )
        for line, o in enumerate(orders, start=FIRST_LINE)
        if line not in bad
    ]  # fmt: skip
    return Contents(rows=rows, rejected=sorted(bad), total_rows=plan.rows)


def _expected_keys(plan: ImportPlan) -> Contents:
    """Of a repeated key the first line stays when inserting, the last when upserting."""
    kept: dict[int, Row] = {}
    rejected: list[int] = []
    for line, (key, value, pieces) in enumerate(key_rows(plan), start=FIRST_LINE):
        if pieces == 0:
            rejected.append(line)
        elif plan.kind == "upserts" or key not in kept:
            kept[key] = (line, key, value, pieces)
        else:
            rejected.append(line)
    rows = sorted(kept.values(), key=lambda row: str(row[0]).zfill(8))
    return Contents(rows=rows, rejected=rejected, total_rows=plan.rows)


def found(conn: psycopg.Connection[Row], plan: ImportPlan, job_id: str) -> list[Row]:
    """Return the rows that PostgreSQL has of a job, by their sheet line."""
    query = {"orders": _ORDERS, "records": _RECORDS}.get(plan.target, _KEYS.format(plan.target))
    return conn.execute(query, [job_id]).fetchall()


def compare(wanted: list[Row], rows: list[Row]) -> Difference:
    """Compare as multisets; rows that differ count as one lost and one too much."""
    if wanted == rows:
        return Difference()
    lost, doubled = Counter(wanted) - Counter(rows), Counter(rows) - Counter(wanted)
    examples = [f"lost {row!r:.160}" for row in islice(lost, 3)]
    examples += [f"too much {row!r:.160}" for row in islice(doubled, 3)]
    return Difference(lost=lost.total(), doubled=doubled.total(), examples=tuple(examples))
