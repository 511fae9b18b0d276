"""Dead letters and replays as operators see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from upload_api.adapters.postgres_dead_letters import Histogram
from upload_api.domain.dead_letters import LetterFilter, LetterState, Outcome
from upload_api.entrypoints.callers import View

MAX_LETTERS = 100_000
BIGGEST_ID = 2**63 - 1
LetterId = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]


class DeadLetterView(View):
    """One dead letter; `errorClass` is stable, filters and histograms go by it."""

    dead_letter_id: int
    topic: str
    partition: int
    kafka_offset: int
    original_topic: str
    original_partition: int
    original_offset: int
    job_id: UUID | None
    chunk_no: int | None
    run: int | None
    error_class: str
    error_message: str
    attempts: int
    replay_count: int
    size_bytes: int
    state: LetterState
    state_reason: str | None
    first_failed_at: datetime
    last_failed_at: datetime
    created_at: datetime
    updated_at: datetime


class Count(View):
    """How many letters have a name in common; null: no job."""

    name: str | None
    count: int


class HistogramView(View):
    """Letters by class, by job (the 50 with most) and by state, most first."""

    total: int
    by_class: list[Count]
    by_job: list[Count]
    by_state: list[Count]


class DeadLetterPage(View):
    """Letters, newest first; `counts` are of all that the filter chooses."""

    letters: list[DeadLetterView]
    counts: dict[str, int]
    next_cursor: str | None


class DeadLetterDetail(DeadLetterView):
    """One letter with its record; `record` is null when Kafka has it no more."""

    record: dict[str, Any] | None


class FilterRequest(View):
    """Which letters are meant; what is left out does not restrict."""

    model_config = ConfigDict(extra="forbid")

    job_id: UUID | None = None
    error_class: str | None = Field(None, max_length=200)
    state: list[LetterState] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class _Selection(View):
    """Letters by id, or by a filter; exactly one of the two."""

    model_config = ConfigDict(extra="forbid")

    ids: list[LetterId] | None = Field(None, min_length=1, max_length=1000)
    filter: FilterRequest | None = None

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either ids or filter")
        return self

    def wanted(self, *states: LetterState) -> LetterFilter:
        """Return the filter; without states of its own it means these."""
        if self.filter is None:
            return LetterFilter(ids=tuple(self.ids or ()))
        return LetterFilter(
            job_id=self.filter.job_id,
            error_class=self.filter.error_class,
            states=tuple(self.filter.state or states),
            since=self.filter.since,
            until=self.filter.until,
        )


class ReplayRequest(_Selection):
    """Which letters to send again, how many at most and how fast."""

    dry_run: bool = False
    max: int = Field(10_000, ge=1, le=MAX_LETTERS)
    rate_per_second: float = Field(50.0, ge=0.1, le=1000)


class DiscardRequest(_Selection):
    """Which letters to give up, and why."""

    reason: Reason


class ReplayAccepted(View):
    """What is chosen; `replayId` is null in a dry run."""

    replay_id: UUID | None
    dry_run: bool
    selected: int
    histogram: HistogramView
    link: str | None


class UnsentLetter(View):
    """A letter that a replay did not send."""

    dead_letter_id: int
    outcome: Outcome
    reason: str | None


class ReplayView(View):
    """A replay, live: `healed` of its letters are in the ledger by now."""

    replay_id: UUID
    requested_by: str
    requested_at: datetime
    selection: dict[str, Any]
    rate_per_s: float
    state: str
    finished_at: datetime | None
    selected: int
    waiting: int
    sent: int
    already_written: int
    refused: int
    lost: int
    parked: int
    healed: int
    unsent: list[UnsentLetter]


class Discarded(View):
    """How many letters were given up; those on their way are left alone."""

    discarded: int


class HaltView(View):
    """A consumer that stands, or stood until `resumedAt`."""

    consumer: str
    reason: str
    halted_at: datetime
    resumed_at: datetime | None
    resumed_by: str | None


class Consumers(View):
    """Who stands still, or did."""

    halts: list[HaltView]


class Resumed(View):
    """Who was let go on."""

    consumers: list[str]


def histogram_view(counted: Histogram) -> HistogramView:
    return HistogramView(
        total=counted.total,
        by_class=_counts(counted.by_class),
        by_job=_counts(counted.by_job)[:50],
        by_state=_counts(counted.by_state),
    )


def _counts(counts: Mapping[Any, int]) -> list[Count]:
    return [Count(name=name, count=count) for name, count in counts.items()]
