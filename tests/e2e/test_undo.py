"""An import is taken back while the writer is killed: what others touched stays, the rest goes."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from tests.road_client import STUCK_S, RoadClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Workbook

    from devstack import Stack

ROWS = 20_000
CHANGED, HELD = (3, 9_999, 20_000), (1, 12_345)
"""Positions among the orders; ids are what the generator made of them."""


@pytest.fixture
def database(stack: Stack) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS deliveries")
        yield conn
        conn.execute("DROP TABLE IF EXISTS deliveries")


def undo_of(client: RoadClient, job_id: str) -> dict[str, Any]:
    body: dict[str, Any] = client.http.get(f"/api/jobs/{job_id}/undo").raise_for_status().json()
    return body


def until(holds: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + STUCK_S
    while not holds():
        assert time.monotonic() < end_s, what
        time.sleep(0.05)


def test_an_import_is_undone_although_the_writer_dies_in_the_middle(
    stack: Stack,
    client: RoadClient,
    orders: Callable[..., Workbook],
    database: psycopg.Connection[Any],
) -> None:
    job_id = client.upload(orders(ROWS).path, "orders")
    assert client.follow(job_id)[-1].data["status"] == "completed"
    found = database.execute("SELECT order_id FROM orders ORDER BY sluice_line").fetchall()
    ids = [row[0] for row in found]
    changed, held = ({ids[k - 1] for k in chosen} for chosen in (CHANGED, HELD))
    database.execute("UPDATE orders SET note = 'ours' WHERE order_id = ANY (%s)", [list(changed)])
    database.execute(
        "CREATE TABLE deliveries (order_id bigint CONSTRAINT delivered REFERENCES orders)"
    )
    database.execute("INSERT INTO deliveries SELECT unnest(%s::bigint[])", [list(held)])
    with psycopg.connect(stack.database_url) as locker:  # so that there is a middle
        locker.execute("SELECT FROM orders WHERE order_id = %s FOR UPDATE", [ids[10]])
        assert client.http.post(f"/api/jobs/{job_id}/undo").status_code == 202
        until(lambda: undo_of(client, job_id)["reversed"] > 0, "nothing is reversed")
        stack.kill("writer", signal.SIGKILL)
        assert undo_of(client, job_id)["state"] == "running"
        locker.rollback()
    until(lambda: client.job(job_id)["status"] == "undone", "the job is never undone")
    undo = undo_of(client, job_id)
    counts = [undo[name] for name in ("state", "total", "reversed", "kept", "refused")]
    assert counts == ["done", ROWS, ROWS - 5, 3, 2]
    assert client.job(job_id)["undoneRows"] == ROWS - 5
    left = database.execute("SELECT order_id FROM orders").fetchall()
    assert {row[0] for row in left} == changed | held
    stayed = {row["key"]["order_id"]: (row["outcome"], row["reason"]) for row in undo["rows"]}
    assert stayed == dict.fromkeys(changed, ("kept", "changed since the import")) | dict.fromkeys(
        held, ("refused", "a row of deliveries refers to it (delivered)")
    )
    retried = client.http.post(f"/api/jobs/{job_id}/retry")
    assert (retried.status_code, retried.json()["jobStatus"]) == (409, "undone")
