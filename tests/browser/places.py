"""Every page and main state of it, and how one gets there in either language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.showcase import Showcase
    from tests.browser.sluice_page import SluicePage

UNDO = re.compile("^(Undo|Hoàn tác)")
SHARE = re.compile("^(Share|Chia sẻ)")


def _run(name: str) -> Callable[[SluicePage, Showcase], None]:
    def go(site: SluicePage, show: Showcase) -> None:
        site.open_job(getattr(show, name))
        expect(site.bar).to_be_visible()
        expect(site.status).to_have_class(re.compile("good|warned|bad"))

    return go


def _with_dialog(button: re.Pattern[str]) -> Callable[[SluicePage, Showcase], None]:
    def go(site: SluicePage, show: Showcase) -> None:
        _run("good")(site, show)
        site.page.get_by_role("button", name=button).first.click()
        expect(site.page.get_by_role("dialog")).to_be_visible()

    return go


def _chosen(site: SluicePage, show: Showcase) -> None:
    site.open()
    site.page.locator("#file-input").set_input_files(show.file)
    expect(site.page.locator("[data-part=mapping]")).to_be_visible()


def _listed(site: SluicePage, _show: Showcase) -> None:
    site.open("#/jobs")
    expect(site.page.get_by_role("link", name="good orders.csv").first).to_be_visible()


def _headed(route: str) -> Callable[[SluicePage, Showcase], None]:
    def go(site: SluicePage, _show: Showcase) -> None:
        site.open(route)
        expect(site.page.locator("main").get_by_role("heading").first).to_be_visible()

    return go


PLACES: dict[str, Callable[[SluicePage, Showcase], None]] = {
    "new import": _headed("#/"),
    "a file is chosen": _chosen,
    "my imports": _listed,
    "completed": _run("good"),
    "completed with errors": _run("with_errors"),
    "failed": _run("failed"),
    "paused": _run("paused"),
    "undo dialog": _with_dialog(UNDO),
    "share dialog": _with_dialog(SHARE),
    "no such page": _headed("#/nowhere"),
    "who did what": lambda site, show: _headed(f"#/jobs/{show.good}/audit")(site, show),
    "operations": _headed("#/ops"),
    "dead letters": _headed("#/ops/letters"),
    "audit": _headed("#/ops/audit"),
}
