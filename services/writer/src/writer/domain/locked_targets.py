"""Jobs whose table somebody else has locked: they wait for it, and nobody waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from sluice.errors import SluiceError

if TYPE_CHECKING:
    from uuid import UUID


class TargetLocked(SluiceError):
    """The job's table is locked by somebody who is none of us: an outage of this job alone."""


class ChunkBusy(SluiceError):
    """Another writer has the chunk in hand, or somebody the job's gate: no failure of the chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPolicy:
    """How a locked table is looked at; seconds."""

    probe_every_s: float = 8.0
    probe_lock_timeout_ms: int = 200
    longest_s: float = 600.0
    forget_after_s: float = 30.0
    """A job whose chunks come to us no more may be written by another writer by now."""


class Turn(Enum):
    """What happens to a batch of a job."""

    WRITE = auto()
    """As ever: nothing is known against its table."""
    PROBE = auto()
    """Try it, and wait for the lock only briefly."""
    DEFER = auto()
    """Send it round untried."""
    GIVE_UP = auto()
    """The lock has lasted too long: the job fails, and can be retried."""


@dataclass(slots=True)
class _Lock:
    run: int
    since_s: float
    next_probe_s: float
    seen_s: float


class LockedTargets:
    """Which jobs wait for their table; one process's own view, by its monotonic clock."""

    def __init__(self, policy: LockPolicy | None = None) -> None:
        self.policy = policy or LockPolicy()
        self._locks: dict[UUID, _Lock] = {}

    def waiting(self, now_s: float) -> dict[UUID, int]:
        """Return the jobs that wait for their table, each with its run."""
        self._locks = {
            job_id: lock
            for job_id, lock in self._locks.items()
            if now_s - lock.seen_s <= self.policy.forget_after_s
        }
        return {job_id: lock.run for job_id, lock in self._locks.items()}

    def turn(self, job_id: UUID, now_s: float) -> Turn:
        """Return what to do with a batch of this job now; one probe is given out at a time."""
        lock = self._locks.get(job_id)
        if lock is None:
            return Turn.WRITE
        lock.seen_s = now_s
        if now_s < lock.next_probe_s:
            return Turn.DEFER
        if now_s - lock.since_s > self.policy.longest_s:
            return Turn.GIVE_UP
        lock.next_probe_s = now_s + self.policy.probe_every_s
        return Turn.PROBE

    def locked(self, job_id: UUID, run: int, now_s: float) -> None:
        """Note that a batch met the lock."""
        next_probe_s = now_s + self.policy.probe_every_s
        lock = self._locks.setdefault(job_id, _Lock(run, now_s, next_probe_s, now_s))
        lock.next_probe_s, lock.seen_s = next_probe_s, now_s

    def free(self, job_id: UUID) -> bool:
        """Note that the job needs no waiting any more; tell whether it did."""
        return self._locks.pop(job_id, None) is not None
