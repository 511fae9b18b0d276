"""When PostgreSQL committed what, told by itself, and workbooks whose imports do not meet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from tests.benchmarks.sse.delays import Commits
from tests.benchmarks.whole_road import WORKBOOKS

from devstack import Stack
from devstack.endpoints import PARTS
from sample_data import generate_orders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from devstack import SluiceOptions

_COMMITS = """
SELECT job_id::text, extract(epoch FROM pg_xact_commit_timestamp(xid::xid))::float8, sum(rows)::int
  FROM sluice.chunks WHERE job_id = ANY(%s::uuid[]) GROUP BY job_id, xid
"""
_ENDS = """
SELECT job_id::text, extract(epoch FROM finished_at)::float8
  FROM sluice.jobs WHERE job_id = ANY(%s::uuid[])
"""


@contextmanager
def stack_with_commit_times(name: str, options: SluiceOptions) -> Iterator[Stack]:
    """Lend a running stack whose PostgreSQL notes the time of each commit."""
    with Stack.ephemeral(name, parts=PARTS) as stack:
        with psycopg.connect(stack.database_url, autocommit=True) as conn:
            conn.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        stack.restart("postgres")
        stack.wait_ready("postgres")
        stack.start_sluice(options)
        yield stack


def commits_of(database_url: str, job_ids: Sequence[str]) -> dict[str, Commits]:
    """Return when the chunks of jobs were committed, and when the jobs ended."""
    with psycopg.connect(database_url) as conn:
        ends: dict[str, float] = dict(conn.execute(_ENDS, [list(job_ids)]).fetchall())
        rows = conn.execute(_COMMITS, [list(job_ids)]).fetchall()
    return {
        job_id: Commits.of([(at_s, count) for job, at_s, count in rows if job == job_id], end_s)
        for job_id, end_s in ends.items()
    }


def part_workbook(rows: int, number: int) -> Path:
    """Return a workbook of orders whose keys no other `number` of the same size has."""
    path = WORKBOOKS / f"orders-{rows}-inline-part-{number}.xlsx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        generate_orders(path, rows, start_id=number * rows + 1)
    return path
