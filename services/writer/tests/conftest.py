"""Fixtures of the writer's tests: a database with a target, and writers without Kafka."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from services.writer.tests.writer_faults import Faults, faults_of
from services.writer.tests.writer_road import Road
from services.writer.tests.writer_world import ITEMS, Hand, World
from tests.live_process import end_all

from import_targets import create_table_sql
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings


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


@pytest.fixture
def road(world: World, kafka_bootstrap: str, redis_url: str, tmp_path: Path) -> Iterator[Road]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    env |= {
        "SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "SLUICE_DATABASE_URL": world.url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_ENVIRONMENT": "test",
        "SLUICE_LOG_FORMAT": "console",
        "SLUICE_FAILPOINTS_DIR": str(tmp_path),
    }
    settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap})
    create_topics(settings, topic_specs(settings))
    made = Road(env, settings, world)
    yield made
    end_all(made.processes)


@pytest.fixture
def faults(world: World) -> Faults:
    return faults_of(world)
