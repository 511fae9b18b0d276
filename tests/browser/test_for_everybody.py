"""Anybody can use it: axe-core in both languages and themes, a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.browser.places import PLACES
from tests.browser.showcase import make_showcase
from tests.road_client import RoadClient
from tests.table_facts import empty_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, ViewportSize
    from tests.browser.showcase import Showcase
    from tests.browser.sluice_page import SluicePage

    from devstack import Stack

PHONE: ViewportSize = {"width": 390, "height": 844}
LOCALES = {"en": "en-GB", "vi": "vi-VN"}
GRAVE = {"serious", "critical"}
# A theme changes colours and nothing else: in the other one its contrast is what is left to ask
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = ALL_RULES | {"runOnly": ["color-contrast", "link-in-text-block"]}
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(
    (node) => node.getBoundingClientRect().right > width + 1);
  return ['scrolls sideways', ...wide.slice(0, 3).map((node) => node.outerHTML.slice(0, 120))];
}"""


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[RoadClient]:
    """One sign-in for all looks."""
    empty_orders(stack.database_url)
    road = RoadClient(stack.gateway, *stack.login)
    yield road
    road.close()


@pytest.fixture(scope="module")
def show(
    stack: Stack, client: RoadClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Showcase]:
    made = make_showcase(stack, client, tmp_path_factory.mktemp("showcase"))
    yield made
    client.http.post(f"/api/jobs/{made.paused}/cancel").raise_for_status()


def grave_findings(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe-core finds serious or critical, and where."""
    found = Axe().run(page, options=rules).response["violations"]
    return [
        f"{finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]


def faults_of(page: Page) -> list[str]:
    """Return what is wrong with what is shown, in light, in dark and on a phone."""
    found = grave_findings(page, ALL_RULES)
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
