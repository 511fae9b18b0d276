"""Step 4: which facts the fold lacks of what PostgreSQL knows, and when to state them again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progress_gateway.domain.chunk_trouble import trouble_of
from progress_gateway.domain.progress import Mark
from sluice.job_status import JobStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progress_gateway.domain.after_end import Healing
    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.progress import JobProgress
    from sluice.events import ChunkDeadLettered

GRACE_S = 2.0
"""A fact may be on its way for this long before it counts as lost."""
AGAIN_S = 30.0
"""A fact stated again is not stated once more before this: a fold that is behind would drown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What the fold has not seen of one job."""

    chunks: frozenset[int] = frozenset()
    dead: frozenset[int] = frozenset()
    control: int = 0
    """The control sequence that it has not seen; 0: none."""
    new_run: bool = False
    """With `control`: the job was retried."""
    parsing_started: bool = False
    sheet_parsed: bool = False
    parsing_failed: bool = False
    writing_failed: bool = False
    healings: tuple[Healing, ...] = ()
    undoing: bool = False
    finished: bool = False

    def __bool__(self) -> bool:
        return bool(self.names())

    def names(self) -> frozenset[str]:
        """Return a name for each fact, distinct within the job."""
        names = {str(no) for no in self.chunks} | {f"dead {no}" for no in self.dead}
        names |= {_name(healing) for healing in self.healings}
        if self.control:
            names.add(f"control {self.control}")
        return frozenset(names | {mark for mark in _MARKS if getattr(self, mark)})

    def after_end(self) -> Lacking:
        """Return the part of this that comes with an end and after it."""
        return Lacking(healings=self.healings, undoing=self.undoing, finished=self.finished)

    def only(self, names: Iterable[str]) -> Lacking:
        """Return the part of this whose facts are named."""
        kept = set(names)
        return Lacking(
            chunks=frozenset(no for no in self.chunks if str(no) in kept),
            dead=frozenset(no for no in self.dead if f"dead {no}" in kept),
            control=self.control if f"control {self.control}" in kept else 0,
            new_run=self.new_run,
            healings=tuple(each for each in self.healings if _name(each) in kept),
            **{mark: mark in kept for mark in _MARKS},
        )


_MARKS = (
    "parsing_started",
    "sheet_parsed",
    "parsing_failed",
    "writing_failed",
    "undoing",
    "finished",
)


def _name(healing: Healing) -> str:
    return f"healed {healing.correction_id} {healing.healed}"


def lacking(
    record: JobRecord,
    written: Iterable[int],
    state: JobProgress,
    dead: Iterable[ChunkDeadLettered] = (),
) -> Lacking:
    """Return what PostgreSQL knows and the fold does not.

    Args:
        record: the job.
        written: the chunk numbers of its `written` ledger entries.
        state: what the fold has; an empty one when nobody can tell.
        dead: the facts of its `dead` ledger entries.
    """
    return Lacking(
        chunks=frozenset(no for no in written if not state.chunks >> no & 1),
        dead=frozenset(fact.chunk_no for fact in dead if not _is_told(fact, state)),
        control=record.control_seq if record.control_seq > state.control.seq else 0,
        new_run=record.run > max(1, state.control.run),
        **dict(zip(_MARKS, _missing_marks(record, state), strict=False)),
        healings=untold_healings(record, state),
        undoing=_is_undoing_untold(record, state),
        finished=_is_end_untold(record, state),
    )


def untold_healings(record: JobRecord, state: JobProgress) -> tuple[Healing, ...]:
    """Return what corrections wrote and the fold does not know."""
    told = {each.correction_id: each.healed for each in state.healings}
    return tuple(each for each in record.healings if each.healed > told.get(each.correction_id, 0))


def _is_undoing_untold(record: JobRecord, state: JobProgress) -> bool:
    undoing = record.undoing
    if undoing is None or not undoing.batch:
        return False
    return state.undoing is None or state.undoing.batch < undoing.batch


def _is_end_untold(record: JobRecord, state: JobProgress) -> bool:
    """Tell whether the fold lacks the newest end; corrections write a new one as they end."""
    if not record.status.is_terminal:
        return False
    own = state.marks_of(record.run)
    if not own.marks & Mark.FINISHED:
        return True
    if record.status is JobStatus.UNDONE:
        return not own.marks & Mark.UNDONE
    return not record.is_in_correction and own.healed < record.healed_rows


def _is_told(fact: ChunkDeadLettered, state: JobProgress) -> bool:
    """Tell whether the fold knows this of the chunk, or something newer."""
    if state.chunks >> fact.chunk_no & 1:
        return True
    rank = trouble_of(fact).rank
    return any(one.chunk_no == fact.chunk_no and one.rank >= rank for one in state.troubles)


def _missing_marks(record: JobRecord, state: JobProgress) -> tuple[bool, bool, bool, bool]:
    parse = record.parse
    own = state.marks_of(record.run)
    writing_failed = record.writing_failure is not None and not own.marks & Mark.WRITING_FAILED
    if parse is None:
        return False, False, False, writing_failed
    marks = state.marks_of(parse.run)
    return (
        not marks.epochs >> parse.epoch & 1,
        parse.manifest is not None and state.manifest is None,
        parse.failure is not None and not marks.marks & Mark.PARSING_FAILED,
        writing_failed,
    )


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
