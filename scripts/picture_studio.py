"""Where pictures are made: a running stack, a browser, and windows that one closes afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.sluice_page import PATIENCE_MS, SluicePage

from sample_data import generate_orders

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize
    from tests.road_client import RoadClient

    from devstack import Stack

WORKBOOKS = Path(".cache/workbooks")
WIDE: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
TALLEST = 1_500
MANY, FEWER = 1_000_000, 200_000
BAD_SHARE = 0.01


def rows_of(bad_share: float) -> int:
    return FEWER if bad_share else MANY


def workbook(bad_share: float) -> Path:
    """Return a workbook of orders, made once and kept; the good one's ids are its own."""
    rows = rows_of(bad_share)
    path = WORKBOOKS / ("orders of june.xlsx" if bad_share else "orders of 2026.xlsx")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        generate_orders(path, rows, bad_share=bad_share, start_id=1 if bad_share else FEWER + 1)
    return path


@dataclass(slots=True, kw_only=True)
class Studio:
    """What a picture needs, and the windows that are open."""

    stack: Stack
    browser: Browser
    client: RoadClient
    login: tuple[str, str]
    to: Path
    scratch: Path
    jobs: dict[str, str] = field(default_factory=dict)
    """Ids of jobs that later pictures show again, by what has become of them."""
    _windows: list[SluicePage] = field(default_factory=list)

    def window(
        self,
        *,
        theme: str = "light",
        locale: str = "en-GB",
        phone: bool = False,
        known: bool = True,
    ) -> SluicePage:
        """Open a window, signed in where `known`."""
        context = self.browser.new_context(
            viewport=PHONE if phone else WIDE,
            locale=locale,
            color_scheme=theme,  # type: ignore[arg-type]  # light or dark
            device_scale_factor=2 if phone else 1,
            timezone_id="Europe/Berlin",
        )
        context.set_default_timeout(PATIENCE_MS)
        site = SluicePage(context.new_page(), self.stack.gateway)
        self._windows.append(site)
        if known:
            site.use_token(self.client.token)
        return site

    def shoot(self, site: SluicePage, name: str, *, whole: bool = False) -> None:
        """Write what a window shows as `name`.png; `whole`: in a window as tall as the page."""
        path = self.to / f"{name}.png"
        if whole:
            height = site.page.evaluate("document.documentElement.scrollHeight")
            site.page.set_viewport_size({"width": 1200, "height": min(height, TALLEST)})
        site.page.screenshot(path=path, animations="disabled", caret="hide")
        if whole:
            site.page.set_viewport_size(WIDE)
        print(path)

    def close_windows(self) -> list[str]:
        """Close all windows; return what their consoles told of errors."""
        told = [line for site in self._windows for line in site.console.unexpected()]
        for site in self._windows:
            site.page.context.close()
        self._windows.clear()
        return told
