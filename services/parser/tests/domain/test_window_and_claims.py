"""How many chunks may be on their way, and when a claim is over."""

from __future__ import annotations

from uuid import UUID

import pytest

from parser.domain.active_parse import may_claim_any_size
from parser.domain.claims import Claim, ClaimState, Renewal, state_of
from parser.domain.window import LARGEST, SMALLEST, Window, window_size
from sluice.job_layout import JobLayout

CLAIM = Claim(
    job_id=UUID(int=7), run=2, control_seq=4, epoch=3, attempts=0, file_url="file:///x",
    layout=JobLayout(sheet="S", header_line=1, estimated_rows=5, columns=()), manifest_known=False,
)  # fmt: skip


@pytest.mark.parametrize(("parses", "size"), [(0, 64), (1, 64), (3, 64), (4, 48), (100, 4)])
def test_the_windows_of_all_parses_share_one_size(parses: int, size: int) -> None:
    assert window_size(parses) == size
    assert SMALLEST <= size <= LARGEST


def test_an_outcome_gives_a_place_back() -> None:
    window = Window()
    for chunk_no in range(LARGEST):
        assert window.has_room(1)
        window.sent(chunk_no, now_s=1.0)
    assert not window.has_room(1)
    window.settled({5, 1000}, now_s=2.0)
    assert window.has_room(1)
    assert 5 not in window.outstanding


def test_a_window_that_does_not_move_is_stuck_and_one_that_moves_is_not() -> None:
    window = Window()
    assert not window.is_stuck(1e9, after_s=300)
    window.sent(0, now_s=10.0)
    window.sent(1, now_s=10.0)
    assert not window.is_stuck(310.0, after_s=300)
    assert window.is_stuck(310.5, after_s=300)
    window.settled({9}, now_s=300.0)  # not one of ours: nothing moved
    assert window.is_stuck(310.5, after_s=300)
    window.settled({0}, now_s=300.0)
    assert not window.is_stuck(310.5, after_s=300)


@pytest.mark.parametrize(
    ("renewal", "state"),
    [
        (Renewal(run=2, control_seq=4, wanted=True), ClaimState.HOLDS),
        (Renewal(run=2, control_seq=4, wanted=False), ClaimState.ENDED),
        (Renewal(run=2, control_seq=6, wanted=True), ClaimState.ENDED),  # paused and resumed
        (Renewal(run=3, control_seq=4, wanted=True), ClaimState.ENDED),  # retried
        (None, ClaimState.LOST),
    ],
)
def test_a_claim_holds_for_one_run_and_one_control(
    renewal: Renewal | None, state: ClaimState
) -> None:
    assert state_of(CLAIM, renewal) is state


def test_the_last_slot_is_kept_for_small_files() -> None:
    assert [may_claim_any_size(5, active) for active in range(5)] == [True] * 4 + [False]
    assert may_claim_any_size(1, 0)
