"""Step 4: what happens to a job after its end: corrections heal its rows, an undo takes them back.

Both are told by sums that only grow, so of two facts of one correction, or of one undo, the one
with the greater sums counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sluice.events import RowsHealed, RowsUndone
    from sluice.job_status import LedgerSums


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """What one correction wrote of the rows that its root had rejected."""

    correction_id: UUID
    inserted: int = 0
    updated: int = 0
    skipped: int = 0

    @property
    def healed(self) -> int:
        return self.inserted + self.updated + self.skipped

    @property
    def rank(self) -> tuple[int, int, int]:
        return self.healed, self.inserted, self.updated


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Undoing:
    """How far an undo is; ordered, the later one is the greater."""

    batch: int
    done: bool = False
    total: int = 0
    reversed: int = 0
    kept: int = 0
    refused: int = 0


def healing_of(fact: RowsHealed) -> Healing:
    return Healing(
        correction_id=fact.correction_id,
        inserted=fact.inserted,
        updated=fact.updated,
        skipped=fact.skipped,
    )


def undoing_of(fact: RowsUndone) -> Undoing:
    return Undoing(
        batch=fact.batch,
        done=fact.done,
        total=fact.total,
        reversed=fact.reversed,
        kept=fact.kept,
        refused=fact.refused,
    )


def with_healing(healings: tuple[Healing, ...], healing: Healing) -> tuple[Healing, ...]:
    """Return the healings by correction, with one more; the greater one of its correction stays."""
    by_id = {each.correction_id: each for each in healings}
    held = by_id.get(healing.correction_id)
    if held is None or held.rank < healing.rank:
        by_id[healing.correction_id] = healing
    return tuple(by_id[correction_id] for correction_id in sorted(by_id))


def healed_rows(healings: Iterable[Healing]) -> int:
    return sum(each.healed for each in healings)


def healed_ledger(own: LedgerSums, healings: Iterable[Healing]) -> LedgerSums:
    """Return the ledger of a root with what its corrections wrote: failed rows became others."""
    healings = tuple(healings)
    return replace(
        own,
        inserted=own.inserted + sum(each.inserted for each in healings),
        updated=own.updated + sum(each.updated for each in healings),
        skipped=own.skipped + sum(each.skipped for each in healings),
        failed=max(0, own.failed - healed_rows(healings)),
    )
