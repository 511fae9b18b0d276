"""When offsets are committed: behind confirmed facts, several transactions' at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from sluice.kafka.partitions import Claim, PartitionId
from writer.entrypoints.confirmed_facts import COMMITTED_TOGETHER, ConfirmedFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluice.events import Record
    from sluice.kafka.loop import RecordFeed
    from sluice.kafka.producer import RecordProducer

SOURCE = PartitionId("t", 0)


class Feed:
    """Notes how many records were finished, and how many of them each commit told of."""

    def __init__(self) -> None:
        self.finished = 0
        self.commits: list[int] = []

    def finish(self, claims: Iterable[Claim]) -> None:
        self.finished += len(list(claims))

    def commit(self) -> None:
        self.commits.append(self.finished)


class Producer:
    def send_all(self, records: Iterable[Record]) -> None:
        pass


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def facts(feed: Feed) -> ConfirmedFacts:
    return ConfirmedFacts(cast("RecordProducer", Producer()), cast("RecordFeed", feed))


def tell_of(facts: ConfirmedFacts, records: int, *, more_follow: bool) -> None:
    facts.add([], [Claim(SOURCE, 1, offset) for offset in range(records)])
    facts.settle(more_follow=more_follow)


def test_while_more_follow_transactions_share_a_commit(facts: ConfirmedFacts, feed: Feed) -> None:
    for _ in range(9):
        tell_of(facts, COMMITTED_TOGETHER // 4, more_follow=True)
    assert feed.finished == COMMITTED_TOGETHER * 9 // 4
    assert feed.commits == [COMMITTED_TOGETHER, 2 * COMMITTED_TOGETHER]


def test_when_nothing_follows_all_is_committed(facts: ConfirmedFacts, feed: Feed) -> None:
    tell_of(facts, 1, more_follow=True)
    tell_of(facts, 1, more_follow=False)
    assert feed.commits == [2]
