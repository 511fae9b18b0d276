"""An operator looks at a dead letter, replays it, and its job heals."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.browser.axe_findings import grave_findings
from tests.browser.broken_writer import broken_writer
from tests.browser.operator import operator_of
from tests.browser.showcase import ROWS, small_orders
from tests.road_client import STUCK_S, RoadClient
from tests.table_facts import orders_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.browser.sluice_page import SluicePage

    from devstack import Stack


@pytest.fixture
def operator(stack: Stack) -> Iterator[RoadClient]:
    """A client of an operator, signed in."""
    client = operator_of(stack)
    yield client
    client.close()


def dead_letter_of(operator: RoadClient, job_id: str) -> int:
    """Wait until the job's chunk is a dead letter; return its number."""
    end_s = time.monotonic() + STUCK_S
    while time.monotonic() < end_s:
        answer = operator.http.get("/api/ops/dlq", params={"jobId": job_id}).raise_for_status()
        if letters := answer.json()["letters"]:
            return int(letters[0]["deadLetterId"])
        time.sleep(0.2)
    raise AssertionError(f"no chunk of {job_id} became a dead letter")


def test_an_operator_replays_a_dead_letter_and_its_job_heals(
    stack: Stack,
    client: RoadClient,
    operator: RoadClient,
    visit: Callable[..., SluicePage],
    tmp_path: Path,
) -> None:
    with broken_writer(stack, tmp_path / "failpoints"):
        job_id = client.upload(small_orders(tmp_path / "unlucky.csv", 1), "orders")
        letter_id = dead_letter_of(operator, job_id)
    client.follow(job_id)
    site = visit(reduced_motion="reduce")
    site.use_token(operator.token)
    page = site.page
    site.open("#/ops")
    expect(page.locator("[data-part=ops-overview]")).to_be_visible()
    expect(page.get_by_text("PostgreSQL").first).to_be_visible()
    site.open(f"#/ops/letters/{letter_id}")
    expect(page.get_by_role("heading", name=f"Dead letter {letter_id}")).to_be_visible()
    assert grave_findings(page) == []
    page.get_by_role("button", name=re.compile("^Replay")).click()
    asked = page.get_by_role("dialog", name="Replay dead letters")
    expect(asked).to_contain_text("One letter would be sent")
    assert grave_findings(page) == []
    asked.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    assert grave_findings(page) == []
    site.open_job(job_id)
    site.wait_for_status("Completed")
    assert orders_of(stack.database_url, job_id)[0] == ROWS
