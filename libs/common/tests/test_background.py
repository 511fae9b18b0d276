"""A thread that a bug ended is not forgotten."""

from __future__ import annotations

import threading

import psycopg

from sluice.background import BackgroundThread, PeriodicThread
from sluice.errors import Outage


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


class _Turns(PeriodicThread):
    """Takes its turns from a list, then says that it had them all."""

    def __init__(self, *outcomes: Exception | None) -> None:
        super().__init__("turns", 0.001)
        self.left = False
        self.done = threading.Event()
        self._outcomes = list(outcomes)

    def turn(self) -> None:
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if not self._outcomes:
            self.done.set()
        if outcome is not None:
            raise outcome

    def leave(self) -> None:
        self.left = True


def test_an_outage_costs_one_turn_and_no_more() -> None:
    work = _Turns(Outage("postgres", "away"), psycopg.OperationalError("lost"), None)
    work.start()
    assert work.done.wait(10)
    work.stop(10)
    assert (work.left, work.not_live()) == (True, "")


def test_periodic_work_that_a_bug_ended_says_so() -> None:
    work = _Turns(LookupError("a cell's value"))
    work.start()
    assert work.done.wait(10)
    work.stop(10)
    assert (work.left, work.not_live()) == (False, "turns has ended: LookupError")
