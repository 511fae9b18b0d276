"""A thread that a bug ended is not forgotten."""

from __future__ import annotations

from sluice.background import BackgroundThread


def test_a_thread_that_a_bug_ended_says_so() -> None:
    def run() -> None:
        raise LookupError("a cell's value")

    thread = BackgroundThread("relay", run)
    assert thread.not_live() == ""
    thread.start()
    thread.join(10)
    assert thread.not_live() == "relay has ended: LookupError"


def test_a_thread_that_was_told_to_end_is_well() -> None:
    thread = BackgroundThread("relay", lambda: None)
    thread.join(10)  # before its start
    thread.start()
    thread.join(10)
    assert thread.not_live() == ""
