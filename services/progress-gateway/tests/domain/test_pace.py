"""Rows a second over the last ten seconds."""

from __future__ import annotations

from progress_gateway.domain.pace import Pace


def test_the_pace_is_that_of_the_last_ten_seconds() -> None:
    pace = Pace()
    assert pace.rows_per_second(0.0) is None
    pace.count(0.0, 0)
    assert pace.rows_per_second(0.1) is None
    pace.count(1.0, 1000)
    assert pace.rows_per_second(2.0) == 500.0
    for second in range(2, 21):
        pace.count(float(second), 1000 * second)
    assert pace.rows_per_second(20.0) == 1000.0


def test_a_job_that_stands_still_slows_down() -> None:
    pace = Pace()
    pace.count(0.0, 0)
    pace.count(1.0, 1000)
    assert pace.rows_per_second(10.0) == 100.0
