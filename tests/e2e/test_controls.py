"""A running import is paused, goes on, is cancelled and tried again: no row lost or doubled."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from tests.road_client import STUCK_S, Message, RoadClient
from tests.table_facts import expected_orders, orders_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Workbook

    from devstack import Stack

log = logging.getLogger(__name__)
ROWS = 120_000


class Watcher:
    """Follows one job in a thread of its own, through every end, as a page does."""

    def __init__(self, client: RoadClient, job_id: str) -> None:
        self.messages: list[Message] = []
        self._client, self._job_id = client, job_id
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        with self._client.stream(self._job_id) as events:
            for message in events:
                self.messages.append(message)

    def wait_for(self, status: str, above: int = -1) -> Message:
        """Return the first message with this status and a version above one that was seen."""
        until_s = time.monotonic() + STUCK_S
        while time.monotonic() < until_s:
            for message in self.messages[1:]:
                if message.data["status"] == status and message.version > above:
                    return message
            time.sleep(0.01)
        raise AssertionError(f"never {status}: {[m.data['status'] for m in self.messages[-5:]]}")


def ask(client: RoadClient, job_id: str, action: str) -> float:
    """Ask something of a job; return when."""
    asked_s = time.monotonic()
    answer = client.http.post(f"/api/jobs/{job_id}/{action}")
    assert answer.status_code == 202, answer.text
    return asked_s


def test_a_running_import_is_controlled(
    stack: Stack,
    client: RoadClient,
    orders: Callable[..., Workbook],
) -> None:
    workbook = orders(ROWS)
    job_id = client.upload(workbook.path, "orders")
    watcher = Watcher(client, job_id)
    running = watcher.wait_for("processing", above=200_000)

    took_s: dict[str, float] = {}
    for action, status in (("pause", "paused"), ("resume", "processing"), ("cancel", "cancelled")):
        asked_s = ask(client, job_id, action)
        running = watcher.wait_for(status, above=running.version)
        took_s[action] = round(running.at_s - asked_s, 2)
    job = client.job(job_id)
    done = job["processedRows"]
    assert 0 < done < ROWS
    assert done + job["unprocessedRows"] == job["totalRows"]
    assert orders_of(stack.database_url, job_id)[0] == job["successRows"]

    ask(client, job_id, "retry")
    again = Watcher(client, job_id)
    last = again.wait_for("completed", above=running.version)
    assert last.data["data"]["run"] == 2
    assert orders_of(stack.database_url, job_id) == expected_orders(workbook.expected)
    versions = [message.version for message in watcher.messages[1:]]
    assert versions == sorted(versions)
    shares = [message.percentage for message in watcher.messages[1:]]
    assert shares == sorted(shares)
    log.info("seconds until each was seen: %s", took_s)
