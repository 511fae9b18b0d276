"""Why the headers of a sheet do not fit a target, in sentences that name columns by letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from import_targets.column_names import and_joined, columns_told, named
from sluice.job_layout import column_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from import_targets.definition import TargetColumn
    from import_targets.matched_header import MatchedHeader

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFaults:
    """What does not fit, as names and as sentences."""

    missing_required: tuple[str, ...]
    duplicates: tuple[tuple[str, tuple[str, ...]], ...]
    faults: tuple[str, ...]


def header_faults(headers: Sequence[MatchedHeader], wanted: Sequence[TargetColumn]) -> HeaderFaults:
    """Return every fault: fields fed twice, required fields fed by nothing, nothing fed at all."""
    letters: dict[str, list[str]] = {}
    for found in headers:
        if found.field is not None:
            letters.setdefault(found.field, []).append(column_letter(found.index))
    duplicates = tuple((field, tuple(at)) for field, at in letters.items() if len(at) > 1)
    missing = [c for c in wanted if c.required and c.default is None and c.name not in letters]
    faults = [_duplicate(field, at) for field, at in duplicates]
    faults += [_missing(column, headers) for column in missing]
    if missing and (told := _unfed(headers)):
        faults.append(told)
    if not letters:
        faults.append(
            "No header of the sheet names a field of the target; "
            "check that the first filled row is the header."
        )
    return HeaderFaults(
        missing_required=tuple(column.name for column in missing),
        duplicates=duplicates,
        faults=tuple(faults),
    )


def _duplicate(field: str, at: tuple[str, ...]) -> str:
    return f"Columns {and_joined(at)} all feed '{field}'; rename or remove all but one."


def _missing(column: TargetColumn, headers: Sequence[MatchedHeader]) -> str:
    told = f"No column feeds the required field '{column.name}'"
    for found in headers:
        if found.field is None and found.suggested == column.name:
            where = named(found.index, found.header)
            return f"{told}; column {where} may be meant: rename it, or map it to that field."
    also = f" (or {', '.join(repr(alias) for alias in column.aliases)})" if column.aliases else ""
    return f"{told}; add one headed so{also}."


def _unfed(headers: Sequence[MatchedHeader]) -> str:
    """Return which columns have a header that no field knows, for whoever looks for the missing."""
    unfed = [(f.index, f.header) for f in headers if f.field is None and f.header.strip()]
    if not unfed:
        return ""
    told = columns_told(unfed, _SHOWN)
    return f"{told[0].upper()}{told[1:]} {'feeds' if len(unfed) == 1 else 'feed'} no field."
