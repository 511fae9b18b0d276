"""Step 1: the mapping that came with an upload says which column feeds which field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from import_targets.column_names import and_joined, columns_told, named
from import_targets.header_keys import header_key
from sluice.job_layout import column_letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from import_targets.definition import TargetDefinition

HeaderMapping: TypeAlias = "Mapping[str, str | None]"
"""By a header's text or a column's letter, the field that it feeds; None: no field."""

_LETTER: Final = re.compile(r"[A-Za-z]{1,3}")
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedFields:
    """The field of each 0-based column that a mapping names, and what is wrong with the mapping."""

    by_column: Mapping[int, str | None]
    faults: tuple[str, ...]


def mapped_fields(
    definition: TargetDefinition, headers: Sequence[tuple[int, str]], mapping: HeaderMapping
) -> MappedFields:
    """Find the columns that a mapping names.

    A name is looked for among the headers as it is written, then without case, accents and
    spaces, and only then it is a column's letter.
    """
    by_column: dict[int, str | None] = {}
    said: dict[int, str] = {}
    faults: list[str] = []
    for name, field in mapping.items():
        found = _columns_named(name, headers)
        if len(found) != 1:
            faults.append(_not_one_column(name, found, headers))
            continue
        index, header = found[0]
        if index in by_column:
            faults.append(
                f"The mapping names column {named(index, header)} twice, as '{said[index]}' and "
                f"as '{name}'; remove one of them."
            )
        elif field is not None and not _is_field(field, definition):
            faults.append(_no_field(field, named(index, header), definition))
        else:
            by_column[index], said[index] = field, name
    return MappedFields(by_column=by_column, faults=tuple(faults))


def _is_field(field: str, definition: TargetDefinition) -> bool:
    if definition.kind == "records":
        return bool(field.strip()) and "\0" not in field
    return any(column.name == field for column in definition.columns)


def _columns_named(name: str, headers: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    exact = [(index, header) for index, header in headers if header.strip() == name.strip()]
    if exact and name.strip():
        return exact
    key = header_key(name)
    alike = [(index, header) for index, header in headers if key and header_key(header) == key]
    if alike or _LETTER.fullmatch(name) is None:
        return alike
    return [(index, header) for index, header in headers if column_letter(index) == name.upper()]


def _not_one_column(
    name: str, found: Sequence[tuple[int, str]], headers: Sequence[tuple[int, str]]
) -> str:
    if found:
        letters = and_joined([column_letter(index) for index, _ in found])
        return (
            f"The mapping names '{name}', the header of columns {letters}; "
            "name the column that you mean by its letter."
        )
    told = columns_told(headers, _SHOWN)
    return (
        f"The mapping names '{name}', which is neither a header of the sheet nor the letter of "
        f"a column; the sheet has {told}."
    )


def _no_field(field: str, column: str, definition: TargetDefinition) -> str:
    told = f"The mapping feeds '{field}' from column {column}, but"
    if definition.kind == "records":
        return f"{told} a field needs a name; write one, or null to leave the column out."
    fields = ", ".join(column.name for column in definition.columns)
    return f"{told} the target '{definition.name}' has no such field; its fields are {fields}."
