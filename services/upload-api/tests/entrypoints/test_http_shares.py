"""What an owner's shares do to what others get."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

if TYPE_CHECKING:
    from conftest import Api

CELL = "a cell that viewers must not see"


@pytest.fixture
def job_id(api: "Api", add_job: Callable[[str], UUID]) -> UUID:
    """A job of anna's with one rejected row; bert and olga can sign in."""
    job_id = add_job("anna")
    api.rows(
        """INSERT INTO sluice.rejected_rows (job_id, sheet_line, error_no, chunk_no, code, message,
             value) VALUES (%s, 7, 0, 0, 'INTEGER_INVALID', %s, %s) RETURNING job_id""",
        job_id, f"{CELL!r} is no number", CELL,
    )  # fmt: skip
    api.headers("bert")
    api.headers("olga", "operator")
    return job_id


def share(api: "Api", job_id: UUID, *users: str, **terms: Any) -> Any:
    body = {"shareWithUsers": list(users)} | terms
    return api.client.post(f"/api/jobs/{job_id}/share", json=body, headers=api.headers())


def seen_by(api: "Api", job_id: UUID, name: str, role: str = "user") -> str:
    """Return all that somebody gets to read of a job."""
    headers = api.headers(name, role)
    answers = [
        api.client.get(f"/api/jobs/{job_id}{end}", headers=headers) for end in ("", "/errors")
    ]
    assert {answer.status_code for answer in answers} == {200}
    return "".join(answer.text for answer in answers)


def listed(api: "Api", name: str, scope: str) -> list[str]:
    answer = api.client.get(f"/api/jobs?scope={scope}", headers=api.headers(name))
    return [job["jobId"] for job in answer.json()["jobs"]]


def test_a_share_lets_see_or_control_until_it_is_taken_back(api: "Api", job_id: UUID) -> None:
    cancel = f"/api/jobs/{job_id}/cancel"
    bert = api.headers("bert")
    assert api.client.get(f"/api/jobs/{job_id}", headers=bert).status_code == 403
    [told] = share(api, job_id, "bert").json()["shares"]
    assert (told["username"], told["permission"], told["sharedBy"]) == ("bert", "view", "anna")
    assert api.client.post(cancel, headers=bert).status_code == 403
    [told] = share(api, job_id, told["userId"], permissions="control").json()["shares"]
    assert told["permission"] == "control"
    assert api.client.post(cancel, headers=bert).status_code == 202
    path = f"/api/jobs/{job_id}/share/{told['userId']}"
    assert [api.client.delete(path, headers=api.headers()).status_code for _ in (1, 2)] == [
        204,
        404,
    ]
    assert api.client.get(f"/api/jobs/{job_id}", headers=bert).status_code == 403


def test_viewers_get_codes_and_controllers_the_cells(api: "Api", job_id: UUID) -> None:
    share(api, job_id, "bert")
    for name, role in (("bert", "user"), ("olga", "operator")):
        seen = seen_by(api, job_id, name, role)
        assert CELL not in seen
        assert "Row 7: INTEGER_INVALID" in seen
    share(api, job_id, "bert", permissions="control")
    for name in ("bert", "anna"):
        assert seen_by(api, job_id, name).count(CELL) == 3, "two sentences and the value"


def test_a_share_ends_by_itself(api: "Api", job_id: UUID) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251 - asked of the real server
    assert share(api, job_id, "bert", expiresAt=end.isoformat()).status_code == 200
    seen_by(api, job_id, "bert")
    api.rows("UPDATE sluice.job_shares SET expires_at = now() RETURNING job_id")
    answer = api.client.get(f"/api/jobs/{job_id}", headers=api.headers("bert"))
    assert answer.status_code == 403
    assert (
        api.client.get(f"/api/jobs/{job_id}/shares", headers=api.headers()).json()["shares"] == []
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"shareWithUsers": ["nobody", "bert"]}, "USER_UNKNOWN"),
        ({"shareWithUsers": [str(uuid4())]}, "USER_UNKNOWN"),
        ({"shareWithUsers": ["bert"], "expiresAt": "2020-01-01T00:00:00Z"}, "SHARE_ENDED"),
        ({"shareWithUsers": []}, "BODY_INVALID"),
        ({"shareWithUsers": ["bert"], "permissions": "own"}, "BODY_INVALID"),
        ({"shareWithUsers": ["bert"], "expiresAt": "2090-01-01T00:00:00"}, "BODY_INVALID"),
        ({"shareWithUsers": ["bert"], "ownerId": "x"}, "BODY_INVALID"),
        ({"shareWithUsers": ["a\x00b"]}, "BODY_INVALID"),
    ],
)
def test_a_share_that_means_nothing_is_refused_whole(
    api: "Api", job_id: UUID, body: dict[str, Any], code: str
) -> None:
    answer = api.client.post(f"/api/jobs/{job_id}/share", json=body, headers=api.headers())
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert api.rows("SELECT count(*) FROM sluice.job_shares") == [(0,)]


def test_a_public_job_is_shown_to_everybody_and_listed_for_nobody_else(
    api: "Api", job_id: UUID
) -> None:
    path, bert = f"/api/jobs/{job_id}", api.headers("bert")
    changed = api.client.patch(path, json={"isPublic": True}, headers=api.headers())
    assert changed.json()["isPublic"] is True
    assert api.client.get(path, headers=bert).json()["right"] == "view"
    assert listed(api, "bert", "visible") == []
    api.client.patch(path, json={"isPublic": False}, headers=api.headers())
    assert api.client.get(path, headers=bert).status_code == 403


def test_a_change_may_name_nothing_else(api: "Api", job_id: UUID) -> None:
    body = {"isPublic": True, "status": "completed"}
    answer = api.client.patch(f"/api/jobs/{job_id}", json=body, headers=api.headers())
    assert answer.status_code == 422
    assert api.rows("SELECT is_public, status FROM sluice.jobs") == [(False, "pending")]


def test_a_list_is_of_mine_of_what_is_shared_or_of_all(
    api: "Api", job_id: UUID, add_job: Callable[[str], UUID]
) -> None:
    share(api, job_id, "bert")
    berts = str(add_job("bert"))
    assert listed(api, "bert", "mine") == [berts]
    assert listed(api, "bert", "shared") == [str(job_id)]
    assert set(listed(api, "bert", "visible")) == {berts, str(job_id)}
    assert api.client.get("/api/jobs?scope=all", headers=api.headers("bert")).status_code == 403
    olga = api.headers("olga", "operator")
    assert len(api.client.get("/api/jobs", headers=olga).json()["jobs"]) == 2
    assert api.client.get("/api/jobs?scope=mine", headers=olga).json()["jobs"] == []


def test_every_change_of_who_may_see_is_in_the_audit(api: "Api", job_id: UUID) -> None:
    [told] = share(api, job_id, "bert").json()["shares"]
    api.client.delete(f"/api/jobs/{job_id}/share/{told['userId']}", headers=api.headers())
    api.client.patch(f"/api/jobs/{job_id}", json={"isPublic": True}, headers=api.headers())
    kept = api.rows(
        "SELECT details FROM sluice.audit_log WHERE action = 'job_shared' ORDER BY audit_id"
    )
    assert [row[0].get("permission", row[0].get("isPublic")) for row in kept] == [
        "view",
        None,
        True,
    ]
