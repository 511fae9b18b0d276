"""Step 2: what a claim of a job says, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.job_layout import JobLayout

MAX_FRUITLESS_ATTEMPTS = 4
"""Unclean ends in a row, without one more chunk written, after which the file is to blame.

A reader's death counts twice, so two of them suffice: a file kills nothing else. A lease that ran
out (its parser died) counts once.
"""
HOPELESS = (
    "The file ended its reader twice without getting further: "
    "it needs more memory or time than is allowed. "
    "Save it again, or split it, and upload it anew."
)
SMALL_FILE_ROWS = 20_000
"""Files estimated below this may use the slot that is kept for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that this process parses; it holds for one (run, control sequence) and one epoch."""

    job_id: UUID
    run: int
    control_seq: int
    epoch: int
    attempts: int
    file_url: str
    file_sha256: bytes
    layout: JobLayout
    manifest_known: bool
    chunker_version: int
    """Of the job's first parse."""
    chunk_rows: int
    """Of a chunk at most; of the job's first parse too, whatever the setting says by now."""
    waited_s: float | None = None
    """Since the upload; None where this is not the job's first claim."""
    traceparent: str | None = None
    """Of the upload."""

    @property
    def is_hopeless(self) -> bool:
        return self.attempts >= MAX_FRUITLESS_ATTEMPTS


class ClaimState(Enum):
    """What renewing a lease found."""

    HOLDS = "the epoch is still ours"
    ENDED = "somebody paused, cancelled or retried the job, or it is over"
    LOST = "another parser has taken over, or the job is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """The job and its claim as they stand now."""

    run: int
    control_seq: int
    wanted: bool


def state_of(claim: Claim, renewal: Renewal | None) -> ClaimState:
    """Return whether a claim still holds; no renewal means that the row is not ours any more.

    Both numbers are compared, and not only what is desired now: a pause and a resume in quick
    succession leave the job wanted, but writers have skipped chunks in between.
    """
    if renewal is None:
        return ClaimState.LOST
    same = (renewal.run, renewal.control_seq) == (claim.run, claim.control_seq)
    return ClaimState.HOLDS if same and renewal.wanted else ClaimState.ENDED
