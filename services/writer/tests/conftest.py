"""Fixtures of the writer's tests: a database with a target, and writers without Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from services.writer.tests.writer_world import ITEMS, Hand, World

from import_targets import create_table_sql


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(create_table_sql(ITEMS))
        yield World(database_url, conn)


@pytest.fixture
def hand(world: World) -> Iterator[Callable[..., Hand]]:
    """Make writers; their sessions are closed behind the test."""
    made: list[Hand] = []

    def make(max_stored_errors: int = 100_000, **session: str) -> Hand:
        made.append(Hand(world.url, max_stored_errors, **session))
        return made[-1]

    yield make
    for each in made:
        each.session.close()
