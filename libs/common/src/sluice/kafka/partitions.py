"""Which records are finished, how far that lets us commit, and why a partition rests; no I/O.

`pause()` of the client does not reach partitions that are assigned later, partitions that leave a
paused consumer and come back are still paused, and new ones come unpaused (tried). So what should
rest is kept here, and set again for each partition after every assignment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class PartitionId(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Claim(NamedTuple):
    """A record in hand. It is void once its partition has left, even if that came back."""

    source: PartitionId
    offset: int
    tenure: int
    with_care: bool = False
    """It may be what killed the partition's last owner: nothing else is in hand beside it."""


@dataclass(slots=True)
class _Tenure:
    """One assignment of one partition."""

    number: int
    with_care: int = 0
    """So many of the next records may have killed the last owner."""
    is_held: bool = False
    unfinished: set[int] = field(default_factory=set)
    next_offset: int | None = None
    """One behind the last record received: where a commit may go when all are finished."""
    committed: int | None = None
    begun_at: int | None = None
    """The first record received: where the last owner's commit is."""

    def commit_point(self) -> int | None:
        return min(self.unfinished) if self.unfinished else self.next_offset

    def reach(self) -> int:
        begin = self.begun_at if self.committed is None else self.committed
        return 0 if begin is None or self.next_offset is None else self.next_offset - begin


class Partitions:
    """The book of one consumer: what it holds of each partition that is its own."""

    def __init__(self) -> None:
        self._owned: dict[PartitionId, _Tenure] = {}
        self._reasons: dict[str, str] = {}
        self._tenures = 0

    @property
    def owned(self) -> frozenset[PartitionId]:
        return frozenset(self._owned)

    def assign(self, added: Iterable[PartitionId], with_care: int = 0) -> None:
        """Begin a new tenure of each partition; claims of an earlier one stay void.

        Args:
            added: the partitions.
            with_care: so many first records of each are claimed as such: a process that died may
                have had them in hand.
        """
        for partition in added:
            self._tenures += 1
            self._owned[partition] = _Tenure(self._tenures, with_care)

    def drop(self, gone: Iterable[PartitionId]) -> None:
        """End the tenures: the partitions were revoked (commit before) or lost (commit nothing)."""
        for partition in gone:
            self._owned.pop(partition, None)

    def receive(self, source: PartitionId, offset: int) -> Claim | None:
        """Take a record in hand; None when its partition is not ours (any more)."""
        tenure = self._owned.get(source)
        if tenure is None:
            return None
        tenure.unfinished.add(offset)
        if tenure.begun_at is None:
            tenure.begun_at = offset
        tenure.next_offset = max(offset + 1, tenure.next_offset or 0)
        with_care = tenure.with_care > 0
        tenure.with_care -= with_care
        return Claim(source, offset, tenure.number, with_care)

    def holds(self, claim: Claim) -> bool:
        """Tell whether the record is still ours to finish."""
        tenure = self._owned.get(claim.source)
        return tenure is not None and tenure.number == claim.tenure

    @property
    def reach(self) -> int:
        """How far beyond a confirmed commit records were received, where that is farthest.

        A finished record counts as long as one before it is not finished, or the commit is away.
        """
        return max((tenure.reach() for tenure in self._owned.values()), default=0)

    def finish(self, claims: Iterable[Claim]) -> None:
        """Note that these records are done for good; void claims change nothing."""
        for claim in claims:
            if self.holds(claim):
                self._owned[claim.source].unfinished.discard(claim.offset)

    def commit_points(
        self, of: Iterable[PartitionId] | None = None, *, unchanged: bool = False
    ) -> dict[PartitionId, int]:
        """Return the offset to commit for each partition: its lowest unfinished record.

        Args:
            of: these partitions only; all by default.
            unchanged: also those whose point is committed already (to change its metadata).
        """
        points = {}
        for partition in self._owned if of is None else of:
            tenure = self._owned.get(partition)
            point = tenure.commit_point() if tenure is not None else None
            if (
                tenure is not None
                and point is not None
                and (unchanged or point != tenure.committed)
            ):
                points[partition] = point
        return points

    def committed(self, points: dict[PartitionId, int]) -> None:
        """Note that the brokers confirmed these points."""
        for partition, point in points.items():
            tenure = self._owned.get(partition)
            if tenure is not None:
                tenure.committed = point

    def rest(self, reason: str, why: str) -> None:
        """All partitions shall rest for this reason, those assigned later as well."""
        self._reasons[reason] = why

    def go_on(self, reason: str) -> None:
        """This reason to rest has ended; others may be left."""
        self._reasons.pop(reason, None)

    def hold(self, partition: PartitionId) -> None:
        """This partition alone shall rest, for as long as it is ours."""
        if (tenure := self._owned.get(partition)) is not None:
            tenure.is_held = True

    def release(self, partition: PartitionId) -> None:
        """End a partition's own rest."""
        if (tenure := self._owned.get(partition)) is not None:
            tenure.is_held = False

    @property
    def held(self) -> frozenset[PartitionId]:
        """The partitions that rest by themselves."""
        return frozenset(id_ for id_, tenure in self._owned.items() if tenure.is_held)

    @property
    def resting(self) -> bool:
        return bool(self._reasons)

    @property
    def why_resting(self) -> str:
        """The reasons for people, empty when nothing rests."""
        return "; ".join(self._reasons[reason] for reason in sorted(self._reasons))
