"""An upload whose answer is lost is sent again; one that is refused is not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from sluice_client import ApiProblem, SluiceClientError, Unreachable, key_of_content
from sluice_client.client import form_of
from sluice_client.uploads import TRIES, Answer, sent_safely


def lost(*, was_sent: bool = True) -> Unreachable:
    return Unreachable("away", was_sent=was_sent)


def away(retry_after_s: float = 0.0) -> ApiProblem:
    return ApiProblem(status=503, code="X", detail="away", retry_after_s=retry_after_s)


def sending(*ends: SluiceClientError) -> Callable[[], Answer]:
    left = list(ends)

    def send() -> Answer:
        if left:
            raise left.pop(0)
        return Answer(body={}, is_replayed=True)

    return send


def test_an_upload_is_sent_again_only_while_nobody_knows_whether_it_came_through() -> None:
    slept: list[float] = []
    answer = sent_safely(
        sending(lost(), away(retry_after_s=5.0), lost(was_sent=False), lost()),
        slept.append,
        print,
    )
    assert answer.is_replayed
    assert slept == [1.0, 5.0, 4.0, 8.0]
    refused = ApiProblem(status=415, code="NOT_XLSX", detail="refused")
    for failure in (lost(was_sent=False), refused):
        with pytest.raises(type(failure)):
            sent_safely(sending(failure), slept.append, print)
    assert len(slept) == 4
    with pytest.raises(Unreachable):
        sent_safely(sending(*(lost() for _ in range(TRIES))), slept.append, print)
    assert len(slept) == 4 + TRIES - 1
    assert sum(slept[4:]) > 60


def test_a_refusal_after_a_lost_answer_ends_the_tries() -> None:
    refused = ApiProblem(status=422, code="IDEMPOTENCY_KEY_REUSED", detail="another file")
    with pytest.raises(ApiProblem, match="another file"):
        sent_safely(sending(lost(), refused, lost()), lambda _: None, print)


@pytest.mark.parametrize("status", [502, 504])
def test_what_a_gateway_answers_for_its_server_is_a_lost_answer(status: int) -> None:
    broken = ApiProblem(status=status, code="", detail="Bad Gateway")
    assert sent_safely(sending(broken), lambda _: None, print).is_replayed


def test_a_problem_can_be_pickled_and_kept_in_a_set() -> None:
    told = ApiProblem(status=409, code="JOB_STATE", detail="no", members={"a": 1})
    again = pickle.loads(pickle.dumps(told))  # noqa: S301 - our own
    assert (again.status, str(again), again.members) == (409, "no [JOB_STATE]", {"a": 1})
    assert {told, told} == {told}


def test_a_key_in_use_is_waited_for() -> None:
    in_use = ApiProblem(status=409, code="IDEMPOTENCY_KEY_IN_USE", detail="on its way")
    assert sent_safely(sending(in_use), lambda _: None, print).is_replayed
    other = ApiProblem(status=409, code="JOB_STATE", detail="no")
    assert not other.is_temporary


def test_options_are_the_form_s_fields() -> None:
    job = UUID(int=1)
    told = {"target": "orders", "dry_run": True, "mapping": {"No": "id"}, "correction_of": job}
    assert form_of(told | {"mode": None, "max_error_percent": 2.5, "header_line": 3}) == {
        "target": "orders",
        "dryRun": "true",
        "mapping": '{"No": "id"}',
        "correctionOf": str(job),
        "maxErrorPercent": "2.5",
        "headerLine": "3",
    }


def test_a_key_of_content_tells_files_and_options_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"a")
    other.write_bytes(b"b")
    keys = {key_of_content(f, o) for f in (one, other, None) for o in ({}, {"target": "x"})}
    assert len(keys) == 6
    assert key_of_content(one, {}) == key_of_content(one, {})
