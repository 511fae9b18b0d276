from dataclasses import replace

import pytest

from sluice.audit.looks import Answered, SeenLately, kept_of

LOOK = Answered(
    method="GET",
    route="/api/jobs/{job_id}",
    status=200,
    code="",
    user="anna",
    job="j",
    ip="10.0.0.1",
)


def test_a_look_at_a_job_is_kept_once_for_a_while() -> None:
    first, other_route = kept_of(LOOK), kept_of(replace(LOOK, route="/api/jobs/{job_id}/errors"))
    assert first is not None
    assert first.action == "job_accessed"
    assert first == other_route
    assert first != kept_of(replace(LOOK, user="ben"))


def test_every_download_is_kept() -> None:
    kept = kept_of(replace(LOOK, route="/api/jobs/{job_id}/failed-rows.xlsx"))
    assert kept is not None
    assert (kept.action, kept.key) == ("job_downloaded", None)


@pytest.mark.parametrize(("status", "code"), [(401, "TOKEN_INVALID"), (403, "JOB_FORBIDDEN")])
def test_a_refusal_is_kept(status: int, code: str) -> None:
    kept = kept_of(replace(LOOK, status=status, code=code))
    assert kept is not None
    assert kept.action == "unauthorized_access"


@pytest.mark.parametrize(
    "answered",
    [
        replace(LOOK, job=None),
        replace(LOOK, method="POST"),  # the act itself is kept by its own row
        replace(LOOK, status=404, code="JOB_UNKNOWN"),
        replace(LOOK, status=401, code="LOGIN_FAILED"),  # kept where the name is known
        replace(LOOK, status=401, route="/api/auth/me", code="TOKEN_MISSING"),  # the page asks
    ],
)
def test_other_answers_are_not_kept(answered: Answered) -> None:
    assert kept_of(answered) is None


def test_a_key_is_remembered_for_its_time_and_not_without_end() -> None:
    seen = SeenLately(max_keys=2)
    seen.add("a", 10.0)
    assert seen.has("a", 9.9)
    assert not seen.has("a", 10.0)
    seen.add("b", 99.0)
    seen.add("c", 99.0)
    assert not seen.has("a", 1.0)
    assert seen.has("c", 1.0)
