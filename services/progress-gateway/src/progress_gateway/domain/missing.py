"""Step 4: which facts the fold lacks of what PostgreSQL knows, and when to state them again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progress_gateway.domain.progress import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.progress import JobProgress

GRACE_S = 2.0
"""A fact may be on its way for this long before it counts as lost."""
AGAIN_S = 30.0
"""A fact stated again is not stated once more before this: a fold that is behind would drown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What the fold has not seen of one job."""

    chunks: frozenset[int] = frozenset()
    parsing_started: bool = False
    sheet_parsed: bool = False
    parsing_failed: bool = False
    writing_failed: bool = False

    def __bool__(self) -> bool:
        return bool(self.chunks) or any(
            (self.parsing_started, self.sheet_parsed, self.parsing_failed, self.writing_failed)
        )

    def names(self) -> frozenset[str]:
        """Return a name for each fact, distinct within the job."""
        marks = ("parsing_started", "sheet_parsed", "parsing_failed", "writing_failed")
        return frozenset(str(no) for no in self.chunks) | {m for m in marks if getattr(self, m)}

    def only(self, names: Iterable[str]) -> Lacking:
        """Return the part of this whose facts are named."""
        kept = set(names)
        return Lacking(
            chunks=frozenset(no for no in self.chunks if str(no) in kept),
            parsing_started="parsing_started" in kept,
            sheet_parsed="sheet_parsed" in kept,
            parsing_failed="parsing_failed" in kept,
            writing_failed="writing_failed" in kept,
        )


def lacking(record: JobRecord, written: Iterable[int], state: JobProgress) -> Lacking:
    """Return what PostgreSQL knows and the fold does not.

    Args:
        record: the job.
        written: the chunk numbers of its `written` ledger entries.
        state: what the fold has; an empty one when nobody can tell.
    """
    parse = record.parse
    if parse is None:
        return Lacking(chunks=_not_in(written, state))
    marks = state.marks_of(parse.run)
    return Lacking(
        chunks=_not_in(written, state),
        parsing_started=not marks.epochs >> parse.epoch & 1,
        sheet_parsed=parse.manifest is not None and state.manifest is None,
        parsing_failed=parse.failure is not None and not marks.marks & Mark.PARSING_FAILED,
        writing_failed=record.writing_failure is not None
        and not state.marks_of(record.run).marks & Mark.WRITING_FAILED,
    )


def _not_in(written: Iterable[int], state: JobProgress) -> frozenset[int]:
    return frozenset(no for no in written if not state.chunks >> no & 1)


@dataclass(slots=True)
class RepairMemory:
    """When each missing fact of a job was first missed, and when it was last stated again."""

    _missed_at_s: dict[str, float] = field(default_factory=dict)
    _stated_at_s: dict[str, float] = field(default_factory=dict)

    def due(self, names: frozenset[str], now_s: float) -> frozenset[str]:
        """Note what is missing now; return what should be stated again now."""
        self._missed_at_s = {name: self._missed_at_s.get(name, now_s) for name in names}
        self._stated_at_s = {n: at for n, at in self._stated_at_s.items() if n in names}
        return frozenset(name for name in names if self._is_due(name, now_s))

    def _is_due(self, name: str, now_s: float) -> bool:
        if now_s - self._missed_at_s[name] < GRACE_S:
            return False
        stated_at_s = self._stated_at_s.get(name)
        return stated_at_s is None or now_s - stated_at_s >= AGAIN_S

    def stated(self, names: Iterable[str], now_s: float) -> None:
        """Note what was stated again."""
        self._stated_at_s.update(dict.fromkeys(names, now_s))
