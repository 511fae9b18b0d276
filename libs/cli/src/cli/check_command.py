"""`sluice check`: what an import would make of a workbook, with no server at all."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.exit_codes import DONE, ROW_ERRORS, UNUSABLE
from cli.sheet_check import HeaderRefused, checked_rows, dialect_of, layout_of
from cli.surroundings import target_named
from cli.text_options import text_options
from csv_reader import CsvError, dialect_name, read_wish
from sluice.job_layout import column_letter
from xlsx_reader import WorkbookError

if TYPE_CHECKING:
    from import_targets import RowError, TargetDefinition
    from sluice.job_layout import JobLayout

JSON_ERRORS = 10_000


class _Report:
    """Counts all, and shows or keeps errors up to a number: the memory stays constant."""

    def __init__(self, *, as_json: bool, max_errors: int | None) -> None:
        self._as_json = as_json
        self._room = max_errors if max_errors is not None else JSON_ERRORS if as_json else None
        self.rows = self.good_rows = self.error_count = 0
        self._by_code: Counter[str] = Counter()
        self._kept: list[dict[str, Any]] = []

    def add(self, rows: int, good_rows: int, errors: tuple[RowError, ...]) -> None:
        room = None if self._room is None else max(0, self._room - self.error_count)
        self.rows += rows
        self.good_rows += good_rows
        self.error_count += len(errors)
        self._by_code.update(error.code for error in errors)
        for error in islice(errors, room):
            if self._as_json:
                self._kept.append(_error_json(error))
            else:
                click.echo(_error_line(error))

    def members(self) -> dict[str, Any]:
        """Return the figures for programs."""
        return {
            "rows": self.rows,
            "goodRows": self.good_rows,
            "badRows": self.rows - self.good_rows,
            "errorCount": self.error_count,
            "errorsByCode": dict(sorted(self._by_code.items())),
            "errors": self._kept,
        }

    def lines(self) -> list[str]:
        """Return the figures for people."""
        bad = self.rows - self.good_rows
        lines = [f"{self.rows:,} rows: {self.good_rows:,} good, {bad:,} bad"]
        lines += [f"  {code}: {count:,}" for code, count in self._by_code.most_common()]
        if self._room is not None and self.error_count > self._room:
            lines.append(f"only the first {self._room:,} of {self.error_count:,} errors are shown")
        return lines


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", default="records", show_default=True)
@click.option("--sheet", help="The sheet; else the first visible one.")
@text_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@click.option(
    "--max-errors", type=click.IntRange(0), help="Show so many; else all, 10,000 in JSON."
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder with the target files.",
)
def check(
    file: Path,
    target: str,
    sheet: str | None,
    max_errors: int | None,
    folder: Path | None,
    *,
    as_json: bool,
    **told: str | None,
) -> int:
    """Read and validate FILE, a workbook or a text (CSV, TSV).

    The exit code is 0, 1 with row errors, 2 when the file is unreadable.
    What only the database can tell is not checked: keys that occur twice, constraints, triggers.
    """
    definition = target_named(target, folder)
    report = _Report(as_json=as_json, max_errors=max_errors)
    layout, refusal = None, None
    try:
        layout = layout_of(file, sheet, definition, read_wish(told))
        if not as_json:
            click.echo(_layout_line(layout, definition))
        for part in checked_rows(file, layout, definition):
            report.add(part.rows, part.good_rows, part.errors)
    except (WorkbookError, CsvError) as error:
        refusal = {"code": error.code, "place": error.place, "message": error.message}
    except HeaderRefused as error:
        refusal = {"code": error.code, "place": error.place, "message": str(error)}
    if as_json:
        found = _json_of(file, definition, layout) | report.members() | {"refusal": refusal}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _tell(report, refusal)
    if refusal is not None:
        return UNUSABLE
    return ROW_ERRORS if report.error_count else DONE


def _tell(report: _Report, refusal: dict[str, str] | None) -> None:
    for line in report.lines() if report.rows or refusal is None else []:
        click.echo(line)
    if refusal is not None:
        place = f" ({refusal['place']})" if refusal["place"] else ""
        click.echo(f"Error: {refusal['code']}: {refusal['message']}{place}", err=True)


def _json_of(file: Path, definition: TargetDefinition, layout: JobLayout | None) -> dict[str, Any]:
    columns = (
        [] if layout is None else [_column_json(layout, n) for n in range(len(layout.columns))]
    )
    return {
        "file": file.name,
        "target": definition.name,
        "sheet": layout.sheet if layout else None,
        "dialect": _dialect_json(layout),
        "headerLine": layout.header_line if layout else None,
        "columns": columns,
    }


def _dialect_json(layout: JobLayout | None) -> dict[str, Any] | None:
    if layout is None or layout.dialect is None:
        return None
    shown = {"encoding", "encoding_is_guess", "delimiter", "decimal"}
    return layout.dialect.model_dump(include=shown, by_alias=True)


def _column_json(layout: JobLayout, number: int) -> dict[str, Any]:
    column = layout.columns[number]
    return {
        "column": column_letter(column.index),
        "header": column.header,
        "field": column.field,
    }


def _layout_line(layout: JobLayout, definition: TargetDefinition) -> str:
    taken = ", ".join(c.header or column_letter(c.index) for c in layout.columns if c.field)
    left = ", ".join(c.header for c in layout.columns if not c.field and c.header)
    dialect = dialect_of(layout)
    table = dialect_name(dialect) if dialect else f"sheet {layout.sheet!r}"
    if layout.dialect is not None and layout.dialect.encoding_is_guess:
        table = f"{table} (the encoding is a guess)"
    line = f"{table}, header in row {layout.header_line}; {definition.name}: {taken}"
    return f"{line}; not taken: {left}" if left else line


def _error_line(error: RowError) -> str:
    where = f", column {error.column_letter}" if error.column_letter else ""
    return f"Row {error.sheet_line}{where}: {error.message} [{error.code}]"


def _error_json(error: RowError) -> dict[str, Any]:
    return {
        "line": error.sheet_line,
        "column": error.column_letter,
        "field": error.field,
        "code": error.code,
        "message": error.message,
        "value": error.value,
    }
