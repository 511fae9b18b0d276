"""A real browser before the running stack: what its console tells of errors fails the test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from tests.browser.sluice_page import SluicePage

from devstack.install import find_chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext

    from devstack import Stack

WIDE = {"width": 1200, "height": 900}
PATIENCE_MS = 60_000
"""What has not come by then is stuck."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for this file: Playwright's event loop may not stay where others run theirs."""
    program = find_chromium()
    if program is None and "CI" in os.environ:
        pytest.fail("CI needs Chromium for the page's tests in a browser", pytrace=False)
    if program is None:
        pytest.skip("Chromium is not installed: python -m devstack install")
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox of its own to use; the pages are ours
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, stack: Stack) -> Iterator[Callable[..., SluicePage]]:
    """Return a function that opens the page as somebody new would, with a context's options.

    In the end no console may have told of an error that the test did not say it causes.
    """
    opened: list[tuple[BrowserContext, SluicePage]] = []

    def open_page(**options: object) -> SluicePage:
        context = chromium.new_context(**{"viewport": WIDE, "locale": "en-GB", **options})  # type: ignore[arg-type]  # Playwright's own checks them
        context.set_default_timeout(PATIENCE_MS)
        site = SluicePage(context.new_page(), stack.gateway)
        opened.append((context, site))
        return site

    yield open_page
    told = [line for _, site in opened for line in site.console.unexpected()]
    for context, _ in opened:
        context.close()
    assert told == []


@pytest.fixture
def site(visit: Callable[..., SluicePage], stack: Stack) -> SluicePage:
    """The page in a window of its own, signed in."""
    page = visit()
    page.sign_in(*stack.login)
    return page
