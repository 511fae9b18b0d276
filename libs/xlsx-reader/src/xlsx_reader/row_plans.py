"""What the cells of a row mean, looked up once for all rows whose cells are written alike."""

import re
from typing import NamedTuple

from xlsx_reader.cell_values import (
    CellHead,
    ColumnIndexes,
    Source,
    cell_head,
    check_order,
    checked_column,
)
from xlsx_reader.tokenizer import SheetContext
from xlsx_reader.xml_text import MalformedText

_ATTRIBUTE = re.compile(r'\s([\w:]+)="([^"]*)"')
_MOST_KNOWN = 4_096
# A plan takes some 100 bytes a cell: rows of 500 cells that are all written differently must not
# fill the memory.
_MOST_PLANNED_CELLS = 65_536

RowWriting = tuple[tuple[str, ...], tuple[str, ...]]


class RowPlan(NamedTuple):
    """Columns (ascending), heads and sources of a row's cells in order, and the width they need."""

    columns: tuple[int, ...]
    heads: tuple[CellHead, ...]
    sources: tuple[Source, ...]
    tags: tuple[int, ...]
    width: int


class Heads(dict[str, CellHead]):
    """What the attributes of a cell mean, by their literal text; fills itself."""

    def __init__(self, context: SheetContext) -> None:
        super().__init__()
        self.line = 0  # the row that asks, for a refusal to name
        self._context = context

    def __missing__(self, literal: str) -> CellHead:
        if len(self) > _MOST_KNOWN:
            self.clear()
        pairs = _ATTRIBUTE.findall(literal)
        attributes = dict(pairs)
        if len(attributes) != len(pairs):
            raise MalformedText("a cell has one attribute twice")
        head = cell_head(self._context, attributes.get("t"), attributes.get("s"), self.line)
        self[literal] = head
        return head


class RowPlans:
    """Plans by the cells' column letters and literal attributes."""

    def __init__(self, context: SheetContext) -> None:
        self.heads = Heads(context)
        self._context = context
        self._columns = ColumnIndexes()
        self._plans: dict[RowWriting, RowPlan] = {}
        self._planned_cells = 0

    def plan(self, writing: RowWriting, line: int) -> RowPlan:
        """The plan; raises WorkbookError for cells that are out of order or beyond XFD.

        Raises MalformedText for a cell with one attribute twice.
        """
        known = self._plans.get(writing)
        if known is not None:
            return known
        letters, attributes = writing
        self._planned_cells += len(letters)
        if self._planned_cells > _MOST_PLANNED_CELLS:
            self._plans.clear()
            self._planned_cells = len(letters)
        columns: list[int] = []
        previous = -1
        for name in letters:
            previous = self._column(name, line, previous)
            columns.append(previous)
        self.heads.line = line
        heads = tuple(self.heads[literal] for literal in attributes)
        plan = RowPlan(
            tuple(columns),
            heads,
            tuple(head.source for head in heads),
            tuple(int(head.tag) for head in heads),
            previous + 1,
        )
        self._plans[writing] = plan
        return plan

    def _column(self, name: str, line: int, previous: int) -> int:
        if name:
            return checked_column(self._context, self._columns, f"{name}{line}", line, previous)
        check_order(self._context, line, previous + 1, previous)
        return previous + 1
