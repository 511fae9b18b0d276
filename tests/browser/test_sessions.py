"""Sessions and shares that end in mid-run: the page says so, and goes on when it may again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.browser.frozen import frozen
from tests.browser.sluice_page import SluicePage

from upload_api.add_user import add_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

ROWS = 100_000
VIEWER = ("vera", "vera looks on")
REFUSED = r"status of (401|403)"
ME = "**/api/auth/me"


@pytest.fixture
def viewer(stack: Stack, visit: Callable[..., SluicePage]) -> SluicePage:
    """The page of somebody else, signed in."""
    name, password = VIEWER
    environ = {"SLUICE_DATABASE_URL": stack.database_url}
    add_user(environ | {"SLUICE_DEMO_USER": name, "SLUICE_DEMO_PASSWORD": password})
    page = visit()
    page.sign_in(name, password)
    return page


def test_the_session_and_the_share_end_while_both_look_on(
    stack: Stack,
    client: RoadClient,
    site: SluicePage,
    viewer: SluicePage,
    orders: Callable[..., Workbook],
) -> None:
    other_tab = SluicePage(site.page.context.new_page(), site.address)
    for page in (site, viewer, other_tab):
        page.console.expect(REFUSED)
    with frozen(stack, "writer"):
        job_id = client.upload(orders(ROWS).path, "orders")
        terms = {"shareWithUsers": [VIEWER[0]], "permissions": "view"}
        shared = client.http.post(f"/api/jobs/{job_id}/share", json=terms).raise_for_status()
        viewer.open_job(job_id)
        viewer.wait_for_link("Live")
        expect(viewer.page.get_by_role("button", name="Pause")).to_have_count(0)
        site.open_job(job_id)
        site.watch_bar()
        site.wait_for_link("Live")

        other_tab.open()
        other_tab.page.get_by_role("button", name="Sign out").click()
        expect(other_tab.page.get_by_role("button", name="Sign in")).to_be_visible()
        user_id = shared.json()["shares"][0]["userId"]
        client.http.delete(f"/api/jobs/{job_id}/share/{user_id}").raise_for_status()

        asked = site.page.get_by_role("dialog", name="Your session has ended")
        expect(asked).to_be_visible()
        asked.get_by_label("Password").fill(stack.login[1])
        asked.get_by_role("button", name="Sign in").click()
        expect(asked).to_have_count(0)
        site.wait_for_link("Live")
        expect(viewer.page.locator("[data-part=gone]")).to_be_visible()
    site.wait_for_status("Completed")
    steps = site.bar_steps()
    assert steps == sorted(steps)


def test_a_visit_while_the_server_is_away_goes_on_by_itself(
    client: RoadClient, visit: Callable[..., SluicePage]
) -> None:
    site = visit()
    site.use_token(client.token)
    site.console.expect("status of 503")
    away = {"code": "SERVICE_UNAVAILABLE", "detail": "The database is away.", "status": 503}
    site.page.route(ME, lambda route: route.fulfill(status=503, json=away))
    site.open()
    told = site.page.get_by_role("alert")
    expect(told).to_contain_text("tries again by itself")
    site.page.get_by_role("button", name="Tiếng Việt").click()
    expect(told).to_contain_text("tự thử lại")
    site.page.evaluate("location.hash = '#/jobs'")
    site.page.get_by_role("button", name="English").click()
    expect(told).to_contain_text("tries again by itself")
    site.page.unroute(ME)
    expect(site.page.get_by_role("heading", name="Imports")).to_be_visible()
