"""What is told of a job beside its own facts."""

from __future__ import annotations

from typing import Any

import pytest

from progress_gateway.domain.job_context import JobContext, is_behind, with_context


def snapshot(status: str, version: int = 5) -> dict[str, Any]:
    data = {"dryRun": False, "correctionOf": None, "ongoing": None, "failedRows": 3}
    return {"type": "completed", "status": status, "version": version, "data": data}


def test_an_ended_job_that_still_changes_is_in_progress() -> None:
    healing = JobContext(version=5, ongoing="correction")
    shown = with_context(snapshot("completed_with_errors"), healing)
    assert (shown["type"], shown["data"]["ongoing"]) == ("progress", "correction")
    assert (shown["status"], shown["data"]["failedRows"]) == ("completed_with_errors", 3)


def test_a_running_job_has_nothing_that_goes_on_after_its_end() -> None:
    context = JobContext(version=5, dry_run=True, correction_of="root", ongoing="correction")
    data = with_context(snapshot("processing"), context)["data"]
    assert (data["dryRun"], data["correctionOf"], data["ongoing"]) == (True, "root", None)
    assert with_context(snapshot("completed"), None) == snapshot("completed")


def test_an_undone_job_changes_no_more() -> None:
    """It was told as being undone for 2 s more, by a context that was read before its end."""
    shown = with_context(snapshot("undone"), JobContext(version=5, ongoing="undo"))
    assert (shown["type"], shown["data"]["ongoing"]) == ("completed", None)


@pytest.mark.parametrize(
    ("status", "version", "behind"),
    [("completed", 4, True), ("completed", 5, False), ("processing", 4, False)],
)
def test_the_row_of_an_ended_job_may_know_more(status: str, version: int, behind: bool) -> None:
    assert is_behind(snapshot(status, version), JobContext(version=5)) is behind
