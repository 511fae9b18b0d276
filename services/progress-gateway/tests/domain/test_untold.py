"""When the fold publishes a job's snapshot."""

from __future__ import annotations

import pytest

from progress_gateway.domain.turns import GAP_S, NEAREST_S
from progress_gateway.domain.untold import Untold


def test_the_first_change_goes_at_once_and_the_next_waits_for_its_turn() -> None:
    untold = Untold()
    untold.note(["a"])
    assert untold.wait_s(10.0) == 0.0
    assert untold.take_due(10.0) == {"a"}
    untold.note(["a"])
    assert untold.take_due(10.01) == set()
    assert untold.wait_s(10.01) == pytest.approx(NEAREST_S - 0.01)
    assert untold.take_due(10.0 + NEAREST_S) == {"a"}
    untold.note(["a"])
    assert untold.wait_s(10.0 + NEAREST_S) == pytest.approx(GAP_S), "it has no rest behind it"


def test_one_job_does_not_wait_for_another() -> None:
    untold = Untold()
    untold.note(["a"])
    untold.take_due(10.0)
    untold.note(["a", "b"])
    assert untold.take_due(10.01) == {"b"}
    assert untold.jobs == {"a"}


def test_what_somebody_waits_for_goes_at_once() -> None:
    untold = Untold()
    untold.note(["a"])
    untold.take_due(10.0)
    untold.note(["a"], at_once=True)
    untold.note(["a"])
    assert untold.take_due(10.01) == {"a"}
    untold.note(["a"])
    assert untold.take_due(10.02) == set(), "the hurry was for one change"


def test_what_could_not_be_told_is_told_as_soon_as_it_can_be() -> None:
    untold = Untold()
    untold.note(["a"])
    untold.put_back(untold.take_due(10.0))
    assert untold.take_due(10.01) == {"a"}


def test_nothing_is_waited_for_when_all_is_told() -> None:
    untold = Untold()
    assert untold.wait_s(10.0) is None
    untold.note(["a"])
    untold.take_due(10.0)
    assert untold.wait_s(10.0) is None


def test_a_job_that_was_forgotten_is_told_at_once() -> None:
    untold = Untold()
    untold.note(["a", "b"])
    untold.take_due(10.0)
    untold.forget_all_but({"b"})
    untold.note(["a", "b"])
    assert untold.take_due(10.01) == {"a"}
