"""Without a mouse: sign in, choose a file, import it, pause it, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.browser.frozen import frozen
from tests.browser.showcase import small_orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator
    from tests.browser.sluice_page import SluicePage
    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

MOST_TABS = 60


def tab_to(wanted: Locator) -> None:
    """Press Tab until something has the focus, as one does who cannot see a pointer."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        wanted.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {wanted}")


def test_an_import_needs_no_mouse(
    stack: Stack,
    client: RoadClient,
    visit: Callable[..., SluicePage],
    orders: Callable[..., Workbook],
) -> None:
    site = visit()
    site.open()
    page, keys = site.page, site.page.keyboard
    # A first listener that comes with the key comes too late: Chromium would open a real chooser
    page.on("filechooser", lambda _: None)
    user, password = stack.login
    tab_to(page.get_by_label("User name"))
    keys.type(user)
    keys.press("Tab")
    keys.type(password)
    keys.press("Enter")
    tab_to(page.locator("#file-input"))
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(orders(100_000).path)
    expect(site.start_button).to_have_attribute("aria-disabled", "false")
    with frozen(stack, "writer"):
        tab_to(site.start_button)
        keys.press("Enter")
        pause = page.get_by_role("button", name="Pause")
        expect(pause).to_be_visible()
        tab_to(pause)
        keys.press("Enter")
    site.wait_for_status("Paused")
    tab_to(page.get_by_role("button", name="Resume"))
    keys.press("Enter")
    site.wait_for_status("Completed")


def test_what_has_the_focus_is_not_behind_the_bar(
    client: RoadClient, visit: Callable[..., SluicePage], tmp_path: Path
) -> None:
    site = visit(viewport={"width": 1200, "height": 700})
    site.use_token(client.token)
    site.open()
    site.choose(small_orders(tmp_path / "orders.csv", 1))
    fields = site.page.locator("[data-part=mapping] select")
    expect(fields.first).to_be_visible()
    for at in range(fields.count()):
        tab_to(fields.nth(at))
        hidden = fields.nth(at).evaluate(
            "field => field.getBoundingClientRect().bottom"
            " - document.querySelector('.start-bar').getBoundingClientRect().top"
        )
        assert hidden <= 0, f"field {at}: {hidden} pixels are behind the bar"
