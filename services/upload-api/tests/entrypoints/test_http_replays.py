"""Replays of dead letters, on a real Kafka and a real PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import psycopg
import pytest
from tests.letter_box import Dead, LetterBox, headers_of

if TYPE_CHECKING:
    from conftest import Api

StartApi = Callable[..., "Api"]
Wait = Callable[[Callable[[], bool]], None]
AddJob = Callable[..., UUID]


@pytest.fixture
def box(kafka_bootstrap: str, database_url: str) -> Iterator[LetterBox]:
    made = LetterBox(kafka_bootstrap, database_url)
    yield made
    made.close()


@pytest.fixture
def api(start_api: StartApi, kafka_bootstrap: str) -> "Api":
    return start_api(SLUICE_KAFKA_BOOTSTRAP=kafka_bootstrap)


@pytest.fixture
def failed_job(api: "Api", add_job: AddJob) -> UUID:
    job_id = add_job("anna")
    set_status(api, job_id, "failed")
    return job_id


def set_status(api: "Api", job_id: UUID, status: str) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.jobs SET status = %s WHERE job_id = %s", [status, job_id])


def replay(api: "Api", **body: Any) -> httpx.Response:
    headers = api.headers("olga", "operator")
    return api.client.post("/api/ops/dlq/replays", json=body, headers=headers)


def done(api: "Api", eventually: Wait, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = {}

    def is_done() -> bool:
        headers = api.headers("olga", "operator")
        found.update(api.client.get(answer.json()["link"], headers=headers).json())
        return bool(found["state"] == "done")

    eventually(is_done)
    return found


def states(api: "Api") -> list[tuple[str, int]]:
    return [
        (state, count)
        for state, count in api.rows(
            "SELECT state, replay_count FROM sluice.dead_letters ORDER BY dead_letter_id"
        )
    ]


def assert_sent(message: Any, dead: Dead, replay_count: int) -> None:
    assert (message.key(), message.value()) == (dead.key, dead.value)
    count = ("sluice-replay-count", str(replay_count).encode())
    assert headers_of(message) == [*dead.headers, count]


def test_a_replay_begins_the_next_run_and_sends_the_record_untouched(
    api: "Api", box: LetterBox, failed_job: UUID, eventually: Wait
) -> None:
    dead = box.dead_chunk(failed_job, 3)
    box.dead_chunk(failed_job, 4, error_class="OTHER")
    result = done(api, eventually, replay(api, ids=[dead.letter_id]))
    assert (result["selected"], result["sent"], result["requestedBy"]) == (1, 1, "olga")
    [message] = box.produced(1)
    assert message.topic() == "imports.chunks"
    assert_sent(message, dead, 1)
    assert states(api) == [("replaying", 1), ("open", 0)]
    ledger = "SELECT chunk_no, outcome FROM sluice.chunks"
    assert api.rows(ledger) == [(4, "dead")]
    assert api.rows("SELECT status, run, control_seq FROM sluice.jobs") == [("pending", 2, 1)]
    facts = [json.loads(bytes(value)) for (value,) in api.rows("SELECT value FROM sluice.outbox")]
    assert [(fact["run"], fact.get("by")) for fact in facts] in (
        [(2, "replay"), (2, None)],
        [],  # the relay may have been faster
    )
    [audit] = api.rows("SELECT action, details FROM sluice.audit_log")
    assert (audit[0], audit[1]["letters"]) == ("dlq_replayed", 1)


def test_all_chosen_letters_of_a_job_are_opened_at_once_in_one_run(
    api: "Api", box: LetterBox, failed_job: UUID, eventually: Wait
) -> None:
    for chunk_no in range(5):
        box.dead_chunk(failed_job, chunk_no)
    answer = replay(api, filter={"jobId": str(failed_job)}, ratePerSecond=4)
    eventually(lambda: api.rows("SELECT run FROM sluice.jobs") == [(2,)])
    assert api.rows("SELECT count(*) FROM sluice.chunks") == [(0,)]
    assert done(api, eventually, answer)["sent"] == 5
    assert len(box.produced(5)) == 5
    assert api.rows("SELECT run FROM sluice.jobs") == [(2,)]


def test_a_letter_of_a_running_job_needs_no_new_run(
    api: "Api", box: LetterBox, add_job: AddJob, eventually: Wait
) -> None:
    job_id = add_job("anna")
    dead = box.dead_chunk(job_id, 0)
    box.dead_chunk(job_id, 1)
    assert done(api, eventually, replay(api, ids=[dead.letter_id]))["sent"] == 1
    assert_sent(box.produced(1)[0], dead, 1)
    assert api.rows("SELECT chunk_no FROM sluice.chunks") == [(1,)]
    assert api.rows("SELECT run, control_seq FROM sluice.jobs") == [(1, 0)]
    assert api.rows("SELECT count(*) FROM sluice.outbox") == [(0,)]


def test_replays_again_and_at_once_count_one_round_and_begin_one_run(
    api: "Api", box: LetterBox, failed_job: UUID, eventually: Wait
) -> None:
    letters = [box.dead_chunk(failed_job, chunk_no).letter_id for chunk_no in range(4)]
    at_once = [replay(api, ids=letters) for _ in range(2)]
    for answer in at_once:
        assert done(api, eventually, answer)["sent"] == 4
    assert len(box.produced(8)) == 8
    assert states(api) == [("replaying", 1)] * 4
    assert api.rows("SELECT run FROM sluice.jobs") == [(2,)]


def test_what_is_written_is_not_sent_and_its_letter_is_healed(
    api: "Api", box: LetterBox, failed_job: UUID, eventually: Wait
) -> None:
    dead = box.dead_chunk(failed_job, 0)
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.chunks SET outcome = 'written'")
    result = done(api, eventually, replay(api, ids=[dead.letter_id]))
    assert (result["alreadyWritten"], result["healed"], result["sent"]) == (1, 1, 0)
    assert states(api) == [("healed", 0)]
    assert box.produced(0) == []
    assert api.rows("SELECT status, run FROM sluice.jobs") == [("failed", 1)]


def test_a_letter_that_came_back_too_often_is_parked(
    api: "Api", box: LetterBox, failed_job: UUID, eventually: Wait
) -> None:
    for chunk_no, count in enumerate([2, 3]):
        box.dead_chunk(failed_job, chunk_no, replay_count=count)
    result = done(api, eventually, replay(api, filter={}))
    assert (result["sent"], result["parked"]) == (1, 1)
    assert result["unsent"][0]["reason"] == "it came back from 3 replays"
    assert states(api) == [("replaying", 3), ("parked", 3)]
    assert len(box.produced(1)) == 1
    assert api.rows("SELECT chunk_no, outcome FROM sluice.chunks") == [(1, "dead")]


def test_a_foreign_record_goes_back_byte_by_byte(
    api: "Api", box: LetterBox, eventually: Wait
) -> None:
    headers = [("twice", b"1"), ("twice", b"\xff\x00"), ("nothing", None), ("empty", b"")]
    dead = box.dead_record(None, bytes(range(256)), headers)
    assert done(api, eventually, replay(api, ids=[dead.letter_id]))["sent"] == 1
    assert_sent(box.produced(1)[0], dead, 1)


def test_a_wake_up_goes_back_to_the_parsers(api: "Api", box: LetterBox, eventually: Wait) -> None:
    places = {"topic": "imports.jobs.dlq", "original_topic": "imports.jobs"}
    dead = box.dead_record(b"k", b"no event", [("ce_type", b"x")], **places)
    assert done(api, eventually, replay(api, ids=[dead.letter_id]))["sent"] == 1
    [message] = box.produced(1)
    assert message.topic() == "imports.jobs"
    assert_sent(message, dead, 1)


def test_what_cannot_be_sent_says_why_and_changes_nothing(
    api: "Api", box: LetterBox, add_job: AddJob, eventually: Wait
) -> None:
    cancelled, cancelling, completed = (add_job("anna") for _ in range(3))
    set_status(api, cancelled, "cancelled")
    set_status(api, completed, "completed")
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.jobs SET desired = 'cancel' WHERE job_id = %s", [cancelling])
    for job_id in (cancelled, cancelling, completed):
        box.dead_chunk(job_id, 0)
    gone = UUID(int=1)
    box.dead_chunk(gone, 0)
    box.dead_record(b"k", b"v", [], original_topic="somebody.elses")
    box.dead_record(b"k", b"v", [], state="discarded")
    box.dead_record(b"k", b"v", [], kafka_offset=10**12)
    everything = ["open", "discarded"]
    result = done(api, eventually, replay(api, filter={"state": everything}))
    assert (result["refused"], result["lost"], result["sent"]) == (6, 1, 0)
    told = [letter["reason"] for letter in result["unsent"]]
    assert told[0] == told[1] == "its job is cancelled: retry the job instead"
    assert told[2:4] == ["its job is completed", "its job was erased"]
    assert told[4] == "somebody.elses is no topic that a replay may send to"
    assert told[5] == "it is discarded"
    assert "no more" in told[6]
    assert box.produced(0) == []
    assert api.rows("SELECT count(*) FROM sluice.chunks WHERE outcome = 'dead'") == [(4,)]


def test_a_dry_run_counts_and_publishes_nothing(
    api: "Api", box: LetterBox, failed_job: UUID
) -> None:
    for chunk_no, error_class in enumerate(["BUG", "BUG", "OTHER"]):
        box.dead_chunk(failed_job, chunk_no, error_class=error_class)
    answer = replay(api, filter={}, dryRun=True, max=2)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["replayId"], body["selected"]) == (None, 2)
    assert body["histogram"]["byClass"] == [{"name": "BUG", "count": 2}]
    assert body["histogram"]["byJob"] == [{"name": str(failed_job), "count": 2}]
    assert box.produced(0) == []
    assert states(api) == [("open", 0)] * 3
    assert api.rows("SELECT count(*) FROM sluice.replays") == [(0,)]


def test_a_replay_names_ids_or_a_filter_and_is_for_operators(api: "Api") -> None:
    wrong: list[dict[str, Any]]
    wrong = [{}, {"ids": [1], "filter": {}}, {"ids": []}, {"filter": {"no": 1}}]
    for body in wrong:
        assert replay(api, **body).status_code == 422
    refused = api.client.post(
        "/api/ops/dlq/replays", json={"filter": {}}, headers=api.headers("anna")
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "OPERATOR_ONLY")
    assert api.client.post("/api/ops/dlq/replays", json={"filter": {}}).status_code == 401
    unknown = f"/api/ops/dlq/replays/{UUID(int=5)}"
    assert api.client.get(unknown, headers=api.headers("olga", "operator")).status_code == 404
