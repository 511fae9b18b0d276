"""Who wins where a table has several unique sets: the lines one by one, as the sheet has them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from writer.domain.conflicts import HeldKey, LostLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """Lines of a batch with the same values: in each unique set, the first line that has them.

    Of a line that shares its values with none there is no entry.
    """

    by_set: Mapping[Columns, Mapping[int, int]]

    @property
    def lines(self) -> set[int]:
        """All lines that share values."""
        return {line for firsts in self.by_set.values() for line in firsts}


def rivals_of(repeated: Mapping[Columns, Iterable[tuple[int, int]]]) -> Rivals:
    """Return the rivals from each set's pairs of a line and the first line with its values."""
    return Rivals(
        by_set={
            columns: {each: first for line, first in pairs for each in (line, first)}
            for columns, pairs in repeated.items()
        }
    )


@dataclass(slots=True, kw_only=True)
class Settled:
    """What became of some lines.

    `takes` has, for each line that takes the place of later lines of its own job, the sets in which
    those stand (the row of the first becomes the line's, the others go). `after` are those whose
    values another line of the batch had to free first.
    """

    free: list[int] = field(default_factory=list)
    takes: dict[int, list[Columns]] = field(default_factory=dict)
    after: set[int] = field(default_factory=set)
    lost: dict[Columns, list[LostLine]] = field(default_factory=lambda: defaultdict(list))


def settle_in_order(
    lines: Sequence[int],
    rivals: Rivals,
    held: Mapping[Columns, Mapping[int, HeldKey]],
    job_id: UUID,
    *,
    takes_several: bool,
) -> Settled:
    """Walk the lines in the sheet's order: each gets its place unless an earlier winner has it.

    A line that lost takes nothing: whoever shares values with it alone gets its place.

    Args:
        lines: by rising number.
        rivals: of these lines and of others.
        held: in each set, who has a line's values in the table.
        job_id: whose rows give way to earlier lines.
        takes_several: whether a line may take the place of more than one row.
    """
    walk = _Walk(rivals, takes_several=takes_several)
    for line in lines:
        keys = {columns: of_set[line] for columns, of_set in held.items() if line in of_set}
        ours = {
            columns: key
            for columns, key in keys.items()
            if key.holder_job == job_id and key.holder_line is not None
        }
        walk.pass_line(line, keys, ours)
    return walk.settled


class _Walk:
    def __init__(self, rivals: Rivals, *, takes_several: bool) -> None:
        self.settled = Settled()
        self._rivals = rivals.by_set
        self._takes_several = takes_several
        self._winners: dict[tuple[Columns, int], int] = {}
        self._gone: set[int] = set()

    def pass_line(
        self, line: int, keys: Mapping[Columns, HeldKey], ours: Mapping[Columns, HeldKey]
    ) -> None:
        standing = {
            columns: key
            for columns, key in keys.items()
            if columns not in ours or key.holder_line not in self._gone
        }
        later = {
            columns: key
            for columns, key in standing.items()
            if columns in ours and (key.holder_line or 0) > line
        }
        loss = self._loss(line, standing, ours, later)
        if loss is not None:
            columns, other = loss
            self.settled.lost[columns].append(LostLine(line, line, other))
            return
        for columns, firsts in self._rivals.items():
            if line in firsts:
                self._winners[columns, firsts[line]] = line
        if len(standing) < len(keys):
            self.settled.after.add(line)
        self._place(line, later)

    def _loss(
        self,
        line: int,
        standing: Mapping[Columns, HeldKey],
        ours: Mapping[Columns, HeldKey],
        later: Mapping[Columns, HeldKey],
    ) -> tuple[Columns, int | None] | None:
        for columns, firsts in self._rivals.items():
            winner = self._winners.get((columns, firsts.get(line, line)))
            if winner is not None:
                return columns, winner
        for columns, key in standing.items():
            if columns not in later:
                return columns, key.holder_line if columns in ours else None
        if len(set(_lines_of(later))) > 1 and not self._takes_several:
            columns, key = next(iter(later.items()))
            return columns, key.holder_line
        return None

    def _place(self, line: int, later: Mapping[Columns, HeldKey]) -> None:
        if not later:
            self.settled.free.append(line)
            return
        taken = self.settled.takes[line] = []
        for columns, key in later.items():
            other = key.holder_line
            if other is not None and other not in self._gone:
                self._gone.add(other)
                taken.append(columns)
                self.settled.lost[columns].append(LostLine(other, line, line, key.holder_texts))


def _lines_of(keys: Mapping[Columns, HeldKey]) -> list[int | None]:
    return [key.holder_line for key in keys.values()]
