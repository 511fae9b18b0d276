"""What the target table holds, to be compared with what the generator says it must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from sample_data import Expected

_ORDERS = """
SELECT count(*), count(DISTINCT order_id), coalesce(sum(quantity), 0),
       coalesce(sum(unit_price), 0), min(ordered_at), max(ordered_at)
  FROM orders WHERE sluice_job = %s
"""
_LEDGER = """
SELECT count(*), coalesce(sum(rows), 0), coalesce(sum(inserted), 0), coalesce(sum(failed), 0)
  FROM sluice.chunks WHERE job_id = %s AND outcome = 'written'
"""
_UNFINISHED = """
SELECT count(*) FROM sluice.jobs
 WHERE status NOT IN ('completed', 'completed_with_errors', 'failed', 'cancelled', 'undone')
"""


def orders_of(database_url: str, job_id: str) -> tuple[Any, ...]:
    """Return (rows, distinct keys, sum of quantity, sum of price, first date, last date)."""
    with psycopg.connect(database_url) as conn:
        row = conn.execute(_ORDERS, [job_id]).fetchone()
    assert row is not None
    return row


def ledger_of(database_url: str, job_id: str) -> tuple[int, int, int, int]:
    """Return (chunks, rows, inserted, failed) of the written chunks."""
    with psycopg.connect(database_url) as conn:
        row = conn.execute(_LEDGER, [job_id]).fetchone()
    assert row is not None
    return row[0], row[1], row[2], row[3]


def expected_orders(expected: Expected) -> tuple[Any, ...]:
    """Return the same figures from the generator's side."""
    return (
        expected.good_rows,
        expected.distinct_order_ids,
        expected.sum_quantity,
        expected.sum_unit_price,
        expected.min_ordered_at,
        expected.max_ordered_at,
    )


def empty_orders(database_url: str) -> None:
    """Make room for a workbook with the same keys."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("TRUNCATE orders")


def unfinished_jobs(database_url: str) -> int:
    """Return how many jobs have not come to an end."""
    with psycopg.connect(database_url) as conn:
        row = conn.execute(_UNFINISHED).fetchone()
    assert row is not None
    return int(row[0])
