"""How many chunks may be on their way, and when a claim is over."""

from __future__ import annotations

from uuid import UUID

import pytest

from parser.domain.active_parse import READ_AHEAD, ActiveParse, may_claim_any_size
from parser.domain.claims import Claim, ClaimState, Renewal, state_of
from parser.domain.window import AT_FIRST, FEWEST, LARGEST, SMALLEST, Window, share_of, weight_of
from sluice.job_layout import JobLayout

CLAIM = Claim(
    job_id=UUID(int=7), run=2, control_seq=4, epoch=3, attempts=0,
    file_url="file:///x", file_sha256=b"",
    layout=JobLayout(sheet="S", header_line=1, estimated_rows=5, columns=()), manifest_known=False,
    chunker_version=2, chunk_rows=8_000,
)  # fmt: skip


@pytest.mark.parametrize(("parses", "size"), [(0, 192), (1, 192), (3, 64), (4, 48), (100, 4)])
def test_the_windows_of_all_parses_share_one_size(parses: int, size: int) -> None:
    assert share_of(parses) == size
    assert SMALLEST <= size <= LARGEST


def test_an_outcome_gives_a_place_back() -> None:
    window = Window()
    for chunk_no in range(AT_FIRST):
        assert window.has_room(1)
        window.sent(chunk_no, now_s=1.0)
    assert not window.has_room(1)
    window.settled({5, 1000}, now_s=2.0)
    assert window.has_room(1)
    assert 5 not in window.outstanding


def run_at(window: Window, per_second: int, for_s: int, from_s: float = 0.0) -> None:
    """Let writers finish chunks at a pace; the parser looks ten times a second."""
    for look in range(for_s * 10):
        now_s = from_s + look / 10
        done = set(range(look * 1000, look * 1000 + per_second // 10))
        for chunk_no in done:
            window.sent(chunk_no, now_s)
        window.settled(done, now_s)


@pytest.mark.parametrize(
    ("per_second", "size"), [(10, FEWEST), (50, 20), (100, 40), (150, 60), (700, LARGEST)]
)
def test_a_window_holds_what_the_writers_finish_in_0_4_s(per_second: int, size: int) -> None:
    window = Window()
    run_at(window, per_second, for_s=5)
    assert window.size(1) == size
    assert window.size(100) == SMALLEST


@pytest.mark.parametrize(
    ("rows", "size_bytes", "weight"),
    [(1, 100, 1), (1000, 100_000, 1), (8000, 900_000, 8), (90, 1024 * 1024, 2)],
)
def test_a_chunk_weighs_what_its_rows_or_its_bytes_do(
    rows: int, size_bytes: int, weight: int
) -> None:
    assert weight_of(rows, size_bytes) == weight


def test_large_chunks_fill_a_window_sooner() -> None:
    window = Window()
    for chunk_no in range(AT_FIRST // 8):
        assert window.has_room(1)
        window.sent(chunk_no, now_s=1.0, weight=8)
    assert not window.has_room(1)


def test_two_chunks_may_be_on_their_way_however_large() -> None:
    window = Window()
    window.sent(0, now_s=1.0, weight=AT_FIRST)
    assert window.has_room(1)
    window.sent(1, now_s=1.0, weight=AT_FIRST)
    assert not window.has_room(1)


def test_a_window_follows_the_writers_up_and_down() -> None:
    window = Window()
    run_at(window, 50, for_s=5)
    run_at(window, 150, for_s=3, from_s=5.0)
    assert window.size(1) == 60
    run_at(window, 20, for_s=3, from_s=8.0)
    assert window.size(1) == FEWEST


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


def reading() -> ActiveParse[None, int, None]:
    return ActiveParse(claim=CLAIM, reader=None)


def test_a_reader_goes_on_for_some_frames_while_the_window_is_full() -> None:
    parse = reading()
    parse.window.sent(100, now_s=1.0, weight=AT_FIRST)
    parse.window.sent(101, now_s=1.0)
    for frame in range(READ_AHEAD):
        assert parse.may_read(1)
        parse.read(frame, is_last=False)
    assert not parse.may_read(1)
    assert parse.next_frame(1) is None
    parse.window.settled({100}, now_s=2.0)
    assert [parse.next_frame(1) for _ in range(READ_AHEAD + 1)] == [*range(READ_AHEAD), None]
    assert parse.may_read(1)


def test_parses_share_what_is_read_ahead_but_each_may_read_on() -> None:
    parse = reading()
    ahead: dict[int, int] = {}
    for active in (9, 4, 2, 1):
        while parse.may_read(active):
            parse.read(0, is_last=False)
            ahead[active] = ahead.get(active, 0) + 1
    assert ahead == {9: 1, 2: 1, 1: 2}


def test_nothing_is_read_behind_the_last_frame() -> None:
    parse = reading()
    parse.read(0, is_last=True)
    assert parse.next_frame(1) == 0
    assert not parse.may_read(1)
