"""Step 3: cells in hand become rows as COPY takes them, before any transaction.

What is asked of the database (a job's plan, its table's types) is asked once; the rest touches
nothing but the batch, so a thread can do it while another batch is written.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import psycopg

from sluice import metrics, tracing
from writer.adapters import postgres_jobs
from writer.adapters.postgres_errors import asking
from writer.adapters.postgres_rows import encode_rows, read_types, table_of
from writer.domain.write_plan import Road

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from sluice.clock import Clock
    from writer.adapters.postgres_session import PostgresSession
    from writer.domain.batching import JobBatch
    from writer.domain.prepared import JobPlan, PreparedBatch, Validation
    from writer.domain.write_plan import Course

    CourseOf = Callable[[JobPlan], Course]

JOBS_KEPT = 256

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that preparing a job's next batch takes.

    `types` are those of the table's columns where the batch goes there by a plain COPY.
    """

    plan: JobPlan
    types: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Made:
    """A prepared batch, and how long that took in whichever thread did it."""

    batch: PreparedBatch
    seconds: float

    def noted(self) -> PreparedBatch:
        """Return the batch, and tell below what is in hand now that it was validated."""
        metrics.took("validate", self.seconds)
        tracing.note("validate", self.seconds)
        return self.batch


class BatchPreparer:
    """Prepares batches; remembers what it asked of each job."""

    def __init__(self, session: PostgresSession, validation: Validation, clock: Clock) -> None:
        self._session = session
        self._validation = validation
        self._clock = clock
        self._plans: OrderedDict[UUID, JobPlan] = OrderedDict()
        self._types: OrderedDict[UUID, Mapping[str, str]] = OrderedDict()

    def recipe(self, job_id: UUID, course_of: CourseOf) -> Recipe | None:
        """Return how a batch of the job is prepared; None when the job is unknown.

        Raises:
            Outage: PostgreSQL is away.
            Critical: the job's definition cannot be used.
        """
        plan = self._plan_of(job_id)
        if plan is None:
            return None
        if not _goes_by_copy(plan, course_of(plan)):
            return Recipe(plan, None)
        types = self._types.get(job_id)
        return Recipe(plan, self._read_types(plan) if types is None else types)

    def known_recipe(self, job_id: UUID, course_of: CourseOf) -> Recipe | None:
        """Return the same if nothing has to be asked for it."""
        plan = self._plans.get(job_id)
        if plan is None:
            return None
        if not _goes_by_copy(plan, course_of(plan)):
            return Recipe(plan, None)
        types = self._types.get(job_id)
        return None if types is None else Recipe(plan, types)

    def make(self, recipe: Recipe, batch: JobBatch) -> Made:
        """Validate a batch and encode its good rows; nothing is shared with other threads."""
        started_s = self._clock.monotonic_s()
        prepared = self._validation.prepare(recipe.plan, [held.chunk for held in batch.chunks])
        if recipe.types is not None and prepared.rows.num_rows:
            encoded = encode_rows(recipe.plan, prepared.rows, recipe.types)
            prepared = replace(prepared, encoded=encoded)
        return Made(prepared, self._clock.monotonic_s() - started_s)

    def forget_types(self, job_id: UUID) -> None:
        """The job's table is not what it was."""
        self._types.pop(job_id, None)

    def _plan_of(self, job_id: UUID) -> JobPlan | None:
        if (plan := self._plans.get(job_id)) is not None:
            self._plans.move_to_end(job_id)
            return plan
        with asking():
            job = postgres_jobs.read_job(self._session.connection(), job_id)
        if job is None:
            return None
        plan = self._validation.plan(job)
        remember(self._plans, job_id, plan)
        return plan

    def _read_types(self, plan: JobPlan) -> Mapping[str, str]:
        """Ask the table; where nobody may look at it, the COPY will say what that means."""
        try:
            with asking():
                types = read_types(self._session.connection(), table_of(plan.target))
        except psycopg.Error:
            return {}
        remember(self._types, plan.job_id, types)
        return types


def _goes_by_copy(plan: JobPlan, course: Course) -> bool:
    return course.road is Road.COPY and plan.correction is None and not plan.dry_run


def remember(held: OrderedDict[UUID, V], job_id: UUID, value: V) -> None:
    """Keep a value of a job, and forget the job that was not asked for longest."""
    held[job_id] = value
    held.move_to_end(job_id)
    while len(held) > JOBS_KEPT:
        held.popitem(last=False)
