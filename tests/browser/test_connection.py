"""What the page does when its connection goes: the badge tells, and the bar never steps back."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.browser.console_watch import CUT
from tests.browser.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.sluice_page import SluicePage
    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

ROWS = 100_000
STREAMS = re.compile(r"/api/progress/.*stream(\?|$)")


def test_the_gateway_is_killed_and_the_page_goes_on(
    stack: Stack, client: RoadClient, site: SluicePage, orders: Callable[..., Workbook]
) -> None:
    site.console.expect(CUT)
    site.open_job(client.upload(orders(ROWS).path, "orders"))
    site.watch_bar()
    site.wait_for_percent(5)
    with frozen(stack, "writer"):
        site.wait_for_link("Live")
        before = site.bar_steps()[-1]
        assert before < 100
        stack.kill("progress-gateway", signal.SIGKILL)
        site.wait_for_link("Reconnecting")
        site.wait_for_link("Live")
    site.wait_for_status("Completed")
    steps = site.bar_steps()
    assert steps == sorted(steps)
    assert before in steps
    assert steps[-1] == 100


def test_polling_takes_over_from_a_blocked_stream_and_gives_back(
    stack: Stack, client: RoadClient, site: SluicePage, orders: Callable[..., Workbook]
) -> None:
    site.console.expect("ERR_FAILED")
    site.page.route(STREAMS, lambda route: route.abort())
    with frozen(stack, "writer"):
        site.open_job(client.upload(orders(ROWS).path, "orders"))
        site.watch_bar()
        site.wait_for_link("Polling every 2 s")
        site.page.unroute(STREAMS)
        site.wait_for_link("Live")
        site.page.route(STREAMS, lambda route: route.abort())
        site.page.reload()
        site.wait_for_link("Polling every 2 s")
        site.watch_bar()
    site.wait_for_status("Completed")
    assert site.bar_steps()[-1] == 100


def test_offline_and_back(
    stack: Stack, client: RoadClient, site: SluicePage, orders: Callable[..., Workbook]
) -> None:
    site.console.expect("ERR_INTERNET_DISCONNECTED", CUT)
    with frozen(stack, "writer"):
        site.open_job(client.upload(orders(ROWS).path, "orders"))
        site.watch_bar()
        site.wait_for_link("Live")
        site.page.context.set_offline(True)
        expect(site.link).not_to_contain_text("Live")
        site.page.context.set_offline(False)
        site.wait_for_link("Live")
    site.wait_for_status("Completed")
    steps = site.bar_steps()
    assert steps == sorted(steps)
    assert steps[-1] == 100
