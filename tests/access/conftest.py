"""Both apps on one database, for a file of tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.access.access_world import AccessWorld

from sluice.db.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devstack.databases import PostgresServer


def _migrate(url: str) -> None:
    migrate(url)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def world(
    postgres_server: PostgresServer,
    redis_url: str,
    runner: asyncio.Runner,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AccessWorld]:
    with postgres_server.database(postgres_server.template("migrated", _migrate)) as url:
        world = AccessWorld(url, redis_url, tmp_path_factory.mktemp("access"))
        runner.run(world.open())
        yield world
        runner.run(world.close())
