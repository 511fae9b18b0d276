"""What a writer has in hand: fetched, and its offset not committed yet.

It is bounded twice: in records, since it is what a death leaves to its successor's care, and in
bytes, since it is in memory. A successor's care begins at the offset that is committed, so a third
bound is how far from there a partition is read: a record that is done counts while one before it is
not, or its commit is on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from writer.entrypoints.confirmed_facts import COMMITTED_TOGETHER
from writer.entrypoints.failed_chunks import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluice.kafka.loop import Fetched, RecordFeed
    from sluice.kafka.partitions import Claim
    from writer.domain.batching import ChunkInHand

STEP = 8
"""Records that are fetched before their bytes are counted."""
MOST_BYTES = 16 * 1024 * 1024


def care_of(most: int, batch_chunks: int) -> int:
    """Return among how many records of a partition, from its offset on, a killer is.

    Room for what may be in hand, for those that are done and wait for a commit, and for those of a
    batch whose commit is on its way: less would make a writer wait for commits.
    """
    return most + (COMMITTED_TOGETHER - 1) + batch_chunks


class RecordsInHand:
    """The records, from their fetch until what is to be said of them is confirmed."""

    def __init__(self, feed: RecordFeed, most: int, care: int) -> None:
        self._feed = feed
        self._most = most
        self._care = care
        self._records: dict[Claim, Fetched] = {}
        self._told: list[Claim] = []

    def __len__(self) -> int:
        return len(self._records)

    @property
    def told(self) -> list[Claim]:
        """The records whose facts are on their way."""
        return self._told

    @property
    def size_bytes(self) -> int:
        return sum(_size_of(record) for record in self._records.values())

    @property
    def has_room(self) -> bool:
        """Tell whether more may be fetched; always when nothing is in hand, and all told of."""
        return not self._records or (self.size_bytes < MOST_BYTES and self._room > 0)

    @property
    def _room(self) -> int:
        beyond = self._care - self._feed.partitions.reach
        return min(self._most - len(self._records), beyond)

    def fetch(self, timeout_s: float) -> list[Fetched]:
        """Take in hand what is there and fits; wait only for the first record."""
        fetched: list[Fetched] = []
        while self.has_room:
            room = max(1, min(STEP, self._room))
            more = self._feed.fetch(room, 0 if fetched else timeout_s)
            self._records |= {record.claim: record for record in more}
            fetched += more
            if len(more) < room:
                break
        return [record for record in fetched if self._feed.partitions.holds(record.claim)]

    def tell(self, claims: Iterable[Claim]) -> None:
        """Note that all that is to be said of these is on its way."""
        self._told += claims

    def settled(self) -> list[Claim]:
        """Put down what was told; return it."""
        told, self._told = self._told, []
        for claim in told:
            self._records.pop(claim, None)
        return told

    def put_down(self) -> list[Claim]:
        """Put down the rest: it is not ours any more, or time is up; return it."""
        rest = list(self._records)
        self._records.clear()
        return rest

    def record_of(self, chunk: ChunkInHand) -> Fetched:
        """Return the record that brought the chunk; of copies the one that has tried most."""
        copies = [self._records[claim] for claim in chunk.claims]
        return max(copies, key=lambda record: delivery_of(record).attempts)


def _size_of(record: Fetched) -> int:
    return len(record.message.value() or b"")
