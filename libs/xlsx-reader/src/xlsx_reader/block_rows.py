"""Take the rows of one block: by template while they repeat a shape, else cell by cell."""

import re
from collections.abc import Generator, Iterator, Sequence

from xlsx_reader.cell_rows import CellRows, ReadRow, malformed
from xlsx_reader.cell_values import check_line, check_width
from xlsx_reader.cells import RowRun
from xlsx_reader.errors import WorkbookError
from xlsx_reader.row_shapes import RowShapes, RowTemplate
from xlsx_reader.run_builder import RunBuilder
from xlsx_reader.taken_rows import OddRow, SplitRegion, TakenRows
from xlsx_reader.template_columns import BlockText, TemplateColumns
from xlsx_reader.template_policy import TemplatePolicy
from xlsx_reader.tokenizer import MOST_RUN_BYTES, SheetContext, TextsTooLarge, Tokenizer
from xlsx_reader.utf8_run import Utf8Run, Utf8Texts
from xlsx_reader.xml_text import MalformedText

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
        self._begin_offset = 0

    def runs(self, region: bytes, end_offset: int) -> Iterator[RowRun]:
        """The rows of a region of whole rows that ends at `end_offset` of the part."""
        if b"\r" in region:  # XML 1.0, section 2.11
            region = region.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._begin_offset = end_offset - len(region)
        try:
            yield from self._runs(region, end_offset)
        except UnicodeDecodeError:
            self._refuse_other_than_utf8(region)
            raise

    def rest(self, end_offset: int) -> Iterator[RowRun]:  # noqa: ARG002 - each region is a run
        yield from ()

    def _runs(self, region: bytes, end_offset: int) -> Iterator[RowRun]:
        if not self._policy.uses_templates:
            self._policy.skipped_block()
            yield from self._by_cell(region, end_offset, learns=False)
            return
        if self._template is None:
            position = yield from self._by_cell(region, end_offset, learns=True)
            region = region[position:]
            self._begin_offset = end_offset - len(region)
        if region and self._template is not None:
            yield from self._by_template(self._template, region, end_offset)
            self._learn()

    def _refuse_other_than_utf8(self, region: bytes) -> None:
        """Raise the refusal of a region that is no UTF-8, with the row where it ceases to be."""
        try:
            region.decode()
        except UnicodeDecodeError as error:
            row = _ROW_NUMBER.match(region, max(region.rfind(_ROW_START, 0, error.start), 0))
            line = int(row[1]) if row is not None else self.last_line + 1
            raise malformed(self._context, error.reason, line) from error

    def _by_cell(
        self, region: bytes, end_offset: int, *, learns: bool
    ) -> Generator[RowRun, None, int]:
        """Row by row, until there is a template if one is wanted; returns how far it came."""
        text = region.decode()
        builder = RunBuilder(self._context.strings)
        for row in self._cells.rows(text, 0, self.last_line):
            self.last_line = row.line
            if row.texts:
                builder.add(row.line, row.texts, row.tags)
            if learns:
                self._see(row)
            if builder.is_full or (learns and self._learn()):
                behind = len(text[row.end :].encode())
                if len(builder):
                    yield builder.build(end_offset - behind)
                if self._template is not None and learns:
                    return len(region) - behind
        if len(builder):
            yield builder.build(end_offset)
        return len(region)

    def _see(self, row: ReadRow) -> None:
        self._policy.saw_odd()
        if row.parts is not None and self._policy.learns:
            self._shapes.see(row.parts)

    def _learn(self) -> bool:
        """Whether there is another template from here on."""
        if not self._policy.wants_template():
            return False
        template = self._shapes.template()
        is_new = template is not None and (
            self._template is None or template.source != self._template.source
        )
        self._policy.built(is_new=is_new)
        if is_new:
            self._template = template
        return is_new

    def _by_template(
        self, template: RowTemplate, region: bytes, end_offset: int
    ) -> Iterator[RowRun]:
        block = BlockText.of(region)
        if template.passes_over_texts and not block.is_ascii:
            region.decode()  # else only what is taken is looked at
        split = SplitRegion(template, region)
        try:
            rows = self._rows_of(split, template)
        except (WorkbookError, TextsTooLarge):
            # What the template left out is no row by itself, or too much: to be read in its place.
            # A refusal may be that of a later row than the first at fault, or of empty texts alone.
            yield from self._by_cell(region, end_offset, learns=False)
            return
        self._policy.matched(split.rows)
        try:
            yield from self._taken_runs(template, rows, block, end_offset)
        except WorkbookError:
            self._refuse_first_fault(region)
            raise
        self.last_line = rows.lines[-1]

    def _rows_of(self, split: SplitRegion, template: RowTemplate) -> TakenRows:
        """All rows of a region, in order and within the sheet's bounds.

        Raises as `_odd_rows`, and WorkbookError for lines and columns that are not allowed.
        """
        rows = split.with_odd(self._context, self._odd_rows(split))
        self._check_lines(rows.lines)
        self._check_columns(template, rows.lines)
        return rows

    def _refuse_first_fault(self, region: bytes) -> None:
        """Raise the refusal of the first row at fault: column by column, a later one was met."""
        for _ in self._cells.rows(region.decode(), 0, self.last_line):
            pass

    def _odd_rows(self, split: SplitRegion) -> list[OddRow]:
        """The rows that the template left out; a blank one stands among the others until the end.

        Raises TextsTooLarge when their shared texts may be more than should be held.
        """
        odd: list[OddRow] = []
        most_bytes = MOST_RUN_BYTES
        for taken, text in split.gaps():
            line_before = split.number(taken - 1) if taken else self.last_line
            if odd:
                line_before = max(line_before, odd[-1].row.line)
            for row in self._cells.rows(text.decode(), 0, line_before):
                odd.append(OddRow(taken + len(odd), row))
                most_bytes -= len(row.texts) * self._context.strings.longest
                if most_bytes < 0:
                    raise TextsTooLarge
                self._see(row)
        return odd

    def _taken_runs(
        self, template: RowTemplate, rows: TakenRows, block: BlockText, end_offset: int
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
        self, template: RowTemplate, rows: TakenRows, block: BlockText, end_offset: int
    ) -> RowRun | None:
        lines = rows.lines
        try:
            texts, tags = self._columns.columns(template, rows, block)
        except MalformedText as error:
            raise malformed(self._context, error, lines[0]) from error
        if template.may_be_blank or rows.odd or self._context.strings.may_hold_empty:
            lines, texts, tags = _without_blank_rows(lines, texts, tags)
        return Utf8Run(lines, texts, tags, end_offset) if len(lines) else None

    def _check_lines(self, lines: Sequence[int]) -> None:
        """Refuse lines beyond the last that is allowed, or not behind those before the region."""
        check_line(self._context, lines[0], self.last_line)
        check_line(self._context, lines[-1], lines[0] - 1)

    def _check_columns(self, template: RowTemplate, lines: Sequence[int]) -> None:
        filled = [column.index for column in template.columns if column.groups]
        if filled and filled[-1] >= self._context.limits.max_columns:
            check_width(self._context, lines[0], filled[-1])


def _without_blank_rows(
    lines: Sequence[int], texts: list[Utf8Texts], tags: list[bytes]
) -> tuple[Sequence[int], list[Utf8Texts], list[bytes]]:
    filled = list(map(any, zip(*tags, strict=True)))
    if all(filled):
        return lines, texts, tags
    keep = [row for row, is_filled in enumerate(filled) if is_filled]
    return (
        [lines[row] for row in keep],
        [[column[row] for row in keep] for column in texts],
        [bytes(column[row] for row in keep) for column in tags],
    )
