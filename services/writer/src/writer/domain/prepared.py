"""A batch that is validated and not yet written: good rows, rejected rows, and whose they are."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from writer.domain.ledger import chunk_of_line
from writer.domain.rejections import Rejection, rejected_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from sluice.events.rows_chunked import ChunkMeta, RowsChunked
    from writer.domain.write_plan import Mode, WriteTarget

LINE = "sluice_line"
JOB = "sluice_job"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """What never changes of a job, read once.

    `definition` and `layout` are the validation's own objects; `field_columns` has the sheet's
    0-based column of each field that one feeds.
    """

    job_id: UUID
    mode: Mode
    target: WriteTarget
    definition: Any
    layout: Any
    field_columns: Mapping[str, int]
    correction: Correction | None = None
    dry_run: bool = False
    max_error_percent: float | None = None

    @property
    def row_job(self) -> UUID:
        """The job that rows are said to come from: of a correction, its root."""
        return self.job_id if self.correction is None else self.correction.root_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a plan knows of the job that it corrects.

    `line_column` is the 0-based column that names the root's line; `root_columns` has, for each
    column of the root's sheet, the column of the corrected file with the same cells.
    """

    root_id: UUID
    line_column: int
    root_columns: tuple[int | None, ...]
    root_field_columns: Mapping[str, int]


class RowTexts(Protocol):
    """Gives back what stood in lines of the sheet."""

    def __call__(self, sheet_lines: Sequence[int]) -> list[tuple[str | None, ...]]:
        """Return each line's texts in sheet order; LookupError for a line not in the batch.

        Many at once: one line costs nearly as much as a thousand.
        """
        ...


class Validation(Protocol):
    """Turns cells into rows of a target; pure, however long it takes."""

    def plan(self, job: StoredJob) -> JobPlan:
        """Return the plan of a job; raises `Critical` when its definition cannot be used."""
        ...

    def prepare(self, plan: JobPlan, chunks: Sequence[RowsChunked]) -> PreparedBatch:
        """Validate chunks of one job, by rising number; bad cells are data, never raised."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob:
    """The immutable part of a job's row, as stored."""

    job_id: UUID
    mode: str
    target_definition: Any
    layout: Any
    root_id: UUID | None = None
    root_layout: Any = None
    dry_run: bool = False
    max_error_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRows:
    """Rows as COPY takes them: those of the table `of`, and of no other.

    `types` has, of binary rows, the type of each column that they were made for; of CSV nothing.
    """

    of: pa.Table
    columns: tuple[str, ...]
    data: pa.Buffer
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBatch:
    """Rows and rejections of some chunks of one job.

    `rows` has `sluice_line` and the target's fields, by rising line. Of a correction, `root_lines`
    has for each of its `lines` the line of the root that it names; once those are claimed, the
    rows carry the root's lines, and `own_lines` leads back to the lines of the file in hand.
    """

    plan: JobPlan
    metas: tuple[ChunkMeta, ...]
    rows: pa.Table
    rejections: tuple[Rejection, ...]
    row_texts: RowTexts
    lines: tuple[int, ...] = ()
    root_lines: Mapping[int, int] = field(default_factory=dict)
    own_lines: Mapping[int, int] | None = None
    encoded: EncodedRows | None = None
    """What was made of the rows beforehand; of no use once they are others."""
    is_asked_anew: bool = False
    as_text: bool = False
    """The table's types are not to be relied on: the server casts each value itself."""

    def for_altered_table(self) -> PreparedBatch:
        """Return the batch for a table that was altered: asked anew once, and then no more."""
        return replace(self, encoded=None, as_text=self.is_asked_anew, is_asked_anew=True)

    def own_line(self, line: int) -> int:
        """Return the line of the file in hand that a row's line stands for."""
        return line if self.own_lines is None else self.own_lines[line]

    def chunk_of(self, line: int) -> int:
        """Return the number of the chunk that a row is in."""
        return chunk_of_line(self.metas, self.own_line(line))

    def texts_of(self, lines: Collection[int]) -> dict[int, tuple[str | None, ...]]:
        """Return what stood in some rows, in the order of the file in hand."""
        if not lines:
            return {}
        texts = self.row_texts([self.own_line(line) for line in lines])
        return dict(zip(lines, texts, strict=True))

    def words_of(self, line: int) -> str:
        """Return how a line is told to people who look at the file in hand."""
        if self.own_lines is None:
            return f"row {line}"
        own = self.own_lines.get(line)
        return f"row {line} of the corrected import" if own is None else f"row {own}"

    def only(self, chunk_nos: Collection[int]) -> PreparedBatch:
        """Return the part of the batch that is in these chunks."""
        if len(chunk_nos) == len(self.metas):
            return self
        kept = tuple(meta for meta in self.metas if meta.chunk_no in chunk_nos)
        lines = self.rows[LINE].combine_chunks()
        slices = [_slice_of(self.rows, lines, meta) for meta in kept]
        return replace(
            self,
            metas=kept,
            rows=pa.concat_tables(slices) if slices else self.rows.slice(0, 0),
            rejections=tuple(r for r in self.rejections if r.chunk_no in chunk_nos),
            lines=tuple(
                n for n in self.lines if any(m.first_line <= n <= m.last_line for m in kept)
            ),
        )

    def failed_by_chunk(self) -> Counter[int]:
        """Return how many lines of each chunk the validation rejected."""
        return Counter(chunk_no for _, chunk_no in rejected_lines(self.rejections))


