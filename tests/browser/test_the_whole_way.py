"""From the sign-in to the healed job, by what a person sees and clicks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.browser.showcase import small_orders
from tests.corrected_orders import correct_orders
from tests.table_facts import expected_orders, orders_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.sluice_page import SluicePage
    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

ROWS, SHARE = 100_000, 0.01
NOTHING_CORRECTED = "Rows corrected by it: 0, still to fix: 40."
HOLD_FRAMES = """() => {
  const draw = window.requestAnimationFrame;
  const held = [];
  window.requestAnimationFrame = call => held.push(call);
  window.letFramesGo = () => {
    window.requestAnimationFrame = draw;
    for (const call of held) draw(call);
  };
  const close = EventSource.prototype.close;
  EventSource.prototype.close = function () {
    const { classList } = document.documentElement;
    if (this.readyState !== EventSource.CLOSED) classList.add("stream-ended");
    close.call(this);
  };
}"""
"""As a hidden tab has none; and mark when a stream that is opened later has been heard out."""


def test_a_hundred_thousand_rows_are_imported_corrected_and_healed(
    stack: Stack,
    client: RoadClient,
    site: SluicePage,
    orders: Callable[..., Workbook],
    tmp_path: Path,
) -> None:
    book = orders(ROWS, SHARE)
    bad = book.expected.bad_rows
    site.choose(book.path)
    expect(site.page.get_by_text("All required fields are fed")).to_be_visible()
    expect(site.page.locator("[data-part=preview]")).to_contain_text("order_id")
    job_id = site.start()
    site.watch_bar()
    site.wait_for_status("Completed with errors")
    expect(site.status).to_have_class(re.compile("warned"))
    expect(site.page.get_by_text(f"{ROWS - bad:,}").first).to_be_visible()
    expect(site.page.get_by_text(f"{bad:,}").first).to_be_visible()
    assert orders_of(stack.database_url, job_id) == expected_orders(book.expected)

    failed, corrected = tmp_path / "failed.xlsx", tmp_path / "corrected.xlsx"
    with site.page.expect_download() as download:
        site.page.get_by_role("link", name=re.compile("failed rows, Excel")).first.click()
    download.value.save_as(failed)
    assert len(correct_orders(failed, corrected, ROWS)) == bad
    site.page.locator("#mend-input").set_input_files(corrected)
    site.wait_for_status("Completed")
    expect(site.status).to_have_class(re.compile("good"))
    assert orders_of(stack.database_url, job_id) == expected_orders(orders(ROWS).expected)
    steps = site.bar_steps()
    assert steps == sorted(steps)


def test_a_corrected_file_that_corrects_nothing_says_so(
    client: RoadClient, site: SluicePage, tmp_path: Path
) -> None:
    failed = open_failed(client, site, tmp_path, 5_000_000)
    site.page.locator("#mend-input").set_input_files(failed)
    expect(site.page.get_by_text(NOTHING_CORRECTED)).to_be_visible()


def test_a_correction_that_passes_in_a_hidden_tab_is_told_to_who_comes_back(
    client: RoadClient, site: SluicePage, tmp_path: Path
) -> None:
    failed = open_failed(client, site, tmp_path, 6_000_000)
    site.page.evaluate(HOLD_FRAMES)
    site.page.locator("#mend-input").set_input_files(failed)
    expect(site.page.locator("html.stream-ended")).to_be_visible()
    expect(site.page.get_by_text("Its rows are written now")).to_be_visible()
    site.page.evaluate("() => window.letFramesGo()")
    expect(site.page.get_by_text(NOTHING_CORRECTED)).to_be_visible()


def open_failed(client: RoadClient, site: SluicePage, folder: Path, first: int) -> Path:
    """Open an import with 40 failed rows; return these as a file, as they are."""
    job_id = client.upload(small_orders(folder / "bad orders.csv", first, bad=40), "orders")
    client.follow(job_id)
    failed = folder / "still bad.csv"
    rows = client.http.get(f"/api/jobs/{job_id}/failed-rows.csv").raise_for_status()
    failed.write_bytes(rows.content)
    site.open_job(job_id)
    site.wait_for_status("Completed with errors")
    return failed
