"""Fixtures of every test: real Kafka, PostgreSQL and Redis, and a database with our schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from sluice.db.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devstack.databases import PostgresServer

# No test asserts a speed: a busy machine takes longer over an example than the default allows
settings.register_profile("sluice", deadline=None)
settings.load_profile("sluice")

pytest_plugins = ["devstack.pytest_fixtures"]


def _migrate(url: str) -> None:
    migrate(url)


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of this test's own, with the current schema."""
    with postgres_server.database(postgres_server.template("migrated", _migrate)) as url:
        yield url
