"""Dead letters over HTTP: listed, counted, shown without their cells, discarded."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from tests.letter_box import LetterBox

if TYPE_CHECKING:
    from conftest import Api

AddJob = Callable[..., UUID]
PATHS = ["", "/summary", "/1"]


@pytest.fixture
def api(start_api: Callable[..., "Api"], kafka_bootstrap: str) -> "Api":
    return start_api(SLUICE_KAFKA_BOOTSTRAP=kafka_bootstrap)


@pytest.fixture
def box(kafka_bootstrap: str, database_url: str) -> Iterator[LetterBox]:
    made = LetterBox(kafka_bootstrap, database_url)
    yield made
    made.close()


def get(api: "Api", path: str, name: str = "olga", role: str = "operator", **params: Any) -> Any:
    headers = api.headers(name, role)
    return api.client.get(f"/api/ops/{path}", params=params, headers=headers)


def test_dead_letters_are_for_operators_and_admins(api: "Api") -> None:
    for path in ["dlq", "dlq/summary", "dlq/1", "consumers"]:
        expected = 404 if path == "dlq/1" else 200
        assert get(api, path, "olga", "operator").status_code == expected
        assert get(api, path, "root", "admin").status_code == expected
        assert get(api, path, "anna", "user").status_code == 403
        assert api.client.get(f"/api/ops/{path}").status_code == 401
    assert get(api, "dlq/0").status_code == 400


def test_letters_are_filtered_counted_and_turned_page_by_page(
    api: "Api", box: LetterBox, add_job: AddJob
) -> None:
    first, second = add_job("anna"), add_job("anna")
    for chunk_no in range(3):
        box.dead_chunk(first, chunk_no)
    box.dead_chunk(second, 0, error_class="OTHER", state="parked")
    box.dead_record(b"k", b"v", [], last_failed_at="2026-05-05T00:00:00Z")

    def found(**params: Any) -> list[int]:
        return [letter["deadLetterId"] for letter in get(api, "dlq", **params).json()["letters"]]

    assert found() == [5, 4, 3, 2, 1]
    assert found(jobId=str(first)) == [3, 2, 1]
    assert found(errorClass="OTHER") == [4]
    assert found(state=["parked", "healed"]) == [4]
    assert found(since="2026-05-01T00:00:00Z") == [5]
    assert found(until="2026-05-01T00:00:00Z") == [4, 3, 2, 1]
    page = get(api, "dlq", limit=2).json()
    assert page["counts"] == {"total": 5, "open": 4, "parked": 1}
    rest = get(api, "dlq", limit=10, cursor=page["nextCursor"]).json()
    assert [letter["deadLetterId"] for letter in rest["letters"]] == [3, 2, 1]
    assert rest["nextCursor"] is None
    assert get(api, "dlq", cursor="W10").json()["code"] == "CURSOR_INVALID"
    summary = get(api, "dlq/summary").json()
    assert summary["byClass"][0] == {"name": "BUG", "count": 4}
    assert {"name": None, "count": 1} in summary["byJob"]
    assert summary["byState"] == [{"name": "open", "count": 4}, {"name": "parked", "count": 1}]


def test_cells_are_for_who_may_control_the_job_and_every_look_is_audited(
    api: "Api", box: LetterBox, add_job: AddJob
) -> None:
    dead = box.dead_chunk(add_job("anna"), 7)
    path = f"dlq/{dead.letter_id}"
    masked = get(api, path)
    assert "secret" not in masked.text
    record = masked.json()["record"]
    assert record["payload"]["chunkNo"] == 7
    assert record["payload"]["firstRows"] == [
        {"line": 2, "cells": [{"kind": "text", "length": 6}, {"kind": "number", "length": 2}]}
    ]
    assert {"name": "sluice-error-class", "value": "BUG"} in record["headers"]
    names = [header["name"] for header in record["headers"]]
    assert names.count("twice") == 2
    full = get(api, path, "root", "admin").json()["record"]["payload"]["firstRows"]
    assert full[0]["cells"][0] == {"kind": "text", "length": 6, "text": "secret"}
    owner = get(api, path, "anna", "operator").json()["record"]["payload"]["firstRows"]
    assert owner == full
    audit = api.rows(
        "SELECT u.username, a.details->'cells', host(a.ip) FROM sluice.audit_log a"
        " JOIN sluice.users u USING (user_id) WHERE action = 'dlq_viewed' ORDER BY audit_id"
    )
    assert audit == [
        ("olga", False, "127.0.0.1"),
        ("root", True, "127.0.0.1"),
        ("anna", True, "127.0.0.1"),
    ]


def test_bytes_that_are_no_chunk_are_for_admins_and_a_record_that_is_gone_is_null(
    api: "Api", box: LetterBox
) -> None:
    odd = box.dead_record(b"k", b"secret bytes", [])
    gone = box.dead_record(b"k", b"v", [], kafka_offset=10**12)
    payload = get(api, f"dlq/{odd.letter_id}").json()["record"]["payload"]
    assert (payload["kind"], payload["sizeBytes"]) == ("undecodable", 12)
    assert "firstBytesBase64" not in payload
    shown = get(api, f"dlq/{odd.letter_id}", "root", "admin").json()["record"]["payload"]
    assert shown["firstBytesBase64"] == "c2VjcmV0IGJ5dGVz"
    assert get(api, f"dlq/{gone.letter_id}").json()["record"] is None


def test_letters_are_given_up_with_a_reason_unless_they_are_on_their_way(
    api: "Api", box: LetterBox
) -> None:
    for state in ("open", "parked", "replaying", "healed"):
        box.dead_record(b"k", b"v", [], state=state)

    def discard(**body: Any) -> Any:
        headers = api.headers("olga", "operator")
        return api.client.post("/api/ops/dlq/discards", json=body, headers=headers)

    assert discard(filter={}).status_code == 422
    assert discard(filter={}, reason="  ").status_code == 422
    assert discard(filter={}, reason="known bad file").json() == {"discarded": 2}
    assert discard(ids=[3, 4], reason="again").json() == {"discarded": 0}
    rows = api.rows("SELECT state, state_reason FROM sluice.dead_letters ORDER BY dead_letter_id")
    assert rows[:2] == [("discarded", "known bad file")] * 2
    assert [state for state, _ in rows[2:]] == ["replaying", "healed"]
    audit = "SELECT details->>'reason', details->'letters' FROM sluice.audit_log ORDER BY audit_id"
    assert api.rows(audit) == [("known bad file", 2), ("again", 0)]


def test_a_consumer_that_stands_is_listed_and_let_go_on(api: "Api") -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.consumer_halts (consumer, reason) VALUES ('writer', 'too many')"
        )
    [halt] = get(api, "consumers").json()["halts"]
    assert (halt["consumer"], halt["reason"], halt["resumedAt"]) == ("writer", "too many", None)

    def resume() -> Any:
        headers = api.headers("olga", "operator")
        return api.client.post("/api/ops/dlq/resume", headers=headers).json()

    assert resume() == {"consumers": ["writer"]}
    assert resume() == {"consumers": []}
    [halt] = get(api, "consumers").json()["halts"]
    assert (halt["resumedBy"], halt["resumedAt"] is None) == ("olga", False)
    actions = api.rows("SELECT action FROM sluice.audit_log")
    assert actions == [("dlq_resumed",)] * 2
