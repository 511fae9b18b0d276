"""Dead letters: how they are chosen, and what becomes of one that is to be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sluice.job_status import Desired, JobStatus
from sluice.kafka import topic_names
from upload_api.domain.kin import ALONE, Kin, why_not_again

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

MAX_REPLAYS = 3
"""A letter that came back so often is parked: the next replay would hardly heal it."""
REPLAY_TOPICS = frozenset({topic_names.JOBS, topic_names.CHUNKS})
"""Where a replay may send to, whatever a letter's headers say."""


class LetterState(StrEnum):
    """The states of a dead letter."""

    OPEN = "open"
    REPLAYING = "replaying"
    REPLACED = "replaced"
    HEALED = "healed"
    DISCARDED = "discarded"
    PARKED = "parked"


class Outcome(StrEnum):
    """What a replay did with one of its letters."""

    WAITING = "waiting"
    SENT = "sent"
    ALREADY_WRITTEN = "already_written"
    REFUSED = "refused"
    LOST = "lost"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters are meant; None everywhere means all. Times are of the last failure."""

    ids: tuple[int, ...] | None = None
    job_id: UUID | None = None
    error_class: str | None = None
    states: tuple[LetterState, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter, as far as a replay has to know it."""

    dead_letter_id: int
    topic: str
    partition: int
    offset: int
    original_topic: str
    job_id: UUID | None
    chunk_no: int | None
    state: LetterState
    replay_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterJob:
    """The job of a letter, behind its gate."""

    status: JobStatus
    desired: Desired
    run: int
    is_undone: bool = False
    """An undo of it was asked for, or of the job that it corrects."""
    kin: Kin = ALONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done with a letter; `SENT` stands for: send it."""

    outcome: Outcome
    reason: str | None = None


def verdict_of_alone(letter: Letter) -> Verdict:
    """Return what is to be done as far as the letter alone tells."""
    if letter.original_topic not in REPLAY_TOPICS:
        return _refused(f"{letter.original_topic} is no topic that a replay may send to")
    if letter.state not in {LetterState.OPEN, LetterState.REPLAYING, LetterState.PARKED}:
        return _refused(f"it is {letter.state}")
    if letter.state is LetterState.PARKED or (
        letter.state is LetterState.OPEN and letter.replay_count >= MAX_REPLAYS
    ):
        return Verdict(
            outcome=Outcome.PARKED, reason=f"it came back from {letter.replay_count} replays"
        )
    return Verdict(outcome=Outcome.SENT)


def verdict_of(letter: Letter, job: LetterJob | None, *, is_written: bool) -> Verdict:
    """Return what is to be done with a letter that belongs to a job.

    Args:
        letter: the letter.
        job: its job, None when it was erased.
        is_written: whether the ledger has the letter's chunk as written.
    """
    if is_written:
        return Verdict(outcome=Outcome.ALREADY_WRITTEN)
    alone = verdict_of_alone(letter)
    if alone.outcome is not Outcome.SENT:
        return alone
    closed = _why_closed(job)
    return _refused(closed) if closed else alone


def _why_closed(job: LetterJob | None) -> str:
    """Return why nothing is written for the job any more; empty when something may be."""
    if job is None:
        return "its job was erased"
    if job.is_undone:
        return "its job is being undone, or was"
    if job.desired is Desired.CANCEL or job.status is JobStatus.CANCELLED:
        return "its job is cancelled: retry the job instead"
    if job.status.is_terminal and job.status is not JobStatus.FAILED:
        return f"its job is {job.status}"
    return why_not_again(job.kin)


def batch_of(rate_per_s: float) -> int:
    """Return how many letters go at once: a quarter of a second's worth, at most 50."""
    return max(1, min(50, round(rate_per_s / 4)))


def _refused(reason: str) -> Verdict:
    return Verdict(outcome=Outcome.REFUSED, reason=reason)
