"""Anybody can use it: axe-core in both languages and themes, a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.browser.axe_findings import COLOURS, grave_findings
from tests.browser.operator import operator_of
from tests.browser.places import PLACES
from tests.browser.showcase import make_showcase
from tests.table_facts import empty_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, ViewportSize
    from tests.browser.showcase import Showcase
    from tests.browser.sluice_page import SluicePage
    from tests.road_client import RoadClient

    from devstack import Stack

PHONE: ViewportSize = {"width": 390, "height": 844}
LOCALES = {"en": "en-GB", "vi": "vi-VN"}
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(
    (node) => node.getBoundingClientRect().right > width + 1);
  return ['scrolls sideways', ...wide.slice(0, 3).map((node) => node.outerHTML.slice(0, 120))];
}"""


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[RoadClient]:
    """One sign-in for all looks, as somebody who may see every page."""
    empty_orders(stack.database_url)
    road = operator_of(stack)
    yield road
    road.close()


@pytest.fixture(scope="module")
def show(
    stack: Stack, client: RoadClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Showcase]:
    made = make_showcase(stack, client, tmp_path_factory.mktemp("showcase"))
    yield made
    client.http.post(f"/api/jobs/{made.paused}/cancel").raise_for_status()


def faults_of(page: Page) -> list[str]:
    """Return what is wrong with what is shown, in light, in dark and on a phone."""
    found = grave_findings(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {finding}" for finding in grave_findings(page, COLOURS)]
    page.set_viewport_size(PHONE)
    found += [f"phone: {finding}" for finding in page.evaluate(_TOO_WIDE)]
    return found


def newcomer(visit: Callable[..., SluicePage], language: str, **options: object) -> SluicePage:
    calm = {"reduced_motion": "reduce", "color_scheme": "light"}
    return visit(locale=LOCALES[language], **calm, **options)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("place", PLACES)
def test_a_page_has_no_grave_fault(
    visit: Callable[..., SluicePage], client: RoadClient, show: Showcase, place: str, language: str
) -> None:
    site = newcomer(visit, language)
    site.use_token(client.token)
    PLACES[place](site, show)
    expect(site.page.locator("html")).to_have_attribute("lang", language)
    found = faults_of(site.page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LOCALES)
def test_the_sign_in_has_no_grave_fault(visit: Callable[..., SluicePage], language: str) -> None:
    site = newcomer(visit, language)
    site.open()
    expect(site.page.locator("form")).to_be_visible()
    found = faults_of(site.page)
    assert not found, "\n".join(found)


def test_grave_faults_are_found(visit: Callable[..., SluicePage]) -> None:
    page = newcomer(visit, "en").page
    page.set_content(
        "<html lang=en><title>t</title><main><img src=x><button></button>"
        "<div style='width: 500px'>wide</div>"
    )
    found = faults_of(page)
    assert {line.partition(":")[0] for line in found} == {"image-alt", "button-name", "phone"}
