"""How often viewers are told follows from what telling them costs."""

from __future__ import annotations

import pytest

from progress_gateway.domain.fan_out_pace import MAX_GAP_S, SHARE, gap_s
from progress_gateway.domain.turns import GAP_S


@pytest.mark.parametrize(
    ("messages", "message_s", "gap"),
    [
        (0, 0.0, GAP_S),
        (800, 50e-6, GAP_S),
        (4000, 50e-6, 0.4),
        (4000, 100e-6, 0.8),
        (1_000_000, 50e-6, MAX_GAP_S),
    ],
)
def test_the_gap_grows_with_what_a_round_costs(messages: int, message_s: float, gap: float) -> None:
    assert gap_s(messages, message_s) == pytest.approx(gap)


def test_telling_never_takes_more_than_its_share_of_a_core() -> None:
    for messages in range(0, 10_000, 100):
        assert messages * 40e-6 <= SHARE * gap_s(messages, 40e-6) + 1e-9
