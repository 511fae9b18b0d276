"""`kill -9` of any service in the middle of an import: every row arrives, and arrives once."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from tests.road_client import Message, RoadClient
from tests.table_facts import expected_orders, ledger_of, orders_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Workbook

    from devstack import Stack

ROWS = 200_000
SERVICES = [
    "upload-api", "parser", "writer", "progress-fold", "progress-settler", "progress-gateway",
]  # fmt: skip


def written_rows(stack: Stack, job_id: str) -> int:
    return ledger_of(stack.database_url, job_id)[1]


def wait_for_rows(stack: Stack, job_id: str, at_least: int) -> None:
    deadline_s = time.monotonic() + 60
    while written_rows(stack, job_id) < at_least:
        assert time.monotonic() < deadline_s, "the import does not begin"
        time.sleep(0.02)


def follow_beside(client: RoadClient, job_id: str) -> tuple[threading.Thread, list[Message]]:
    """Follow in a thread, as a browser does while the test does harm."""
    seen: list[Message] = []
    thread = threading.Thread(target=lambda: seen.extend(client.follow(job_id)), daemon=True)
    thread.start()
    return thread, seen


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_costs_no_row(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook], service: str
) -> None:
    workbook = orders(ROWS)
    job_id = client.upload(workbook.path, "orders")
    thread, seen = follow_beside(client, job_id)
    wait_for_rows(stack, job_id, ROWS // 5)
    stack.kill(service, signal.SIGKILL)
    killed_at = written_rows(stack, job_id)
    stack.wait_ready(service)
    thread.join(timeout=150)
    assert not thread.is_alive(), "the job is stuck"
    assert killed_at < ROWS, "the import was over before the kill"
    assert seen[-1].data["status"] == "completed"
    assert orders_of(stack.database_url, job_id) == expected_orders(workbook.expected)
    assert ledger_of(stack.database_url, job_id)[1:] == (ROWS, ROWS, 0)
    states = [message for message in seen if message.event != "connection"]
    assert [m.version for m in states] == sorted(m.version for m in states)
    assert [m.percentage for m in states] == sorted(m.percentage for m in states)
