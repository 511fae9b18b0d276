"""The book of a consumer: what may be committed, what is void, what rests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sluice.kafka.partitions import Claim, PartitionId, Partitions

P0, P1 = PartitionId("t", 0), PartitionId("t", 1)


def book_of(*partitions: PartitionId) -> Partitions:
    book = Partitions()
    book.assign(partitions)
    return book


def received(book: Partitions, source: PartitionId, offset: int) -> Claim:
    claim = book.receive(source, offset)
    assert claim is not None
    return claim


def test_commits_stop_at_the_lowest_unfinished_record() -> None:
    book = book_of(P0)
    claims = [received(book, P0, offset) for offset in (10, 11, 12)]
    book.finish([claims[0], claims[2]])
    assert book.commit_points() == {P0: 11}
    book.finish([claims[1]])
    assert book.commit_points() == {P0: 13}


def test_reach_is_counted_from_the_confirmed_commit() -> None:
    book = book_of(P0, P1)
    assert book.reach == 0
    claims = [received(book, P0, offset) for offset in range(10, 15)]
    received(book, P1, 7)
    assert book.reach == 5
    book.finish(claims[:3])
    assert book.reach == 5, "its commit may never arrive"
    book.committed(book.commit_points())
    assert book.reach == 2


def test_a_gap_in_the_offsets_is_stepped_over() -> None:
    book = book_of(P0)
    book.finish([received(book, P0, 10), received(book, P0, 40)])
    assert book.commit_points() == {P0: 41}


def test_what_was_committed_is_not_committed_again_unless_asked() -> None:
    book = book_of(P0, P1)
    book.finish([received(book, P0, 0)])
    book.committed(book.commit_points())
    assert book.commit_points() == {}
    assert book.commit_points(unchanged=True) == {P0: 1}
    assert book.commit_points([P1], unchanged=True) == {}


def test_claims_of_an_earlier_tenure_are_void() -> None:
    book = book_of(P0)
    old = received(book, P0, 5)
    book.drop([P0])
    assert not book.holds(old)
    book.assign([P0])
    new = received(book, P0, 5)
    book.finish([old])
    assert book.commit_points() == {P0: 5}
    assert book.holds(new)
    assert not book.holds(old)


def test_a_record_of_a_partition_that_left_is_not_taken() -> None:
    assert book_of(P0).receive(P1, 3) is None


def test_every_reason_to_rest_must_end() -> None:
    book = book_of(P0)
    book.rest("db", "postgres is away")
    book.rest("ops", "an operator said so")
    book.go_on("db")
    assert book.resting
    assert book.why_resting == "an operator said so"
    book.go_on("ops")
    assert not book.resting


def test_a_partition_can_rest_alone_until_it_leaves() -> None:
    book = book_of(P0, P1)
    book.hold(P0)
    assert book.held == {P0}
    assert not book.resting
    book.drop([P0])
    book.assign([P0])
    assert book.held == frozenset(), "another tenure begins unheld"
    book.hold(P1)
    book.release(P1)
    assert book.held == frozenset()


def test_the_first_records_behind_a_death_are_claimed_with_care() -> None:
    book = Partitions()
    book.assign([P0], with_care=2)
    book.assign([P1])
    claims = [received(book, P0, offset) for offset in (5, 6, 7)]
    assert [claim.with_care for claim in claims] == [True, True, False]
    assert not received(book, P1, 0).with_care
    book.drop([P0])
    book.assign([P0])
    assert not received(book, P0, 5).with_care


steps = st.lists(
    st.tuples(st.sampled_from(["receive", "finish", "commit", "leave", "come"]), st.integers(0, 7)),
    max_size=60,
)


@given(steps)
def test_no_unfinished_record_is_ever_behind_a_commit(schedule: list[tuple[str, int]]) -> None:
    """Whatever order things end in, and whatever rebalances come between."""
    book = book_of(P0)
    log_end, position, committed = 0, 0, 0
    in_hand: list[Claim] = []
    done: set[int] = set()
    for step, pick in schedule:
        if step == "receive" and P0 in book.owned:
            log_end = max(log_end, position + 1)
            in_hand.append(received(book, P0, position))
            position += 1
        elif step == "finish" and in_hand:
            claim = in_hand.pop(pick % len(in_hand))
            book.finish([claim])
            done.add(claim.offset)
        elif step == "commit":
            points = book.commit_points()
            book.committed(points)
            committed = points.get(P0, committed)
        elif step == "leave":
            book.drop([P0])
        elif step == "come" and P0 not in book.owned:
            book.assign([P0])
            position = committed
        assert all(offset in done for offset in range(committed))
