"""Take the rows of one block: by template while they repeat a shape, else cell by cell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from re import Match
from typing import Final

from xlsx_reader.cell_rows import CellRows, ReadRow, malformed
from xlsx_reader.cell_values import check_line, check_width
from xlsx_reader.cells import RowRun
from xlsx_reader.row_shapes import RowShapes, RowTemplate
from xlsx_reader.run_builder import RunBuilder
from xlsx_reader.template_columns import BlockText, TemplateColumns, Texts
from xlsx_reader.template_policy import TemplatePolicy
from xlsx_reader.tokenizer import MOST_RUN_BYTES, SheetContext, TextsTooLarge, Tokenizer
from xlsx_reader.xml_text import MalformedText

_groups: Final = Match.groups
_ROW_START = b"<row "
_ROW_NUMBER = re.compile(rb'<row r="([0-9]{1,7})"')


class BlockRows:
    """Keeps what is known of the sheet's rows from block to block."""

    def __init__(self, context: SheetContext, tokenizer: Tokenizer) -> None:
        self.last_line = 0
        self._context = context
        self._cells = CellRows(context)
        self._shapes = RowShapes(self._cells.plans.heads, context.limits.max_cell_chars)
        self._policy = TemplatePolicy(tokenizer)
        self._template: RowTemplate | None = None
        self._columns = TemplateColumns(context.strings, context.limits.max_cell_chars)
        self._odd_bytes = 0  # that the shared texts of odd rows may take
        self._begin_offset = 0
        # The rows that wait for the end of the run: groups of matches, odd rows by position.
        self._taken: list[tuple[str | None, ...]] = []
        self._odd: list[tuple[int, ReadRow]] = []

    def runs(self, region: bytes, end_offset: int) -> Iterator[RowRun]:
        """The rows of a region of whole rows that ends at `end_offset` of the part."""
        text = self._decoded(region)
        if not self._policy.uses_templates:
            self._policy.skipped_block()
            yield from self._by_cell(text, 0, end_offset)
            return
        self._begin_offset = end_offset - len(region)
        block = BlockText(b"&" in region, b"_" in region and b"_x" in region)
        position = 0
        end = len(text)
        while position < end:
            position = self._take_matches(text, position)
            if position >= end:
                break
            row = self._cells.row(text, position, self._line_before())
            position = row.end
            self._take_odd(row)
            has_new = self._policy.wants_template() and self._has_new_template()
            if has_new or self._odd_bytes > MOST_RUN_BYTES:
                rest_bytes = len(text[position:].encode())
                yield from self._flush(block, end_offset - rest_bytes)
            if has_new:
                self._template = self._next
        yield from self._flush(block, end_offset)

    def rest(self, end_offset: int) -> Iterator[RowRun]:  # noqa: ARG002 - each region is a run
        yield from ()

    def _decoded(self, region: bytes) -> str:
        try:
            text = region.decode()
        except UnicodeDecodeError as error:
            raise malformed(
                self._context, error.reason, self._line_at(region, error.start)
            ) from error
        if b"\r" in region:  # XML 1.0, section 2.11
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text

    def _line_at(self, region: bytes, position: int) -> int:
        """The row at a position of the region, by the number it begins with."""
        found = _ROW_NUMBER.match(region, max(region.rfind(_ROW_START, 0, position), 0))
        return int(found[1]) if found is not None else self.last_line + 1

    def _by_cell(self, text: str, position: int, end_offset: int) -> Iterator[RowRun]:
        builder = RunBuilder(self._context.strings)
        for row in self._cells.rows(text, position, self.last_line):
            self.last_line = row.line
            if row.texts:
                builder.add(row.line, row.texts, row.tags)
            if builder.is_full:
                yield builder.build(end_offset - len(text[row.end :].encode()))
        if len(builder):
            yield builder.build(end_offset)

    def _take_matches(self, text: str, position: int) -> int:
        template = self._template
        if template is None:
            return position
        matches = list(iter(template.pattern.scanner(text, position).match, None))  # type: ignore[attr-defined]  # undocumented, and in CPython since 2.2
        if not matches:
            return position
        self._taken.extend(map(_groups, matches))
        self._policy.matched(len(matches))
        end: int = matches[-1].end()
        return end

    def _line_before(self) -> int:
        return int(self._taken[-1][0] or 0) if self._taken else self.last_line

    def _take_odd(self, row: ReadRow) -> None:
        group_count = self._template.group_count if self._template is not None else 1
        # A blank row too: it stands among the rows taken as one of None, to be left out at the end.
        self._odd.append((len(self._taken), row))
        self._taken.append((str(row.line), *[None] * (group_count - 1)))
        self._odd_bytes += len(row.texts) * self._context.strings.longest
        self._policy.saw_odd()
        if row.parts is not None and self._policy.learns:
            self._shapes.see(row.parts)

    def _has_new_template(self) -> bool:
        self._next = self._shapes.template()
        is_new = self._next is not None and (
            self._template is None or self._next.source != self._template.source
        )
        self._policy.built(is_new=is_new)
        return is_new

    def _flush(self, block: BlockText, end_offset: int) -> Iterator[RowRun]:
        taken, odd = self._taken, self._odd
        if not taken:
            return
        self._taken, self._odd, self._odd_bytes = [], [], 0
        lines = self._checked_lines(taken)
        template = self._template
        if template is None:
            yield from self._run_of_odd(odd, end_offset)
            return
        self._check_columns(template, lines)
        yield from self._taken_runs(template, _Taken(lines, taken, odd), block, end_offset)

    def _taken_runs(
        self, template: RowTemplate, rows: "_Taken", block: BlockText, end_offset: int
    ) -> Iterator[RowRun]:
        """One run, or several when the texts of all rows are too much for one."""
        try:
            run = self._run_of(template, rows, block, end_offset)
        except TextsTooLarge:
            middle = (self._begin_offset + end_offset) // 2
            first, second = rows.halves()
            yield from self._taken_runs(template, first, block, middle)
            yield from self._taken_runs(template, second, block, end_offset)
            return
        self._begin_offset = end_offset
        if run is not None:
            yield run

    def _run_of(
        self, template: RowTemplate, rows: "_Taken", block: BlockText, end_offset: int
    ) -> RowRun | None:
        lines, odd = rows.lines, rows.odd
        try:
            texts, tags = self._columns.columns(template, rows.taken, odd, block)
        except MalformedText as error:
            raise malformed(self._context, error, lines[0]) from error
        if template.may_be_blank or odd or self._context.strings.may_hold_empty:
            lines, texts, tags = _without_blank_rows(lines, texts, tags)
        return RowRun(lines, texts, tags, end_offset) if len(lines) else None

    def _checked_lines(self, taken: list[tuple[str | None, ...]]) -> Sequence[int]:
        lines = [int(row[0] or 0) for row in taken]
        first = lines[0]
        consecutive = range(first, first + len(lines))
        is_consecutive = lines[-1] == consecutive[-1] and lines == list(consecutive)
        if not is_consecutive:
            for before, line in pairwise(lines):
                if line <= before:
                    check_line(self._context, line, before)
        check_line(self._context, first, self.last_line)
        check_line(self._context, lines[-1], first - 1)
        self.last_line = lines[-1]
        return consecutive if is_consecutive else lines

    def _check_columns(self, template: RowTemplate, lines: Sequence[int]) -> None:
        filled = [column.index for column in template.columns if column.groups]
        if filled and filled[-1] >= self._context.limits.max_columns:
            check_width(self._context, lines[0], filled[-1])

    def _run_of_odd(self, odd: list[tuple[int, ReadRow]], end_offset: int) -> Iterator[RowRun]:
        builder = RunBuilder(self._context.strings)
        for _, row in odd:
            if row.texts:
                builder.add(row.line, row.texts, row.tags)
        if len(builder):
            yield builder.build(end_offset)


@dataclass(frozen=True, slots=True)
class _Taken:
    """Rows that a template took, and the odd ones among them by their place."""

    lines: Sequence[int]
    taken: list[tuple[str | None, ...]]
    odd: list[tuple[int, ReadRow]]

    def halves(self) -> "tuple[_Taken, _Taken]":
        middle = len(self.taken) // 2
        return (
            _Taken(
                self.lines[:middle], self.taken[:middle], [x for x in self.odd if x[0] < middle]
            ),
            _Taken(
                self.lines[middle:],
                self.taken[middle:],
                [(at - middle, row) for at, row in self.odd if at >= middle],
            ),
        )


def _without_blank_rows(
    lines: Sequence[int], texts: list[Texts], tags: list[bytes]
) -> tuple[Sequence[int], list[Texts], list[bytes]]:
    filled = list(map(any, zip(*tags, strict=True)))
    if all(filled):
        return lines, texts, tags
    keep = [row for row, is_filled in enumerate(filled) if is_filled]
    return (
        [lines[row] for row in keep],
        [[column[row] for row in keep] for column in texts],
        [bytes(column[row] for row in keep) for column in tags],
    )
