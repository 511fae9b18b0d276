"""Requests that PostgreSQL keeps waiting hold none of the few threads that wait for storage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import psycopg

from sluice.db.pool import SESSION_DEFAULTS, connection_options
from upload_api.entrypoints.storage_threads import StorageThreads

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

    from upload_api.parts import Parts

FILE = {"file": ("a.csv", b"a,b\n1,2\n")}
LOCKS = """
LOCK TABLE sluice.jobs IN SHARE MODE;
LOCK TABLE sluice.previews, sluice.rejected_lines, sluice.mappings IN ACCESS EXCLUSIVE MODE
"""
"""Jobs can be read, and neither made nor erased."""
PATIENCE_S = 90
"""Of requests and their statements: longer than `eventually`'s, as the test is about no time."""
WAITING = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_who_waits_for_postgres_holds_no_thread_of_storage(
    start_api: Callable[..., Api], eventually: Callable[[Callable[[], bool]], None]
) -> None:
    api = start_api(tidy=False, change=_one_thread, SLUICE_DATABASE_POOL_SIZE="10")
    headers, client = api.headers(), api.client
    client.timeout = httpx.Timeout(PATIENCE_S)
    ended = api.upload(b"a,b\n1,2\n", "a.csv").json()["jobId"]
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.jobs SET status = 'completed'")

    def post(path: str, **fields: str) -> httpx.Response:
        return client.post(f"/api/upload/{path}", headers=headers, data=fields, files=FILE)

    calls: tuple[Callable[[], httpx.Response], ...] = (
        lambda: post("excel"),
        lambda: post("excel", mappingName="mine"),
        lambda: post("preview", keep="true"),
        lambda: post("preview", mappingName="mine"),
        lambda: client.post(
            "/api/upload/preview", headers=headers, files={"previewId": (None, str(uuid4()))}
        ),
        lambda: client.get(f"/api/jobs/{ended}/failed-rows.csv", headers=headers),
        lambda: client.delete(f"/api/jobs/{ended}", headers=headers),
    )
    with ThreadPoolExecutor(len(calls)) as clients, psycopg.connect(api.database_url) as conn:
        conn.execute(LOCKS)
        waiting = [clients.submit(call) for call in calls]
        eventually(lambda: api.rows(WAITING) == [(len(calls),)])
        assert not any(each.done() for each in waiting)
        conn.rollback()
        answers = [each.result() for each in waiting]
    assert [answer.status_code for answer in answers] == [200, 422, 200, 422, 404, 200, 204]


def _one_thread(parts: Parts) -> Parts:
    """Everybody waits for PostgreSQL for as long as the test waits for everybody."""
    patience = f"{PATIENCE_S}s"
    session = dict(SESSION_DEFAULTS) | {"lock_timeout": patience, "statement_timeout": patience}
    parts.pool.kwargs = {"autocommit": True} | connection_options("test", session)
    with parts.pool.connection() as first:  # has the patience of before
        first.close()
    return replace(parts, storage_threads=StorageThreads(1, wait_s=30.0))
