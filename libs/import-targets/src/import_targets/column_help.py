"""What a column of a target takes, in sentences for whoever fills in a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_targets.fault_messages import expectation

if TYPE_CHECKING:
    from import_targets.definition import TargetColumn, TargetDefinition


def column_help(definition: TargetDefinition, column: TargetColumn) -> tuple[str, ...]:
    """Return sentences, the most important first."""
    told = [_need(column), _sentence(expectation(column, "OUT_OF_RANGE"))]
    if column.enum and (column.min_length or column.max_length is not None):
        told.append(_sentence(expectation(column, "TOO_LONG")))
    if column.pattern is not None:
        told.append(f"Its form is {column.pattern} (a regular expression).")
    if column.formats:
        told.append(f"As text also {' or '.join(column.formats)}.")
    told += _rows_together(definition, column)
    if column.aliases:
        told.append(f"The header may also be {', '.join(column.aliases)}.")
    return tuple(told)


def _need(column: TargetColumn) -> str:
    if column.default is not None:
        return f"Optional: an empty cell means '{column.default}'."
    return "Required." if column.required else "Optional."


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _rows_together(definition: TargetDefinition, column: TargetColumn) -> list[str]:
    """Return what concerns more than the row itself."""
    told = []
    if column.name in definition.key:
        others = [name for name in definition.key if name != column.name]
        beside = f", together with {', '.join(others)}" if others else ""
        told.append(f"The key{beside}: it tells rows apart.")
    elif column.unique:
        told.append("No two rows may have the same value.")
    if column.references is not None:
        told.append(f"It names a value of {column.references}.")
    return told
