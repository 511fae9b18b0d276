"""What waits in PostgreSQL is counted as it is: what has ended, healed or gone on is left out."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from prometheus_client import REGISTRY

from sluice.db.pool import open_pool
from sluice.ops.stock import take_stock
from sluice.settings import DatabaseSettings

ADD_JOB = """
INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout, file_name,
                         file_url, file_size_bytes, file_sha256, status, updated_at, desired)
VALUES (%s, %s, 'records', '{}', 'insert', '{}', 'a.xlsx', 'file:///a', 1, '', %s,
        now() - make_interval(secs => %s), %s)
"""
ADD_LETTER = """
INSERT INTO sluice.dead_letters (topic, partition, kafka_offset, original_topic,
       original_partition, original_offset, error_class, error_message, attempts, size_bytes,
       state, first_failed_at, last_failed_at)
VALUES ('t', 0, %s, 'o', 0, 0, %s, 'm', 4, 1, %s, now(), now())
"""


@pytest.fixture
def conn(database_url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(database_url, autocommit=True)


def test_only_what_waits_for_somebody_is_in_stock(
    conn: psycopg.Connection[tuple[object, ...]],
) -> None:
    with conn:
        owner = uuid4()
        conn.execute("INSERT INTO sluice.users (user_id, username) VALUES (%s, 'u')", [owner])
        for status, age_s, desired in (
            ("pending", 5, "run"),
            ("processing", 90, "run"),
            ("processing", 1, "run"),
            ("paused", 5000, "pause"),
            ("completed", 9000, "run"),
        ):
            conn.execute(ADD_JOB, [uuid4(), owner, status, age_s, desired])
        letters = (("A", "open"), ("A", "parked"), ("B", "open"), ("B", "healed"))
        for number, (code, state) in enumerate(letters):
            conn.execute(ADD_LETTER, [number, code, state])
        for consumer, resumed in (("writer", None), ("parser", "now")):
            conn.execute(
                "INSERT INTO sluice.consumer_halts (consumer, reason, resumed_at)"
                " VALUES (%s, 'why', %s)",
                [consumer, resumed],
            )
        for age_s in (7, 70):
            conn.execute(
                "INSERT INTO sluice.outbox (job_id, topic, key, headers, value, created_at)"
                " VALUES (%s, 't', '', '[]', '', now() - make_interval(secs => %s))",
                [uuid4(), age_s],
            )
        stock = take_stock(conn)
    assert stock.jobs == {"pending": 1, "processing": 2, "paused": 1}
    assert 90 <= stock.standstill_s < 600
    assert stock.letters == {"A": 2, "B": 1}
    assert stock.halts == {"writer": "why"}
    assert stock.outbox_records == 2
    assert 70 <= stock.outbox_oldest_s < 600


def test_a_pool_tells_how_many_of_its_connections_are_lent(database_url: str) -> None:
    def lent() -> float:
        name = "sluice_database_pool_connections"
        return REGISTRY.get_sample_value(name, {"state": "lent"}) or 0.0

    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url})
    pool = open_pool(settings, "test")
    pool.wait()
    before = lent()
    with pool.connection():
        assert lent() == before + 1
    pool.close()
