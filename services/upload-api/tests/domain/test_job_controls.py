from itertools import product

import pytest

from sluice.job_status import Desired, JobStatus
from upload_api.domain.job_controls import Control, ControlledJob, ControlRefused, changes

EVERY = list(product(Control, JobStatus, Desired))


def outcome(control: Control, status: JobStatus, desired: Desired, seen_run: int = 1) -> str:
    job = ControlledJob(status=status, desired=desired, run=1)
    try:
        return "changed" if changes(control, job, seen_run) else "as wanted"
    except ControlRefused:
        return "refused"


@pytest.mark.parametrize(("control", "status", "desired"), EVERY)
def test_a_job_that_has_ended_takes_a_retry_alone(
    control: Control, status: JobStatus, desired: Desired
) -> None:
    if status.is_terminal and control is not Control.RETRY:
        assert outcome(control, status, desired) == "refused"
    if control is Control.RETRY:
        retryable = status in {JobStatus.FAILED, JobStatus.CANCELLED}
        assert outcome(control, status, desired) == ("changed" if retryable else "refused")


@pytest.mark.parametrize(("control", "status", "desired"), EVERY)
def test_the_same_control_again_changes_nothing(
    control: Control, status: JobStatus, desired: Desired
) -> None:
    wanted = {Control.PAUSE: "pause", Control.RESUME: "run", Control.CANCEL: "cancel"}
    if not status.is_terminal and control is not Control.RETRY:
        expected = "as wanted" if desired == wanted[control] else "changed"
        if desired is Desired.CANCEL and control is not Control.CANCEL:
            expected = "refused"
        assert outcome(control, status, desired) == expected


def test_a_retry_is_meant_for_one_run() -> None:
    assert outcome(Control.RETRY, JobStatus.FAILED, Desired.RUN, seen_run=2) == "refused"
