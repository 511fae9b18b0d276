"""Which lines of a corrected file may be written, and what becomes of the root's lines then."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sluice.corrections import ROW_HEADER
from sluice.job_layout import column_letter
from writer.domain.ledger import LineOutcomes
from writer.domain.prepared import LINE
from writer.domain.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from writer.domain.prepared import Correction, PreparedBatch

LINE_UNKNOWN = "LINE_UNKNOWN"
LINE_REPEATED = "LINE_REPEATED"
LINE_ALREADY_WRITTEN = "LINE_ALREADY_WRITTEN"

_MESSAGES = {
    LINE_UNKNOWN: "names no rejected row of the import that is corrected; leave this column as it"
    " is in the file of failed rows",
    LINE_REPEATED: "names a row that another row of this file names too; leave one of them",
    LINE_ALREADY_WRITTEN: "names a row that an earlier correction has written already",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RootLines:
    """What the database says of the root's lines that a batch names.

    `rejected` has the chunk of each line that is still to be healed (and is locked), `healed` the
    correction that wrote each of the others; a line in neither was never rejected.
    """

    rejected: Mapping[int, int]
    healed: Mapping[int, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClaims:
    """A batch of a correction, ready to be written: its rows carry the root's lines.

    `errors` are those of the validation and of lines that may not be written.
    """

    batch: PreparedBatch
    correction: Correction
    errors: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootChanges:
    """What a written batch of a correction changes of its root.

    `displaced` are lines of the root whose row a healed line has taken; `errors` are those of
    lines that failed again or are displaced, by the root's lines.
    """

    healed: tuple[int, ...] = ()
    displaced: tuple[int, ...] = ()
    errors: tuple[Rejection, ...] = field(default=())


def _line_errors(
    batch: PreparedBatch,
    correction: Correction,
    codes: Mapping[int, str],
    before: Mapping[int, int],
) -> list[Rejection]:
    """Return the errors of lines of the file whose root line may not be written.

    Args:
        batch: in the file's own lines.
        correction: its plan's.
        codes: what is wrong, by line.
        before: how many errors the validation has found, by line.
    """
    texts = batch.texts_of(list(codes))
    return [
        _line_error(batch, correction.line_column, code, texts[line], line, before.get(line, 0))
        for line, code in codes.items()
    ]


def _line_error(
    batch: PreparedBatch,
    at: int,
    code: str,
    cells: tuple[str | None, ...],
    line: int,
    error_no: int,
) -> Rejection:
    value = cells[at] if at < len(cells) else None
    return Rejection(
        sheet_line=line,
        chunk_no=batch.chunk_of(line),
        code=code,
        message=f"{ROW_HEADER}: {_MESSAGES[code]}",
        error_no=error_no,
        column_letter=column_letter(at),
        field=ROW_HEADER,
        value=value,
        cells=cells if error_no == 0 else None,
        root_line=batch.root_lines.get(line),
    )


def claim_lines(batch: PreparedBatch, correction: Correction, root: RootLines) -> LineClaims:
    """Sort out which good rows heal a line of the root.

    Every line must name one; of two good rows with the same the first is taken.

    Args:
        batch: validated, its rows by the file's own lines.
        correction: its plan's.
        root: what became of the lines they name.
    """
    errors_before = Counter(rejection.sheet_line for rejection in batch.rejections)
    taken: dict[int, int] = {}
    codes: dict[int, str] = {}
    for line in batch.lines:
        named = batch.root_lines.get(line)
        code = _code_of(batch, named, root)
        if code is None and not errors_before[line] and named is not None:
            if named in taken:
                code = LINE_REPEATED
            else:
                taken[named] = line
        if code is not None:
            codes[line] = code
    known = tuple(
        replace(rejection, root_line=batch.root_lines.get(rejection.sheet_line))
        for rejection in batch.rejections
    )
    rows = _of_root(batch.rows, {own: named for named, own in taken.items()})
    errors = _line_errors(batch, correction, codes, errors_before)
    claimed = replace(batch, rows=rows, rejections=(), own_lines=taken)
    return LineClaims(batch=claimed, correction=correction, errors=(*known, *errors))


def _code_of(batch: PreparedBatch, named: int | None, root: RootLines) -> str | None:
    if named is None:
        return LINE_UNKNOWN
    if named in root.rejected:
        return None
    if named in root.healed:
        by_us = root.healed[named] == batch.plan.job_id
        return LINE_REPEATED if by_us else LINE_ALREADY_WRITTEN
    return LINE_UNKNOWN


def _of_root(rows: pa.Table, named: Mapping[int, int]) -> pa.Table:
    """Return the rows that are claimed, by rising line of the root, which they now carry."""
    own = pa.array(named, rows.schema.field(LINE).type)
    rows = rows.filter(pc.is_in(rows[LINE], own))
    lines = [named[line] for line in rows[LINE].to_pylist()]
    at = rows.schema.get_field_index(LINE)
    rows = rows.set_column(at, LINE, pa.array(lines, rows.schema.field(LINE).type))
    return rows.sort_by(LINE)


def in_own_lines(claims: LineClaims, outcomes: LineOutcomes) -> LineOutcomes:
    """Return the outcomes as lines of the corrected file, with all errors of the batch."""
    own_lines = claims.batch.own_lines or {}
    return LineOutcomes(
        inserted=[own_lines[line] for line in outcomes.inserted],
        updated=[own_lines[line] for line in outcomes.updated],
        skipped=[own_lines[line] for line in outcomes.skipped],
        rejections=(
            *claims.errors,
            *(_own_rejection(own_lines, rejection) for rejection in outcomes.rejections),
        ),
    )


def _own_rejection(own_lines: Mapping[int, int], rejection: Rejection) -> Rejection:
    """Return the rejection as the correction lists it: a displaced row under who displaced it."""
    line, other = rejection.sheet_line, rejection.other_line
    if rejection.displaced_by is not None:
        own = own_lines[rejection.displaced_by]
        message = (
            f"{rejection.field}: row {line} of the corrected import had this too, and gave way"
            " because the first of them is kept; it is among the failed rows now"
        )
        return replace(rejection, sheet_line=own, other_line=None, message=message, root_line=line)
    return replace(
        rejection,
        sheet_line=own_lines[line],
        other_line=None if other is None else own_lines.get(other),
        root_line=line,
    )


def root_changes(claims: LineClaims, outcomes: LineOutcomes, root: RootLines) -> RootChanges:
    """Return what the outcomes, by the root's lines, change of the root."""
    own_lines = claims.batch.own_lines or {}
    again: dict[int, list[Rejection]] = {}
    for error in claims.errors:
        named = error.root_line
        if named is not None and named in root.rejected and named not in own_lines:
            again.setdefault(named, []).append(error)
    errors = [_in_root(claims, e, root) for found in again.values() for e in _of_first(found)]
    errors += [
        _in_root(claims, replace(rejection, root_line=rejection.sheet_line), root)
        for rejection in outcomes.rejections
    ]
    displaced = {r.sheet_line for r in outcomes.rejections if r.displaced_by is not None}
    refused = {r.sheet_line for r in outcomes.rejections} - displaced
    return RootChanges(
        healed=tuple(sorted(set(own_lines) - refused)),
        displaced=tuple(sorted(displaced)),
        errors=tuple(errors),
    )


def _of_first(errors: list[Rejection]) -> list[Rejection]:
    """Return the errors of the first row of the file that names the line."""
    first = min(error.sheet_line for error in errors)
    return [error for error in errors if error.sheet_line == first]


def _in_root(claims: LineClaims, error: Rejection, root: RootLines) -> Rejection:
    """Return an error as the root lists it: by its line, its columns and its words."""
    batch, correction = claims.batch, claims.correction
    line = error.sheet_line if error.root_line is None else error.root_line
    at = correction.root_field_columns.get(error.field or "")
    message = error.message
    if error.other_line is not None:
        message = message.replace(batch.words_of(error.other_line), f"row {error.other_line}", 1)
    return replace(
        error,
        sheet_line=line,
        chunk_no=root.rejected.get(line, 0),
        column_letter=None if at is None else column_letter(at),
        message=message,
        cells=None if error.cells is None else _root_cells(correction.root_columns, error.cells),
        root_line=None,
    )


def _root_cells(
    columns: tuple[int | None, ...], cells: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    return tuple(None if at is None or at >= len(cells) else cells[at] for at in columns)
