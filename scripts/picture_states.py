"""The album: each chapter brings the page into a few states and takes a picture of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from scripts.picture_operations import operations
from scripts.picture_studio import BAD_SHARE, TALLEST, WIDE, rows_of, workbook
from tests.browser.console_watch import CUT
from tests.corrected_orders import correct_orders

from sample_data.corpus import CASES, Fails

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.picture_studio import Studio
    from tests.browser.sluice_page import SluicePage

RUNNING_AT_PERCENT = 40
SLOW_UPLOAD = 12_000_000
"""Bytes a second: the bar of an upload is seen in its middle."""


def beginning(studio: Studio) -> None:
    """Before a run: sign-in, drop zone, the columns of a file, its upload."""
    site = studio.window(known=False)
    site.open()
    expect(site.page.get_by_label("User name")).to_be_visible()
    studio.shoot(site, "sign-in")
    site.fill_sign_in(*studio.login)
    expect(site.page.get_by_text("Drop an Excel workbook").first).to_be_visible()
    studio.shoot(site, "start")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1}
    network = site.page.context.new_cdp_session(site.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": SLOW_UPLOAD})
    site.page.locator("#file-input").set_input_files(workbook(0))
    upload = site.page.get_by_role("progressbar", name="Upload")
    expect(upload).to_have_attribute("aria-valuenow", re.compile("^[3-7]"))
    studio.shoot(site, "uploading")
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    expect(site.page.locator("[data-part=mapping]")).to_be_visible()
    studio.shoot(site, "mapping", whole=True)


def running(studio: Studio) -> None:
    """A million rows on their way, as different people see them; then paused, and in."""
    job_id = studio.jobs["good"] = studio.client.upload(workbook(0), "orders")
    views: list[tuple[SluicePage, str]] = [
        (studio.window(), "running"),
        (studio.window(theme="dark"), "running-dark"),
        (studio.window(phone=True), "phone"),
        (studio.window(locale="vi-VN"), "vietnamese"),
    ]
    for site, _ in views:
        site.open_job(job_id)
    views[0][0].wait_for_percent(RUNNING_AT_PERCENT)
    for site, name in views:
        studio.shoot(site, name)
    site = views[0][0]
    site.page.get_by_role("button", name="Pause").click()
    site.wait_for_status("Paused")
    studio.shoot(site, "paused")
    site.console.expect(CUT)
    studio.stack.stop("progress-gateway")
    site.wait_for_link("Reconnecting")
    studio.shoot(site, "reconnecting")
    studio.stack.start("progress-gateway")
    site.wait_for_link("Live")
    site.page.get_by_role("button", name="Resume").click()
    site.wait_for_status("Completed")
    studio.shoot(site, "finished")
    for other, _ in views[1:]:
        other.console.expect(CUT)


def waiting(studio: Studio) -> None:
    """PostgreSQL is away for a while: nothing is given up."""
    site = studio.window()
    job_id = studio.jobs["with errors"] = studio.client.upload(workbook(BAD_SHARE), "orders")
    site.open_job(job_id)
    site.wait_for_percent(5)
    studio.stack.stop("postgres")
    try:
        site.wait_for_status("Waiting to go on")
        studio.shoot(site, "waiting")
    finally:
        studio.stack.start("postgres")
    site.wait_for_status("Completed with errors")


def mending(studio: Studio) -> None:
    """Amber with its numbers, the errors, and the same job healed."""
    job_id = studio.jobs["with errors"]
    site = studio.window()
    site.open_job(job_id)
    site.wait_for_status("Completed with errors")
    expect(site.page.locator("#errors tbody tr").first).to_be_visible()
    studio.shoot(site, "finished-with-errors")
    site.page.set_viewport_size({"width": 1200, "height": TALLEST})
    site.page.locator("#errors").evaluate("node => node.scrollIntoView()")
    studio.shoot(site, "errors")
    site.page.set_viewport_size(WIDE)
    site.page.evaluate("window.scrollTo(0, 0)")
    failed, corrected = studio.scratch / "failed.xlsx", studio.scratch / "corrected orders.xlsx"
    answer = studio.client.http.get(f"/api/jobs/{job_id}/failed-rows.xlsx").raise_for_status()
    failed.write_bytes(answer.content)
    correct_orders(failed, corrected, rows_of(BAD_SHARE))
    site.page.locator("#mend-input").set_input_files(corrected)
    site.wait_for_status("Completed")
    studio.shoot(site, "healed")


def questions(studio: Studio) -> None:
    """What the page asks before it acts: undo, share, and who one is."""
    site = studio.window()
    site.open_job(studio.jobs["good"])
    for button, name in (("^Undo", "undo"), ("^Share", "share")):
        site.page.get_by_role("button", name=re.compile(button)).first.click()
        expect(site.page.get_by_role("dialog")).to_be_visible()
        studio.shoot(site, name)
        site.page.keyboard.press("Escape")
        expect(site.page.get_by_role("dialog")).to_have_count(0)


def failing(studio: Studio) -> None:
    """A workbook that breaks off in its middle."""
    broken = next(case for case in CASES if isinstance(case.must, Fails))
    path = studio.scratch / "broken off.xlsx"
    broken.write(path)
    site = studio.window()
    site.open_job(studio.client.upload(path, broken.target))
    site.wait_for_status("Failed")
    studio.shoot(site, "failed")


def listing(studio: Studio) -> None:
    """My imports, while one of them runs."""
    studio.client.http.post(f"/api/jobs/{studio.jobs['good']}/undo").raise_for_status()
    site = studio.window()
    site.open("#/jobs")
    expect(site.page.get_by_role("link", name=re.compile("orders of")).first).to_be_visible()
    studio.shoot(site, "imports")


ALBUM: dict[str, Callable[[Studio], None]] = {
    "beginning": beginning,
    "running": running,
    "waiting": waiting,
    "mending": mending,
    "questions": questions,
    "failing": failing,
    "listing": listing,
    "operations": operations,
}
"""In this order: later chapters show what earlier ones have imported."""
