"""Step 1: at upload, the headers of a sheet are matched with the fields of a target."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sluice.job_layout import MappedColumn, column_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from import_targets.definition import TargetColumn, TargetDefinition

# Letters that Unicode does not decompose into a plain one and an accent.
_UNDECOMPOSED: Final = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "\u0131": "i"})
_DASHES: Final = frozenset("_-\u2010\u2011\u2012\u2013\u2014\u2015")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMatch:
    """Which column feeds which field; `faults` are sentences, and with any the sheet is refused.

    `duplicates` holds, for each field fed more than once, its name and the columns' letters.
    """

    columns: tuple[MappedColumn, ...]
    missing_required: tuple[str, ...]
    duplicates: tuple[tuple[str, tuple[str, ...]], ...]
    faults: tuple[str, ...]

    @property
    def code(self) -> str:
        """What a sheet with faults is refused with."""
        return "HEADER_DUPLICATE" if self.duplicates else "HEADER_INVALID"


def header_key(header: str) -> str:
    """Return what two spellings of one header have in common.

    Case, accents, spaces, underscores and hyphens do not count: `E-Mail` is `email`, and
    `Đơn giá` is `don_gia`.
    """
    plain = unicodedata.normalize("NFKD", header.casefold()).translate(_UNDECOMPOSED)
    return "".join(
        c for c in plain if not (unicodedata.combining(c) or c.isspace() or c in _DASHES)
    ).casefold()


def match_headers(definition: TargetDefinition, headers: Sequence[tuple[int, str]]) -> HeaderMatch:
    """Match headers, each with its 0-based column, with a target's fields.

    A field's own name goes before its aliases. A header that no field knows stays unmapped.
    For the target `records` each header is a field, and a blank one is named by its letter.
    """
    if definition.kind == "records":
        columns = tuple(_as_its_own_field(index, header) for index, header in headers)
        return _with_faults(columns, ())
    by_column = _fields_by_column(definition.columns, headers)
    columns = tuple(
        MappedColumn(index=index, header=header, field=by_column.get(index))
        for index, header in headers
    )
    return _with_faults(columns, definition.columns)


def _as_its_own_field(index: int, header: str) -> MappedColumn:
    # A JSON key with a NUL is what PostgreSQL would refuse in every single row.
    field = unicodedata.normalize("NFC", header).replace("\0", "").strip() or column_letter(index)
    return MappedColumn(index=index, header=header, field=field)


def _fields_by_column(
    columns: Sequence[TargetColumn], headers: Sequence[tuple[int, str]]
) -> dict[int, str]:
    by_name = {header_key(column.name): column.name for column in columns}
    by_alias = {header_key(alias): column.name for column in columns for alias in column.aliases}
    by_column: dict[int, str] = {}
    for known in (by_name, by_alias):
        fed = set(by_column.values())
        for index, header in headers:
            field = known.get(header_key(header))
            if field is not None and field not in fed and index not in by_column:
                by_column[index] = field
    return by_column


def _with_faults(columns: tuple[MappedColumn, ...], wanted: Sequence[TargetColumn]) -> HeaderMatch:
    letters: dict[str, list[str]] = {}
    for column in columns:
        if column.field is not None:
            letters.setdefault(column.field, []).append(column_letter(column.index))
    duplicates = tuple((field, tuple(at)) for field, at in letters.items() if len(at) > 1)
    missing = [c for c in wanted if c.required and c.default is None and c.name not in letters]
    faults = [_duplicate_fault(field, at) for field, at in duplicates]
    faults += [_missing_fault(column) for column in missing]
    if not letters:
        faults.append(
            "No header of the sheet names a field of the target; "
            "check that the first filled row is the header."
        )
    return HeaderMatch(
        columns=columns,
        missing_required=tuple(column.name for column in missing),
        duplicates=duplicates,
        faults=tuple(faults),
    )


def _duplicate_fault(field: str, at: tuple[str, ...]) -> str:
    where = f"{', '.join(at[:-1])} and {at[-1]}"
    return f"Columns {where} all feed '{field}'; rename or remove all but one."


def _missing_fault(column: TargetColumn) -> str:
    also = f" (or {', '.join(repr(alias) for alias in column.aliases)})" if column.aliases else ""
    return f"No column feeds the required field '{column.name}'; add one headed so{also}."
