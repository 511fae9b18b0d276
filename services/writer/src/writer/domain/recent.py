"""The last ids and errors of a job, as viewers see them; all of it can be lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from writer.domain.prepared import LINE, without_lines

if TYPE_CHECKING:
    from writer.domain.prepared import PreparedBatch
    from writer.domain.rejections import Rejection

LAST_IDS = 1_000
LAST_ERRORS = 5
FIRST_ERRORS = 10


@dataclass(slots=True)
class RecentOfJob:
    """What one writer has seen of a job lately."""

    ids: list[str | int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    first_errors: dict[int, str] = field(default_factory=dict)

    def take(self, batch: PreparedBatch, rejections: tuple[Rejection, ...]) -> None:
        """Add a batch that is committed."""
        rejected = {rejection.sheet_line for rejection in rejections}
        self.ids = (self.ids + _ids_of(batch, rejected))[-LAST_IDS:]
        if not rejections:
            return
        in_order = sorted(rejections, key=lambda r: (r.sheet_line, r.error_no))
        self.errors = [r.sentence for r in in_order[-LAST_ERRORS:]]
        for rejection in in_order[:FIRST_ERRORS]:
            self.first_errors.setdefault(rejection.sheet_line, rejection.sentence)
        for line in sorted(self.first_errors)[FIRST_ERRORS:]:
            del self.first_errors[line]

    def as_json(self) -> dict[str, Any]:
        firsts = [self.first_errors[line] for line in sorted(self.first_errors)]
        return {"ids": self.ids, "errors": self.errors, "firstErrors": firsts}


def _ids_of(batch: PreparedBatch, rejected: set[int]) -> list[str | int]:
    """Return the keys of the last rows that were taken: the key's first column, or the sheet line.

    A dry run has none.
    """
    target = batch.plan.target
    if batch.plan.dry_run:
        return []
    column = target.key[0] if target.key else LINE
    start = max(0, batch.rows.num_rows - LAST_IDS)
    rows = without_lines(batch.rows.slice(start), rejected)
    values = rows[column].to_pylist()
    return [value if isinstance(value, int) else str(value) for value in values]
