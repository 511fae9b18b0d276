"""What becomes of the rows of an import that is taken back: decided here, done in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

CHANGED = "changed since the import"
NOT_KEPT = "it was in the table before the import, and what it replaced was not kept"
REVIVED = "what it replaced was written by an import that is itself undone"
SUPPRESSED = "a trigger or a rule of the table keeps it"
EACH_OTHER = "rows of the import refer to one another and cannot be deleted apart"

BATCH_ROWS = 10_000
"""A batch of 10,000 takes about 0.1 s: locks are short, and a killed worker loses no more."""
FEWEST_ROWS = 100
MOST_ROWS = 160_000
REFUSED_BATCH_ROWS = 1_000
"""After a refusal that no query foretold: each refused row costs its batch some statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoTarget:
    """The table that a job wrote to; `restores`: the job may have changed rows that were there."""

    job_id: UUID
    run: int
    schema: str | None
    table: str
    key: tuple[str, ...]
    restores: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """An undo as its row tells it; `total = reversed + kept + refused` and what waits."""

    state: str
    collected: bool
    total: int
    batches: int
    reversed: int
    kept: int
    refused: int
    trouble: str | None

    @property
    def is_done(self) -> bool:
        return self.state == "done"

    @property
    def waiting(self) -> int:
        return self.total - self.reversed - self.kept - self.refused


@dataclass(slots=True, kw_only=True)
class BatchCounts:
    """What one batch did; `vanished`: deleted by others since they were collected."""

    reversed: int = 0
    kept: int = 0
    refused: int = 0
    vanished: int = 0
    moved: int = 0
    """To another place, by VACUUM FULL or CLUSTER: whichever batch is theirs, its turn comes."""
    astray: int = 0
    """Not at their places, and left waiting for the scan behind the pass."""
    had_to_bisect: bool = False

    @property
    def moved_on(self) -> bool:
        return bool(self.reversed or self.kept or self.refused or self.vanished)


class Place(NamedTuple):
    """Where a row lies: its table, which may be a partition, and its place in there."""

    table: int
    tid: str


class Left(NamedTuple):
    """A row of a batch that the batch could not reverse."""

    sheet_line: int
    place: Place


@dataclass(frozen=True, slots=True)
class Sighting:
    """A row of the job as it is now."""

    sheet_line: int
    place: Place
    is_written_now: bool
    """By the undo's own transaction: a trigger did something else than to delete it."""
    is_ours: bool
    row_key: object


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is true of a row that was left: `outcome` and `reason` where it stays."""

    left: Left
    outcome: str | None = None
    reason: str | None = None
    row_key: object = None
    moved_to: Place | None = None


def verdicts_on(left: Iterable[Left], sightings: Iterable[Sighting]) -> list[Verdict]:
    """Return what became of rows that were neither reversed nor refused.

    A verdict without outcome and place: somebody deleted the row, so that it is none of ours.
    """
    by_line: dict[int, list[Sighting]] = {}
    for sighting in sightings:
        by_line.setdefault(sighting.sheet_line, []).append(sighting)
    return [_verdict_on(row, by_line.get(row.sheet_line, ())) for row in left]


def _verdict_on(row: Left, seen: Sequence[Sighting]) -> Verdict:
    in_place = next((s for s in seen if s.place == row.place and s.is_ours), None)
    held = in_place or next((s for s in seen if s.is_written_now), None)
    if held is not None:
        return Verdict(row, "refused", SUPPRESSED, held.row_key)
    moved = next((s for s in seen if s.is_ours), None)
    if moved is not None:
        return Verdict(row, moved_to=moved.place)
    if seen:
        return Verdict(row, "kept", CHANGED, seen[0].row_key)
    return Verdict(row)


class Reference(NamedTuple):
    """A foreign key that points at the table; what it does when a row goes, as the catalog says."""

    name: str
    table: str
    action: str
    is_own: bool
    """It is one of the table itself."""
    columns: tuple[str, ...]
    other_columns: tuple[str, ...]

    @property
    def refuses(self) -> bool:
        """It lets no row go that is referred to; the others would change or delete rows."""
        return self.action in {"a", "r"}

    def reason(self) -> str:
        """Return what people read of a row that it holds."""
        if self.is_own:
            return f"another row that stays refers to it ({self.name})"
        return f"a row of {self.table} refers to it ({self.name})"


def refusal_reason(diagnosis: Mapping[str, str | None]) -> str:
    """Return what people read of a row that the database refuses to let go."""
    if name := diagnosis.get("constraint_name"):
        return f"the database refuses it ({name})"
    told = diagnosis.get("message_primary") or "no reason given"
    return f"the database refuses it: {told}"


@dataclass(slots=True)
class Pace:
    """How much is done at once: smaller after trouble, larger where rows wait for one another."""

    limit: int = BATCH_ROWS
    usual: int = BATCH_ROWS

    def after(self, counts: BatchCounts) -> None:
        """A batch is done."""
        if counts.had_to_bisect:
            self.limit = min(self.limit, REFUSED_BATCH_ROWS)
        elif self.limit < self.usual:
            self.limit = min(self.limit * 2, self.usual)

    def after_timeout(self) -> None:
        """A batch took longer than a statement may."""
        self.limit = max(self.limit // 4, FEWEST_ROWS)

    def widen(self) -> None:
        """Nothing moved in a whole pass: take more rows together."""
        self.usual = self.limit = min(max(self.usual, self.limit) * 4, MOST_ROWS)

    def holds_all(self, waiting: int) -> bool:
        """Tell whether taking more together cannot help any more."""
        return self.limit >= min(waiting, MOST_ROWS)
