"""Every route of both HTTP apps, asked by everybody: the table says what each of them gets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tests.access.matrix import CALLERS, ROWS, SENT, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.access.access_world import AccessWorld

METHODS = {"get", "put", "post", "patch", "delete"}
HIDDEN = {
    "upload-api": {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"},
    "progress-gateway": {
        "/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc", "/api/{path:path}",
        "/static", "",
    },
}  # fmt: skip
"""What is not in the interface's description: the description itself, the page, and the way to
upload-api, which decides for itself."""


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_gets_from_a_route_what_the_table_says(
    world: AccessWorld, runner: asyncio.Runner, row: Row
) -> None:
    async def ask() -> dict[str, int]:
        return {caller: await world.status(row, caller) for caller in CALLERS}

    assert runner.run(ask()) == row.expected


def test_every_route_of_both_apps_has_a_row(world: AccessWorld) -> None:
    routes = {
        (name, method.upper(), path)
        for name, app in world.apps.items()
        for path, methods in app.openapi()["paths"].items()
        for method in METHODS & methods.keys()
    }
    assert routes == {(row.app, row.method, row.path) for row in ROWS}
    assert SENT.keys() <= {f"{row.method} {row.path}" for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_everybody_gets_is_documented(world: AccessWorld, row: Row) -> None:
    told = world.apps[row.app].openapi()["paths"][row.path][row.method.lower()]["responses"]
    assert set(map(str, row.expected.values())) <= told.keys()


def test_no_route_hides_from_the_description(world: AccessWorld) -> None:
    for name, app in world.apps.items():
        described = app.openapi()["paths"].keys()
        paths = set(_paths(app.routes))
        assert paths - described == HIDDEN[name]


def _paths(routes: Iterable[Any]) -> Iterator[str]:
    """Yield the address of every route, those of included routers too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route.path
        else:
            yield from _paths(included.routes)


def test_a_row_tells_of_every_caller() -> None:
    assert all(row.expected.keys() == CALLERS.keys() for row in ROWS)
