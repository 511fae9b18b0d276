"""`make bench-page`: a long run in a real browser: its heap, and its script per frame (ROWS=).

Ends with 1 when the page costs more than it may: 100 MB of heap, 50 ms of script in a frame (p99).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from tests.browser.page_cost import MAX_HEAP, MAX_SCRIPT_MS, measured
from tests.browser.sluice_page import SluicePage
from tests.road_client import RoadClient

from devstack import SluiceOptions, Stack
from devstack.install import find_chromium
from sample_data import generate_orders

if TYPE_CHECKING:
    from tests.browser.page_cost import PageCost

BAD_SHARE = 0.02
MB = 1_000_000


def run_in_a_browser(stack: Stack, workbook: Path) -> PageCost:
    """Import a workbook before an open page; return what it cost the browser."""
    client = RoadClient(stack.gateway, *stack.login)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), chromium_sandbox=os.geteuid() != 0
        )
        site = SluicePage(browser.new_page(), stack.gateway)
        site.use_token(client.token)
        site.open_job(client.upload(workbook, "orders"))
        site.wait_for_percent(0)
        cost = measured(browser, site.page, site.has_ended)
        browser.close()
    client.close()
    return cost


def main() -> int:
    """Print the figures; return the exit code."""
    rows = int(os.environ.get("ROWS", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        workbook = Path(folder) / "orders.xlsx"
        print(f"making a workbook of {rows:,} orders …", flush=True)
        generate_orders(workbook, rows, bad_share=BAD_SHARE)
        with Stack.ephemeral("bench-page", sluice=SluiceOptions()) as stack:
            cost = run_in_a_browser(stack, workbook)
    p99_ms = cost.percentile_ms(99)
    print(f"rows                      {rows:,}, {BAD_SHARE:.0%} of them bad")
    print(f"heap, peak                {cost.heap_peak / MB:.1f} MB of {MAX_HEAP / MB:.0f}")
    print(f"heap, after a collection  {cost.heap_in_the_end / MB:.1f} MB")
    print(f"frames                    {len(cost.script_of_frames_ms):,}")
    print(
        f"script per frame, CPU ms  {cost.percentile_ms(50):.2f} (p50), {p99_ms:.2f} (p99) of"
        f" {MAX_SCRIPT_MS}, {cost.percentile_ms(100):.2f} (most)"
    )
    return 0 if cost.heap_peak < MAX_HEAP and p99_ms < MAX_SCRIPT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
