"""How often a job is told of."""

from __future__ import annotations

from itertools import pairwise

import pytest

from progress_gateway.domain.turns import GAP_S, NEAREST_S, from_s, next_turn_s


def told_at_s(wanted_at_s: list[float]) -> list[float]:
    """Return when a job is told of which is to be told of at these moments."""
    turn_s, found = 0.0, []
    for at_s in wanted_at_s:
        found.append(max(at_s, from_s(turn_s, GAP_S)))
        turn_s = next_turn_s(turn_s, found[-1], GAP_S)
    return found


def test_behind_a_rest_the_second_follows_soon_and_the_third_in_its_turn() -> None:
    found = told_at_s([10.0, 10.0, 10.0, 10.0])
    steps = [later - earlier for earlier, later in pairwise(found)]
    assert found[0] == 10.0
    assert steps == pytest.approx([NEAREST_S, GAP_S, GAP_S])


def test_what_comes_less_often_never_waits() -> None:
    wanted = [10.0, 10.1, 10.2, 10.4, 10.5, 10.6]
    assert told_at_s(wanted) == pytest.approx([10.0, 10.1, 10.2, 10.4, 10.5, 10.6])


def test_no_second_has_more_than_eight() -> None:
    for rest_s in (0.0, 0.05, 0.1, 0.3):
        found = told_at_s([10.0 + (n // 9) * rest_s for n in range(100)])
        for begin_s in found:
            assert sum(begin_s <= at_s < begin_s + 1 - 1e-9 for at_s in found) <= 8


def test_who_was_told_in_a_hurry_many_times_is_not_silent_for_long() -> None:
    turn_s = 0.0
    for _ in range(20):
        turn_s = next_turn_s(turn_s, 10.0, GAP_S)
    assert from_s(turn_s, GAP_S) == pytest.approx(10.0 + GAP_S)
