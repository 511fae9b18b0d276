"""Where a failed record goes next, and how long it waits there, whatever the clocks say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.kafka.retry_policy import CHUNK_LADDER, wait_left_s


def test_a_record_waits_2_4_and_8_seconds_and_is_then_dead() -> None:
    steps = [CHUNK_LADDER.step_after(attempts) for attempts in (1, 2, 3)]
    assert [step and step.delay_s for step in steps] == [2.0, 4.0, 8.0]
    assert [CHUNK_LADDER.step_after(attempts) for attempts in (4, 5, 1_000_000)] == [None] * 3
    assert CHUNK_LADDER.max_attempts == 4


def test_a_topic_knows_its_delay() -> None:
    assert [CHUNK_LADDER.delay_of(topic) for topic in CHUNK_LADDER.topics] == [2.0, 4.0, 8.0]
    with pytest.raises(LookupError):
        CHUNK_LADDER.delay_of("imports.chunks")


def test_a_wait_counts_from_the_broker_s_clock() -> None:
    assert wait_left_s(4.0, 10_000, 11_500) == 2.5
    assert wait_left_s(4.0, 10_000, 14_000) == 0.0


@given(
    st.sampled_from([2.0, 4.0, 8.0]),
    st.integers(0, 2**41),
    st.integers(0, 20_000),
    st.integers(-(2**38), 2**38),
)
def test_a_wrong_clock_never_lengthens_a_wait(
    delay_s: float, appended_ms: int, age_ms: int, skew_ms: int
) -> None:
    wait_s = wait_left_s(delay_s, appended_ms, appended_ms + age_ms + skew_ms)
    assert 0.0 <= wait_s <= delay_s
