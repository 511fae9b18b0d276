"""Step 1: at upload, the headers of a sheet are matched with the fields of a target."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from import_targets.close_spellings import CloseField, close_fields
from import_targets.header_faults import header_faults
from import_targets.header_keys import header_key
from import_targets.header_mapping import mapped_fields
from import_targets.matched_header import MatchedHeader, Via, sure
from sluice.job_layout import MappedColumn, column_letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from import_targets.definition import TargetColumn, TargetDefinition
    from import_targets.header_mapping import HeaderMapping

_NO_MAPPING: Final[Mapping[str, str | None]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMatch:
    """Which column feeds which field; `faults` are sentences, and with any the sheet is refused.

    `duplicates` holds, for each field fed more than once, its name and the columns' letters;
    `mapping_faults` those of the faults that are the mapping's own.
    """

    headers: tuple[MatchedHeader, ...]
    missing_required: tuple[str, ...]
    duplicates: tuple[tuple[str, tuple[str, ...]], ...]
    mapping_faults: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def columns(self) -> tuple[MappedColumn, ...]:
        """What a job keeps of it; PostgreSQL keeps no NUL."""
        return tuple(
            MappedColumn(
                index=found.index, header=found.header.replace("\0", ""), field=found.field
            )
            for found in self.headers
        )

    @property
    def fed(self) -> int:
        """How many columns feed a field."""
        return sum(1 for found in self.headers if found.field is not None)

    @property
    def code(self) -> str:
        """What a sheet with faults is refused with."""
        if self.mapping_faults:
            return "MAPPING_INVALID"
        return "HEADER_DUPLICATE" if self.duplicates else "HEADER_INVALID"


def match_headers(
    definition: TargetDefinition,
    headers: Sequence[tuple[int, str]],
    mapping: HeaderMapping = _NO_MAPPING,
    *,
    guess: bool = True,
) -> HeaderMatch:
    """Match headers, each with its 0-based column, with a target's fields.

    What the mapping says of a column goes before everything, and a field's own name before its
    aliases. A header that no field knows feeds one only where it is surely a misspelling; it stays
    unmapped otherwise, with a suggestion where there is one. For the target `records` each header
    is a field, and a blank one is named by its letter. Without `guess` misspellings are not looked
    for.
    """
    mapped = mapped_fields(definition, headers, mapping)
    found = {
        index: sure(index, header, mapped.by_column[index], "mapping")
        for index, header in headers
        if index in mapped.by_column
    }
    left = [(index, header) for index, header in headers if index not in found]
    if definition.kind == "records":
        found |= {index: _as_its_own_field(index, header) for index, header in left}
    else:
        fed = set(mapped.by_column.values())
        found |= _by_spelling(definition.columns, left, fed, guess=guess)
    matched = tuple(found[index] for index, _ in headers)
    told = header_faults(matched, definition.columns)
    return HeaderMatch(
        headers=matched,
        missing_required=told.missing_required,
        duplicates=told.duplicates,
        mapping_faults=mapped.faults,
        faults=(*mapped.faults, *told.faults),
    )


def _as_its_own_field(index: int, header: str) -> MatchedHeader:
    # A JSON key with a NUL is what PostgreSQL would refuse in every single row.
    field = unicodedata.normalize("NFC", header).replace("\0", "").strip() or column_letter(index)
    return sure(index, header, field, "name")


def _by_spelling(
    columns: Sequence[TargetColumn],
    headers: Sequence[tuple[int, str]],
    fed: set[str | None],
    *,
    guess: bool,
) -> dict[int, MatchedHeader]:
    by_name = {header_key(column.name): column.name for column in columns}
    by_alias = {header_key(alias): column.name for column in columns for alias in column.aliases}
    roads: tuple[tuple[Via, Mapping[str, str]], ...] = (("name", by_name), ("alias", by_alias))
    found: dict[int, MatchedHeader] = {}
    for via, known in roads:
        # Two columns of one name both feed it, which is told; an alias yields to a name
        taken = fed | {match.field for match in found.values()}
        for index, header in headers:
            field = known.get(header_key(header))
            if field is not None and field not in taken and index not in found:
                found[index] = sure(index, header, field, via)
    unknown = [(index, header) for index, header in headers if index not in found]
    taken = fed | {match.field for match in found.values()}
    close = close_fields(columns, unknown, taken) if guess else {}
    return found | {
        index: _as_seems_meant(index, header, close.get(index)) for index, header in unknown
    }


def _as_seems_meant(index: int, header: str, close: CloseField | None) -> MatchedHeader:
    if close is None:
        return MatchedHeader(index=index, header=header)
    return MatchedHeader(
        index=index,
        header=header,
        field=close.field if close.is_sure else None,
        suggested=close.field,
        confidence=close.confidence,
        via="close",
    )
