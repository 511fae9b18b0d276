"""Snapshots from PostgreSQL, for when Redis has none: the row's status, the ledger's counts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from starlette.concurrency import run_in_threadpool

from progress_gateway.adapters.job_records import PACKAGE, read_jobs
from progress_gateway.domain.job_context import JobContext
from progress_gateway.domain.snapshot import snapshot_of, view_of_record
from progress_gateway.domain.stream_choice import StreamScope
from sluice.auth.access import rights_of_views
from sluice.db.pool import connection_of, is_busy
from sluice.db.statements import statement
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg_pool import ConnectionPool

    from sluice.auth.access import OpenView, Right
    from sluice.db.pool import Connection

Asked = tuple[UUID, StreamScope]
"""Who looks, and at whose jobs."""
BATCH_MEMBERS = (
    "chunkNo",
    "firstLine",
    "lastLine",
    "rows",
    "failed",
    "state",
    "code",
    "seconds",
    "retries",
)


@contextmanager
def _asking(pool: ConnectionPool[Connection]) -> Iterator[Connection]:
    """Lend a connection, and say of a server that is too busy to answer what is said of no server.

    Whoever looks is told the same in both, and none of them is a reason to look no more.
    """
    try:
        with connection_of(pool) as conn:
            yield conn
    except psycopg.Error as error:
        if is_busy(error):
            reason = f"it is busy ({type(error).__name__} {error.sqlstate})"
            raise Outage("postgres", reason) from error
        raise


class JobViews:
    """Asks PostgreSQL in worker threads; every method raises `Outage` without an answer in time."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    async def snapshots(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return snapshots of the jobs that there are."""
        return await run_in_threadpool(self._snapshots, job_ids)

    async def contexts(self, job_ids: Sequence[str]) -> dict[str, JobContext]:
        """Return what snapshots do not know of the jobs that there are."""
        return await run_in_threadpool(self._contexts, job_ids)

    async def jobs_of(self, asked: Sequence[Asked]) -> dict[Asked, list[str]]:
        """Return the unfinished and lately touched jobs of users and scopes, 200 of each at most.

        The unfinished come first, then the newest; `all` is for those who are operators by now.
        """
        return await run_in_threadpool(self._jobs_of, asked)

    async def first_errors(self, job_id: str) -> list[dict[str, Any]]:
        """Return the first 10 errors of a job, in sheet order."""
        return await run_in_threadpool(self._first_errors, job_id)

    async def batches(self, job_id: UUID, first: int, limit: int) -> list[dict[str, Any]]:
        """Return the batches in the ledger from a number on, by rising number."""
        return await run_in_threadpool(self._batches, job_id, first, limit)

    async def rights_of(self, views: Sequence[OpenView]) -> list[Right]:
        """Return what those who look may see by now."""
        return await run_in_threadpool(self._rights_of, views)

    def _rights_of(self, views: Sequence[OpenView]) -> list[Right]:
        with _asking(self._pool) as conn:
            return rights_of_views(conn, views)

    def _snapshots(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        with _asking(self._pool) as conn:
            records = read_jobs(conn, [UUID(job_id) for job_id in job_ids])
        return {str(record.job_id): snapshot_of(view_of_record(record)) for record in records}

    def _contexts(self, job_ids: Sequence[str]) -> dict[str, JobContext]:
        with _asking(self._pool) as conn:
            rows = conn.execute(
                statement(PACKAGE, "job_contexts"), {"jobs": [UUID(job_id) for job_id in job_ids]}
            )
            return {
                str(job_id): JobContext(
                    version=version,
                    dry_run=dry_run,
                    correction_of=str(correction_of) if correction_of else None,
                    ongoing=ongoing,
                )
                for job_id, version, dry_run, correction_of, ongoing in rows
            }

    def _jobs_of(self, asked: Sequence[Asked]) -> dict[Asked, list[str]]:
        values = {
            "users": [user_id for user_id, _ in asked],
            "scopes": [scope for _, scope in asked],
        }
        with _asking(self._pool) as conn:
            rows = conn.execute(statement(PACKAGE, "jobs_of_users"), values)
            found = {(user_id, StreamScope(scope)): jobs for user_id, scope, jobs in rows}
        return {each: found.get(each, []) for each in asked}

    def _first_errors(self, job_id: str) -> list[dict[str, Any]]:
        names = ("line", "column", "code", "message")
        with _asking(self._pool) as conn:
            rows = conn.execute(statement(PACKAGE, "first_errors"), {"job": job_id})
            return [dict(zip(names, row, strict=True)) for row in rows]

    def _batches(self, job_id: UUID, first: int, limit: int) -> list[dict[str, Any]]:
        values = {"job": job_id, "first": first, "limit": limit}
        with _asking(self._pool) as conn:
            rows = conn.execute(statement(PACKAGE, "batches_of_job"), values)
            return [dict(zip(BATCH_MEMBERS, row, strict=True)) for row in rows]
