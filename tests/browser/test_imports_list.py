"""The list of imports: every row is live, and all rows hang on one stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.browser.frozen import frozen
from tests.browser.showcase import small_orders

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Request
    from tests.browser.sluice_page import SluicePage
    from tests.road_client import RoadClient

    from devstack import Stack


def test_my_imports_are_live_on_one_stream(
    stack: Stack, client: RoadClient, site: SluicePage, tmp_path: Path
) -> None:
    streams: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "eventsource":
            streams.append(request.url)

    site.page.on("request", note)
    site.open("#/jobs")
    site.wait_for_link("Live")
    rows = [
        site.page.get_by_role("row").filter(has_text=name)
        for name in ("first list.csv", "second list.csv")
    ]
    with frozen(stack, "writer"):
        for number, name in enumerate(("first list.csv", "second list.csv")):
            client.upload(small_orders(tmp_path / name, 10_000 * (number + 1)), "orders")
        for row in rows:
            expect(row.first).to_be_visible()
            expect(row.first).not_to_contain_text("Completed")
    for row in rows:
        expect(row.first).to_contain_text("Completed")
    assert len(streams) == 1, streams