def _slice_of(rows: pa.Table, lines: pa.Array, meta: ChunkMeta) -> pa.Table:
    start = bisect_left(lines, meta.first_line, key=lambda line: line.as_py())
    end = bisect_left(lines, meta.last_line + 1, key=lambda line: line.as_py())
    return rows.slice(start, end - start)


def without_lines(rows: pa.Table, lines: Collection[int]) -> pa.Table:
    """Return the rows that are not of these sheet lines."""
    if not lines:
        return rows
    refused = pa.array(sorted(lines), rows.schema.field(LINE).type)
    return rows.filter(pc.invert(pc.is_in(rows[LINE], refused)))


def by_key(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    """Return the rows by rising key: what every writer does, so that none waits in a circle.

    A batch in order already (nearly every sheet is) is told by one comparison of a column with
    itself, which is far cheaper than the sort.
    """
    if not key or rows.num_rows < 2:  # noqa: PLR2004 - one row is in order
        return rows
    if len(key) == 1 and _rises(rows[key[0]].combine_chunks()):
        return rows
    return rows.sort_by([(column, "ascending") for column in key])


def _rises(column: pa.Array) -> bool:
    in_order = pc.all(pc.less_equal(column[:-1], column[1:])).as_py()
    return bool(in_order) and column.null_count == 0


def repeated_lines(
    rows: pa.Table, columns: Sequence[str], types: Mapping[str, str], *, keep_last: bool
) -> list[tuple[int, int]] | None:
    """Return (line, kept line) of rows whose value in a column another row has.

    None where only the database can tell what is equal: several columns, texts, whose equality is
    their collation's matter, or a column whose type in the table (`types`, as the catalogue spells
    it) is not that of the rows: it may round them. Numbers and days of one type are equal to it
    when they are to us.
    """
    if len(columns) != 1:
        return None
    if not _is_exact(rows.schema.field(columns[0]).type, types[columns[0]]):
        return None
    values = rows[columns[0]].combine_chunks()
    if pc.count_distinct(values).as_py() == len(values) - values.null_count:
        return []
    counts = pc.value_counts(values)
    often = counts.field("values").filter(pc.greater(counts.field("counts"), 1)).drop_null()
    some = rows.filter(pc.is_in(values, often))
    lines: dict[Any, list[int]] = {}
    for value, line in zip(some[columns[0]].to_pylist(), some[LINE].to_pylist(), strict=True):
        lines.setdefault(value, []).append(line)
    pick = max if keep_last else min
    return [
        (line, pick(same)) for same in lines.values() for line in sorted(same) if line != pick(same)
    ]


def _is_exact(arrow_type: pa.DataType, table_type: str) -> bool:
    """Tell whether a column of the table keeps these values, and no others, as they are."""
    if pa.types.is_decimal(arrow_type):
        return table_type == f"numeric({arrow_type.precision},{arrow_type.scale})"
    if pa.types.is_integer(arrow_type):
        return table_type in {"smallint", "integer", "bigint"}
    if pa.types.is_date(arrow_type):
        return table_type == "date"
    is_moment = pa.types.is_timestamp(arrow_type) and arrow_type.tz is None
    return is_moment and table_type == "timestamp without time zone"
