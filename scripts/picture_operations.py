"""The album's chapter for operators: the parts of Sluice, dead letters, and one of them healed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.browser.broken_writer import broken_writer
from tests.browser.showcase import small_orders

if TYPE_CHECKING:
    from scripts.picture_studio import Studio

DEAD_WITHIN_S = 120.0


def operations(studio: Studio) -> None:
    """A writer with a bug leaves dead letters; an operator looks at them."""
    with broken_writer(studio.stack, studio.scratch / "failpoints"):
        path = small_orders(studio.scratch / "orders of june.csv", 5_000_000)
        job_id = studio.client.upload(path, "orders")
        wait_for_letter(studio, job_id)
    site = studio.window()
    site.open("#/ops")
    expect(site.page.locator("main").get_by_role("heading").first).to_be_visible()
    site.page.wait_for_load_state("networkidle")
    studio.shoot(site, "operations", whole=True)
    site.open("#/ops/letters")
    link = site.page.locator("main a[href*='#/ops/letters/']").first
    expect(link).to_be_visible()
    studio.shoot(site, "dead-letters")
    link.click()
    expect(site.page.locator("[data-part=ops-letter]")).to_contain_text("FailpointError")
    studio.shoot(site, "dead-letter", whole=True)


def wait_for_letter(studio: Studio, job_id: str) -> None:
    end_s = time.monotonic() + DEAD_WITHIN_S
    params = {"jobId": job_id}
    while not studio.client.http.get("/api/ops/dlq", params=params).json()["letters"]:
        if time.monotonic() > end_s:
            raise AssertionError(f"no chunk of {job_id} became a dead letter")
        time.sleep(0.5)
