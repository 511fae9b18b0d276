"""Rows of one region: those that a template took whole, and the odd ones that stand among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import lt
from typing import NamedTuple

from xlsx_reader.cell_rows import ReadRow
from xlsx_reader.cell_values import check_line
from xlsx_reader.row_shapes import RowTemplate
from xlsx_reader.tokenizer import SheetContext
from xlsx_reader.utf8_run import Utf8Texts

_SPACE = b" \t\n\r"


class OddRow(NamedTuple):
    """A row that no template took, and how many rows stand before it."""

    at: int
    row: ReadRow


class Gap(NamedTuple):
    """What stands between rows that the template took, behind so many of them."""

    taken: int
    text: bytes


@dataclass(frozen=True, slots=True)
class TakenRows:
    """Rows by the groups of a template; an odd row has None in each."""

    lines: Sequence[int]
    groups: list[Utf8Texts]
    odd: list[OddRow]

    def __len__(self) -> int:
        return len(self.lines)

    def halves(self) -> "tuple[TakenRows, TakenRows]":
        middle = len(self) // 2
        before = [row for row in self.odd if row.at < middle]
        behind = [OddRow(at - middle, row) for at, row in self.odd if at >= middle]
        return (
            TakenRows(self.lines[:middle], [group[:middle] for group in self.groups], before),
            TakenRows(self.lines[middle:], [group[middle:] for group in self.groups], behind),
        )


class SplitRegion:
    """A region split by a template: its groups one after the other, and the gaps between its rows.

    One call takes the rows of a whole region, and makes no object but the texts themselves.
    """

    def __init__(self, template: RowTemplate, region: bytes) -> None:
        self._stride = template.group_count + 1
        self._pieces: list[bytes] = template.pattern.split(region)

    @property
    def rows(self) -> int:
        """How many rows the template took."""
        return len(self._pieces) // self._stride

    def gaps(self) -> Iterator[Gap]:
        """What the template did not take, in order."""
        between = self._pieces[:: self._stride]
        if not any(between):
            return
        for taken, text in enumerate(between):
            if stripped := text.strip(_SPACE):
                yield Gap(taken, stripped)

    def number(self, row: int) -> int:
        """The line of a row that was taken."""
        return int(self._pieces[row * self._stride + 1])

    def with_odd(self, context: SheetContext, odd: list[OddRow]) -> TakenRows:
        """All rows in their order; raises WorkbookError when that is not by their lines."""
        numbers, *groups = (self._pieces[at :: self._stride] for at in range(1, self._stride))
        if not odd:
            return TakenRows(_lines(context, numbers), list(groups), odd)
        lines = list(map(int, numbers))
        for at, row in odd:
            lines.insert(at, row.line)
        _check_order(context, lines)
        return TakenRows(lines, [_with_gaps(group, odd) for group in groups], odd)


def _with_gaps(group: Sequence[bytes], odd: list[OddRow]) -> Utf8Texts:
    texts: list[bytes | None] = list(group)
    for at, _ in odd:
        texts.insert(at, None)
    return texts


def _lines(context: SheetContext, numbers: list[bytes]) -> Sequence[int]:
    """The lines, a range where each is the one before and 1: told without a number for each."""
    first, last, count = int(numbers[0]), int(numbers[-1]), len(numbers)
    if last - first == count - 1 and _are_ascending(numbers):
        return range(first, last + 1)
    lines = list(map(int, numbers))
    _check_order(context, lines)
    return lines


def _are_ascending(numbers: list[bytes]) -> bool:
    """Whether they are; False also for numbers that have not all the same digits."""
    return len(set(map(len, numbers))) == 1 and all(map(lt, numbers, numbers[1:]))


def _check_order(context: SheetContext, lines: list[int]) -> None:
    for before, line in pairwise(lines):
        if line <= before:
            check_line(context, line, before)
