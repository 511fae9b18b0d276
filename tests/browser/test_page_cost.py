"""A long run does not fill the browser: heap and script stay within what the page may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.page_cost import MAX_HEAP, MAX_SCRIPT_MS, measured, script_of_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser
    from tests.browser.sluice_page import SluicePage
    from tests.conftest import Workbook
    from tests.road_client import RoadClient

ROWS = 200_000


def test_a_run_stays_small_in_the_browser(
    client: RoadClient, chromium: Browser, site: SluicePage, orders: Callable[..., Workbook]
) -> None:
    """CPU time of the page's own thread: a busy machine does not change it."""
    site.open_job(client.upload(orders(ROWS, 0.02).path, "orders"))
    site.wait_for_percent(1)
    cost = measured(chromium, site.page, site.has_ended)
    assert 0 < cost.heap_in_the_end <= cost.heap_peak < MAX_HEAP
    assert len(cost.script_of_frames_ms) > 10
    assert 0 < cost.percentile_ms(99) < MAX_SCRIPT_MS


def test_script_is_summed_by_frame_and_counted_once() -> None:
    def event(name: str, ts: int, dur: int = 0, tid: int = 1) -> dict[str, object]:
        return {"name": name, "ts": ts, "dur": dur, "tdur": dur // 2, "pid": 1, "tid": tid}

    frames = [event("BeginCommitCompositorFrame", at) for at in (0, 10_000, 20_000)]
    first = [event("FunctionCall", 1_000, 4_000), event("FunctionCall", 2_000, 1_000)]
    second = [event("TimerFire", 11_000, 2_000), event("FunctionCall", 14_000, 2_000)]
    elsewhere = [event("FunctionCall", 1_000, 9_000, tid=2)]
    assert script_of_frames([*frames, *second, *elsewhere, *first]) == [2.0, 2.0]
