"""`job-paused`, `job-resumed`, `job-cancelled`, `job-retried`: somebody controls a job.

Of all of them the highest `control_seq` counts. They rest on `jobs.desired`, `run` and
`control_seq`, which upload-api sets in the transaction that puts the fact into the outbox.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class _Control(Fact):
    """What every control fact carries."""

    TOPIC: ClassVar[str] = topic_names.RESULTS

    control_seq: int
    """Rises with each control of the job: the highest counts."""

    def identity(self) -> tuple[object, ...]:
        return (self.control_seq,)


class JobPaused(_Control):
    """The parse ends; chunks on their way are skipped and emitted again when it is resumed."""

    NAME: ClassVar[str] = "job-paused"


class JobResumed(_Control):
    """A new epoch emits what the ledger lacks."""

    NAME: ClassVar[str] = "job-resumed"


class JobCancelled(_Control):
    """What is written stays and is counted; the rest is unprocessed."""

    NAME: ClassVar[str] = "job-cancelled"


class JobRetried(_Control):
    """A new run of a job that had ended: `run` is the new one."""

    NAME: ClassVar[str] = "job-retried"

    by: Literal["retry", "replay"] = "retry"
    """Somebody retried the job, or an operator replayed dead letters of it."""


class JobWakeup(_Control):
    """Tells the parsers that a job wants reading again: it was resumed, retried or replayed."""

    NAME: ClassVar[str] = "job-wakeup"
    TOPIC: ClassVar[str] = topic_names.JOBS
