"""Lines of a sheet as ranges: a million neighbours are two numbers."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LINE: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class LineRanges:
    """Disjoint ranges of sheet lines, rising; `firsts[k]` to `lasts[k]`, both included."""

    firsts: array[int]
    lasts: array[int]

    @classmethod
    def of_lines(cls, lines: Iterable[int]) -> LineRanges:
        """Return the ranges of rising lines."""
        return cls.of_ranges((line, line) for line in lines)

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[int, int]]) -> LineRanges:
        """Return ranges, given by rising first line, with neighbours and overlaps joined."""
        firsts, lasts = array("i"), array("i")
        for first, last in ranges:
            if lasts and first <= lasts[-1] + 1:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)
        return cls(firsts, lasts)

    def __bool__(self) -> bool:
        return bool(self.firsts)

    @property
    def last(self) -> int:
        """The last line, 0 when there is none."""
        return self.lasts[-1] if self.lasts else 0

    def rest(self, begin: int) -> LineRanges:
        """Return the lines from `begin` on that are in none of these ranges."""
        gaps = []
        for first, last in zip(self.firsts, self.lasts, strict=True):
            if begin < first:
                gaps.append((begin, first - 1))
            begin = max(begin, last + 1)
        return LineRanges.of_ranges([*gaps, (begin, MAX_LINE)])

    def within(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges that reach into these lines."""
        at = bisect_left(self.lasts, first)
        while at < len(self.firsts) and self.firsts[at] <= last:
            yield self.firsts[at], self.lasts[at]
            at += 1
