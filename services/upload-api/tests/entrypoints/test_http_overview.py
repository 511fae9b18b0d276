"""The overview of operations: on a real database, with stand-ins for the brokers and Redis."""

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from sluice.errors import Outage
from sluice.kafka import topic_names
from sluice.ops.lag import GroupTopic
from upload_api.adapters.road_facts import RoadFacts
from upload_api.entrypoints.overview_views import overview_view
from upload_api.parts import Parts

if TYPE_CHECKING:
    from conftest import Api


class Brokers:
    """Answers, or is away, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.lags = {
            GroupTopic("sluice-writer", topic_names.CHUNKS): 7,
            GroupTopic("sluice-writer-retry", topic_names.CHUNKS_RETRY[0]): 2,
            GroupTopic("sluice-writer-retry", topic_names.CHUNKS_RETRY[2]): 1,
        }

    def read(self) -> dict[GroupTopic, int]:
        self.asked += 1
        if self.is_away:
            raise Outage("kafka", "no broker answers")
        return self.lags


@pytest.fixture
def brokers() -> Brokers:
    return Brokers()


def facts_of(parts: Parts, brokers: Brokers) -> RoadFacts:
    return RoadFacts(parts.settings, parts.pool, parts.clock, lambda _: brokers)


def read(api: "Api", brokers: Brokers) -> dict[str, Any]:
    """The overview as a page gets it, of brokers that a test tells what to say."""
    return overview_view(facts_of(api.parts, brokers).read()).model_dump(mode="json", by_alias=True)


def add_job_with_chunks(api: "Api", written: int) -> None:
    api.headers("anna")
    with psycopg.connect(api.database_url) as conn:
        row = conn.execute(
            """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
                  file_name, file_url, file_size_bytes, file_sha256, status)
               SELECT gen_random_uuid(), user_id, 'records', '{}', 'insert', '{}', 'a.xlsx',
                      'file:///a', 1, '', 'processing'
                 FROM sluice.users WHERE username = 'anna' RETURNING job_id"""
        ).fetchone()
        assert row is not None
        conn.execute(
            """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, inserted, failed,
                  first_line, last_line, covered_bytes, sha256)
               SELECT %s, n, 'written', 1, 100, 90, 10, 2, 101, 1, ''
                 FROM generate_series(1, %s) n""",
            [row[0], written],
        )


def test_operators_are_told_what_waits_and_how_fast_rows_are_written(
    shared_api: "Api", brokers: Brokers
) -> None:
    add_job_with_chunks(shared_api, written=3)
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.consumer_halts (consumer, reason) VALUES ('writer', 'three failed')"
        )
    told = read(shared_api, brokers)
    assert told["jobs"] == {"processing": 1}
    assert {stage["name"]: stage["waiting"] for stage in told["stages"]} == {
        "outbox": 0,
        "jobs": 0,
        "chunks": 7,
        "retries": 3,
        "results": 0,
    }
    assert told["pace"]["stepS"] == 5
    assert sum(step["rows"] for step in told["pace"]["steps"]) == 270
    assert sum(step["failed"] for step in told["pace"]["steps"]) == 30
    assert [halt["consumer"] for halt in told["halts"]] == ["writer"]
    states = {part["name"]: part["state"] for part in told["parts"]}
    assert (states["kafka"], states["postgresql"], states["redis"]) == ("up", "up", "away")
    assert states["writer"] == "unknown"


def test_brokers_that_do_not_answer_are_told_as_away_and_not_asked_again_at_once(
    shared_api: "Api", brokers: Brokers
) -> None:
    brokers.is_away = True
    facts = facts_of(shared_api.parts, brokers)
    overview = facts.read()
    kafka = next(part for part in overview.parts if part.name == "kafka")
    assert (str(kafka.state), kafka.reason) == ("away", "no broker answers")
    assert overview.lags is None
    facts.read()
    assert brokers.asked == 1


def test_many_pages_are_given_one_answer(shared_api: "Api", brokers: Brokers) -> None:
    facts = facts_of(shared_api.parts, brokers)
    assert facts.read() is facts.read()
    assert brokers.asked == 1


def test_the_overview_is_for_operators(shared_api: "Api") -> None:
    client = shared_api.client
    for name, role, status in (("anna", "user", 403), ("olga", "operator", 200)):
        answer = client.get("/api/ops/overview", headers=shared_api.headers(name, role))
        assert answer.status_code == status
    assert client.get("/api/ops/overview").status_code == 401
