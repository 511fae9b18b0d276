"""Fixtures of every test: real Kafka, PostgreSQL and Redis, and a database with our schema."""

from __future__ import annotations

import os
import sys
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

pytest_plugins = ["devstack.pytest_fixtures", "tests.distribution", "tests.time_by_member"]


def _migrate(url: str) -> None:
    migrate(url)


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of this test's own, with the current schema."""
    with postgres_server.database(postgres_server.template("migrated", _migrate)) as url:
        yield url


class _Outcome:
    """What this run ends with."""

    status = 0


def pytest_sessionfinish(exitstatus: int) -> None:
    _Outcome.status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave with the run's own status, without the interpreter's clean-up.

    Services that tests ran in this process leave threads with Kafka clients behind, which crash an
    interpreter that takes itself apart below them, after every test has passed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_Outcome.status)
