"""By which road a job's rows reach its table: the fast one until the database refuses it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

TWIN_SCHEMA = "sluice_dry"


class Mode(IntEnum):
    """What happens to a row whose key is in the table already; values follow `jobs.mode`."""

    INSERT = 0
    UPSERT = 1
    SKIP_EXISTING = 2

    @classmethod
    def of(cls, text: str) -> Mode:
        return cls[text.upper()]


class Road(IntEnum):
    """From the fastest to the one that always arrives."""

    COPY = 0
    """Straight into the table; the first refused row refuses the batch."""
    PROBED_COPY = 1
    """The same behind a look at the keys: duplicates are named, whatever else refuses."""
    STAGING = 2
    """Through a temporary table; NOT NULL, CHECK and foreign key faults are named, then
    duplicates. In this order, always: what is said of a row must not depend on its neighbours."""
    BISECTION = 3
    """The same, with savepoints that find what no query can name (triggers, exclusions)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteTarget:
    """What the writer must know of a table, whatever a target's definition looks like.

    Attributes:
        schema: None means what `search_path` finds.
        fields: the columns that rows fill, in the order of the validated table.
        key: the columns of `fields` that make a row one; empty when nothing is unique.
        lineage: the table has `sluice_job`, `sluice_line` and `sluice_replaced`.
        keep_replaced: an upsert keeps the rows of others that it replaces, for an undo.
        is_records: any sheet's rows as objects; a row is one by its job and line.
        twin_of: the real table, where this is the twin that a dry run writes to.
    """

    schema: str | None
    table: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    lineage: bool
    keep_replaced: bool = False
    is_records: bool = False
    twin_of: WriteTarget | None = None


def twin_of(real: WriteTarget, job_id: UUID) -> WriteTarget:
    """Return the table that a dry run of the job writes to."""
    return replace(real, schema=TWIN_SCHEMA, table=f"dry_{job_id.hex}", twin_of=real)


def first_road(target: WriteTarget, mode: Mode) -> Road:
    """Return where a job begins: only inserts go by COPY alone, and no dry run."""
    if target.twin_of is not None:
        return Road.STAGING
    if target.is_records or mode is Mode.INSERT:
        return Road.COPY
    return Road.STAGING if mode is Mode.UPSERT else Road.PROBED_COPY


def next_road(road: Road) -> Road:
    """Return where a refused batch goes on; of the last road nothing comes back refused."""
    return Road(min(road + 1, Road.BISECTION))


class NotPlainError(Exception):
    """A batch that a look at its keys does not settle; `for_good`: no batch of its job is."""

    def __init__(self, *, for_good: bool = False) -> None:
        super().__init__()
        self.for_good = for_good


PROBES_IN_VAIN = 2
"""So many batches in a row that had to go on to staging are enough for a job to begin there."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is remembered of a job: where its next batch begins."""

    road: Road
    in_vain: int = 0

    def refused(self, road: Road, *, for_good: bool = False) -> Course:
        """Return the course after a batch was refused on this road."""
        if road is Road.COPY:
            return Course(Road.PROBED_COPY)
        if road is not Road.PROBED_COPY:
            return self
        in_vain = self.in_vain + 1
        stays = in_vain < PROBES_IN_VAIN and not for_good
        return Course(Road.PROBED_COPY if stays else Road.STAGING, in_vain)

    def written(self, road: Road) -> Course:
        """Return the course after a batch was written by this road."""
        return Course(self.road) if road is self.road else self
